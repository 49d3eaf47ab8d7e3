import '../../test/frozen-inputs.js';
import { LimitExceededError, PromptInputError, TemplateError } from '@pipewright/core';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { deepFreeze } from '../../test/deep-freeze.js';
import { expectGrowthBelow, expectTimeBelow } from '../../../../test/cost.js';
import { rejection, thrown } from '../../test/failure.js';
import { ChatPromptTemplate, PromptTemplate } from '../index.js';
import { compileMustache } from './compile.js';
import { renderNaively, sourceOf, type Piece } from '../../test/naive-mustache.js';

const render = (template: string, values: Record<string, unknown>): string =>
  compileMustache(template).fill(deepFreeze(values));

describe('a mustache template', () => {
  test.each([
    ['{{a}} {{ a }} {{{a}}} {{& a }} {{&a}}', 'A A A A A'],
    ['{"json": {{a}}} {a}', '{"json": A} {a}'],
    ['{{html}}', '<b>"&\'</b>'],
    ['{{user.name}} {{user.home.city}}', 'Bo Oslo'],
    ['{{#list}}{{.}},{{/list}}', '1,2,3,'],
    ['{{#people}}{{name}} of {{a}}; {{/people}}', 'X of A; Y of A; '],
    ['{{#people}}{{#tags}}{{name}}:{{.}} {{/tags}}{{/people}}', 'X:p X:q '],
    ['{{#user}}{{name}} in {{home.city}}{{/user}}', 'Bo in Oslo'],
    ['{{#user.home}}{{city}}{{/user.home}}', 'Oslo'],
    ['{{#yes}}{{a}}{{/yes}}{{^yes}}no{{/yes}}', 'A'],
    ['{{#no}}x{{/no}}{{^no}}none{{/no}}', 'none'],
    ['{{#missing}}x{{/missing}}{{^missing}}none{{/missing}}', 'none'],
    ['{{#user.missing.deep}}x{{/user.missing.deep}}{{^user.missing}}none{{/user.missing}}', 'none'],
    ['{{#empty}}x{{/empty}}{{^empty}}none{{/empty}}', 'none'],
    ['{{#zero}}x{{/zero}}{{#blank}}x{{/blank}}{{^nothing}}ok{{/nothing}}', 'ok'],
    ['{{#a}}{{.}}{{a}}{{/a}}', 'AA'],
    ['{{#rows}}{{#.}}{{.}}{{/.}};{{/rows}}', '12;3;'],
    ['a{{! a remark {{ with braces }}b', 'ab'],
    ['{{list}} {{user.home}} {{zero}} {{yes}} {{nothing}}', '[1,2,3] {"city":"Oslo"} 0 true null'],
    ['}} { } {', '}} { } {'],
  ])('behaviour 100: %j renders as %j', (template, text) => {
    const values = {
      a: 'A',
      html: '<b>"&\'</b>',
      user: { name: 'Bo', home: { city: 'Oslo' } },
      list: [1, 2, 3],
      rows: [[1, 2], [3]],
      people: [
        { name: 'X', tags: ['p', 'q'] },
        { name: 'Y', tags: [] },
      ],
      yes: true,
      no: false,
      zero: 0,
      blank: '',
      empty: [],
      nothing: null,
    };
    expect(render(template, values)).toBe(text);
  });

  test.each([
    ['{{#a}}\n- {{.}}\n{{/a}}\nend', '- 1\n- 2\nend'],
    ['  {{#a}}  \r\n{{.}}\r\n\t{{/a}}\r\nend', '1\r\n2\r\nend'],
    ['x {{#a}}\n{{.}}{{/a}}', 'x \n1\n2'],
    ['{{! remark }}\nx\n  {{! two\n lines }}  \ny', 'x\ny'],
    ['{{^b}}\nnone\n{{/b}}', 'none\n'],
    ['{{a}}\n', '[1,2]\n'],
    ['{{#a}} {{/a}}', ''],
  ])('a line of tags only leaves nothing: %j', (template, text) => {
    expect(render(template, { a: [1, 2] })).toBe(text);
  });

  test.each([
    ['x {{a', 2, 'never closed'],
    ['x {{{a}}', 2, 'never closed'],
    ['{{}}', 2, 'name no variable'],
    ['{{ }}', 3, 'name no variable'],
    ['{{#}}x{{/}}', 3, 'name no variable'],
    ['{{a b}}', 4, 'Unexpected "b"'],
    ['{{a.}}', 3, 'ends with a "."'],
    ['{{.a}}', 3, 'Unexpected "a"'],
    ['{{a..b}}', 4, 'Unexpected "."'],
    ['{{a[0]}}', 3, 'Unexpected "["'],
    ['{{a()}}', 3, 'Unexpected "("'],
    ['{{0}}', 2, 'Unexpected "0"'],
    ['{{{{a}}}}', 3, 'Unexpected "{"'],
    ['ab{{#a}}x', 2, 'The section "{{#a}}" is never closed'],
    ['{{#a}}{{^b.c}}x{{/a}}', 15, '"{{/a}}" closes nothing: "{{#b.c}}" is open'],
    ['x{{/a}}', 1, 'no section is open'],
    ['{{> other}}', 0, 'not supported'],
    ['{{=<% %>=}}', 0, 'not supported'],
    ['x{{.}}', 1, 'outside a section'],
    ['{{#.}}{{/.}}', 0, 'outside a section'],
  ])(
    'the malformed %j is refused when the prompt is built, with its place',
    (template, position, problem) => {
      const error = thrown(
        () => PromptTemplate.fromTemplate(template as string, { templateFormat: 'mustache' }),
        TemplateError,
      );
      expect(error.position).toBe(position);
      expect(error.template).toBe(template);
      expect(error.message).toContain(problem);
      expect(error.message).toContain(`position ${position}`);
    },
  );

  test('errors name a position inside the template', () => {
    const unit = fc.constantFrom(
      '{{',
      '}}',
      '{',
      '}',
      '#',
      '/',
      '^',
      '.',
      'a',
      ' ',
      '!',
      '\n',
      '>',
      '\ud800',
    );
    fc.assert(
      fc.property(fc.array(unit), (units) => {
        const template = units.join('');
        try {
          compileMustache(template);
        } catch (error) {
          expect(error).toBeInstanceOf(TemplateError);
          const { position, template: named } = error as TemplateError;
          expect(named).toBe(template);
          expect(position).toBeGreaterThanOrEqual(0);
          expect(position).toBeLessThan(template.length);
        }
      }),
    );
  });

  test('its variables are the roots of its names; those of sections and inside of them may be missing', () => {
    const template = compileMustache(
      '{{a.b}} {{#list}}{{a}}{{x.y}}{{/list}}{{^none}}{{z}}{{/none}} {{q}} {{#q}}{{/q}}',
    );
    const prompt = PromptTemplate.fromTemplate(
      '{{a.b}} {{#list}}{{a}}{{x.y}}{{/list}}{{^none}}{{z}}{{/none}} {{q}} {{#q}}{{/q}}',
      { templateFormat: 'mustache' },
    );
    expect([...new Set(template.variables.map(({ name }) => name))]).toEqual([
      'a',
      'list',
      'x',
      'none',
      'z',
      'q',
    ]);
    expect(prompt.inputVariables).toEqual(['a', 'q']);
  });

  test('F126: all missing names are named, and none is rendered as nothing', async () => {
    const prompt = PromptTemplate.fromTemplate('{{a}} {{b.c}} {{#d}}{{e}}{{/d}}', {
      templateFormat: 'mustache',
    });
    const nothing = await rejection(prompt.invoke({} as never), PromptInputError);
    expect(nothing.missing).toEqual(['a', 'b']);
    const path = await rejection(prompt.invoke({ a: 1, b: {} }), PromptInputError);
    expect(path.missing).toEqual(['b.c']);
    const inside = await rejection(prompt.invoke({ a: 1, b: { c: 2 }, d: [{}] }), PromptInputError);
    expect(inside.missing).toEqual(['e']);
    expect(inside.message).toContain('{{#e}}');
    expect(await prompt.format({ a: 1, b: { c: 2 }, d: [{ e: 3 }], e: 4 })).toBe('1 2 3');
    expect(await prompt.format({ a: 1, b: { c: 2 }, d: [{}], e: 4 })).toBe('1 2 4');
  });

  test('partials reach into sections, and other values stay at hand', async () => {
    const prompt = PromptTemplate.fromTemplate('{{#list}}{{unit}}{{.}} {{/list}}', {
      templateFormat: 'mustache',
    });
    expect(await prompt.partial({ unit: async () => '€' }).format({ list: [1, 2] })).toBe('€1 €2 ');
  });

  test('in chat prompts, placeholders and blocks', async () => {
    const prompt = ChatPromptTemplate.fromMessages(
      [
        ['system', 'You are {{persona}}. {"a": 1}'],
        ['placeholder', '{{history}}'],
        ['placeholder', '{more}'],
        ['human', [{ type: 'text', text: '{{#items}}{{.}} {{/items}}' }]],
      ],
      { templateFormat: 'mustache' },
    );
    const messages = await prompt.formatMessages({ persona: 'a poet', history: ['Hi'], items: [1, 2] });
    expect(messages.map(({ text }) => text)).toEqual(['You are a poet. {"a": 1}', 'Hi', '1 2 ']);
  });
});

describe('nobody gets more out of a template than own values', () => {
  test.each([
    '{{constructor}}',
    '{{a.constructor}}',
    '{{a.constructor.name}}',
    '{{a.__proto__}}',
    '{{toString}}',
    '{{list.length}}',
    '{{text.length}}',
    '{{call.name}}',
    '{{call}}',
    '{{#call}}x{{/call}}',
    '{{later}}',
    '{{#later}}x{{/later}}',
    '{{ self.__init__.__globals__ }}',
  ])('T3: %j finds nothing that is inherited, and calls nothing', async (template) => {
    const call = vi.fn(() => 'called');
    const prompt = PromptTemplate.fromTemplate(template as string, { templateFormat: 'mustache' });
    const values = { a: {}, list: [1], text: 'abc', call, later: Promise.resolve(1) };
    await rejection(prompt.invoke(values), PromptInputError);
    expect(call).not.toHaveBeenCalled();
  });

  test.each([
    '{{#constructor}}x{{/constructor}}',
    '{{#a.__proto__}}x{{/a.__proto__}}',
    '{{#toString}}x{{/toString}}',
  ])('T3: the section %j is about nothing', (template) => {
    expect(render(template, { a: {} })).toBe('');
  });

  test('T3: own properties of such names are values like others', () => {
    const values = JSON.parse('{"__proto__": {"x": 1}, "constructor": "C", "hasOwnProperty": [{}]}') as never;
    expect(render('{{__proto__.x}} {{constructor}} {{#hasOwnProperty}}y{{/hasOwnProperty}}', values)).toBe(
      '1 C y',
    );
  });

  test.each([
    '{{constructor.constructor("return process")()}}',
    '{{#with "s" as |string|}}{{/with}}',
    '{{7*7}}',
    '{{#each this}}{{/each}}',
    '{{lookup a "b"}}',
    "{{ ''.__class__.mro() }}",
    '{{> /etc/passwd}}',
    '{{=<% %>=}}<% x %>',
    '{{{{raw}}}}',
  ])('T2: %j is refused', (template) => {
    thrown(() => compileMustache(template), TemplateError);
  });

  test.each(['{% include "/etc/passwd" %}', '${7*7}', '<%= 7*7 %>', '#{7*7}', '{7*7}', '@(7*7)'])(
    'T2: %j is text',
    (template) => {
      expect(render(template, {})).toBe(template);
    },
  );

  test('T4: a value is inserted exactly and never looked into', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom('{{', '}}', 'a', '#', '/', '\n', '\u0000', '\ud800') }),
    );
    fc.assert(
      fc.property(text, (value) => {
        expect(render('{{a}}', { a: value, b: 'leak' })).toBe(value);
        expect(render('{{#a}}{{.}}{{/a}}', { a: [value], b: 'leak' })).toBe(value);
      }),
    );
  });
});

describe('agrees with a naive rendering', () => {
  const NAMES = ['a', 'b', 'list', '__proto__', 'constructor', 'toString'];
  const name = fc.constantFrom(...NAMES);
  const path = fc.array(name, { minLength: 1, maxLength: 3 });
  const text = fc.string({ unit: fc.constantFrom('x', ' ', '\n', '{', '}', '"', '\ud800', '\u0000', '<') });
  const { piece } = fc.letrec<{ piece: Piece; pieces: Piece[] }>((tie) => ({
    pieces: fc.array(tie('piece'), { maxLength: 4 }),
    piece: fc.oneof(
      { depthSize: 'small' },
      text.map((content): Piece => ({ text: content })),
      path.map((names): Piece => ({ value: names })),
      fc.record({ section: path, inverted: fc.boolean(), pieces: tie('pieces') }) as fc.Arbitrary<Piece>,
    ),
  }));
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.string({ unit: 'binary' }),
      fc.constantFrom('{{a}}', '', 0, 1, true, false, null, undefined),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(name, tie('value'), { maxKeys: 4 }),
    ),
  }));

  test('T3: on generated templates and values', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 5 }), fc.dictionary(name, value), (pieces, values) => {
        const source = pieces.map(sourceOf).join('');
        const expected = renderNaively(pieces, values);
        let got: string | undefined;
        try {
          got = compileMustache(source).fill(deepFreeze(values) as Record<string, unknown>);
        } catch (error) {
          expect(error).toBeInstanceOf(PromptInputError);
        }
        expect(got).toBe(expected);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('T6: sizes', () => {
  test('100,000 nested sections are refused at once, 32 are not', () => {
    const nested = (depth: number): string => `${'{{#a}}'.repeat(depth)}x${'{{/a}}'.repeat(depth)}`;
    expect(render(nested(32), { a: true })).toBe('x');
    expect(thrown(() => compileMustache(nested(33)), LimitExceededError).maximum).toBe(32);
    const deep = '{{#a}}'.repeat(100_000);
    expectTimeBelow(50, () => thrown(() => compileMustache(deep), LimitExceededError));
  });

  test('sections over one list multiply up to a limit', () => {
    const template = `${'{{#a}}'.repeat(32)}${'{{/a}}'.repeat(32)}`;
    const error = thrown(
      () => render(template, { a: Array.from({ length: 10 }, () => 1) }),
      LimitExceededError,
    );
    expect(error.message).toContain('Pass shorter lists');
  });

  test('a text that grows past 64 MiB is refused, in both formats', async () => {
    const a = 'x'.repeat(5_000_000);
    thrown(() => render('{{a}}'.repeat(20), { a }), LimitExceededError);
    await rejection(PromptTemplate.fromTemplate('{a}'.repeat(20)).invoke({ a }), LimitExceededError);
  });

  test.each([
    ['text', 'x'],
    ['newlines', '\n'],
    ['single braces', '{ } '],
    ['values', '{{abc}}'],
    ['dotted names', '{{a.b.c}}'],
    ['sections', '{{#a}} {{/a}}'],
    ['remarks on lines of their own', '{{! x }}\n'],
    ['remarks on one line', '{{! x }} '],
  ])('a template takes time in proportion to its length: %s', (_, unit) => {
    const build = (size: number) => {
      const template = unit.repeat(Math.floor(size / unit.length));
      return () => void compileMustache(template);
    };
    expectGrowthBelow(16 * 6, build(65_536), build(1_048_576));
  });

  test('F126: a value of 5 MB costs time in proportion', () => {
    const template = compileMustache('{{a}} {{#a}}{{.}}{{/a}}');
    const fill = (size: number) => {
      const a = '{'.repeat(size);
      return () => expect(template.fill({ a })).toHaveLength(2 * size + 1);
    };
    expectGrowthBelow(16 * 6, fill(312_500), fill(5_000_000));
  });
});
