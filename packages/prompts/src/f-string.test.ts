import { LimitExceededError, TemplateError } from '@pipewright/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rejection, thrown } from '../test/failure.js';
import { expectGrowthBelow } from '../../../test/cost.js';
import { escapeTemplate, PromptTemplate } from './index.js';
import { compileTemplate } from './template.js';

const anyString = fc.string({ unit: 'binary' });
const withBraces = fc.string({
  unit: fc.constantFrom('{', '}', 'a', 'é', ' ', '.', '0', '_', '\ud800', '𝒳'),
});

describe('an f-string', () => {
  test.each([
    ['{{a}} {b}', '{a} B'],
    ['}}{{', '}{'],
    ['{{pre{foo}post}}', '{preFOOpost}'],
    ['{{{b}}}', '{B}'],
    ['{b}{b}', 'BB'],
    ['', ''],
    ['no variables', 'no variables'],
    ['{{{{', '{{'],
    ['"{{b}}": {b}, {{}}', '"{b}": B, {}'],
  ])('behaviour 86: %j renders as %j', (template, text) => {
    expect(compileTemplate(template).fill({ b: 'B', foo: 'FOO' })).toBe(text);
  });

  test.each([
    ['a { b', 3, 'Unexpected " "'],
    ['a {', 2, 'never closed'],
    ['a {name', 2, 'never closed'],
    ['a } b', 2, 'closes nothing'],
    ['{a}}', 3, 'closes nothing'],
    ['}}}', 2, 'closes nothing'],
    ['{{{', 2, 'never closed'],
    ['{}', 0, 'names no variable'],
    ['{a{b}}', 2, 'Unexpected "{"'],
  ])(
    'behaviour 87: the lone brace in %j is refused when the prompt is built',
    (template, position, problem) => {
      const error = thrown(() => PromptTemplate.fromTemplate(template), TemplateError);
      expect(error.position).toBe(position);
      expect(error.template).toBe(template);
      expect(error.message).toContain(problem);
      expect(error.message).toContain(`position ${position}`);
      expect(error.message).toContain('a brace of the text itself is doubled');
    },
  );

  test.each([
    ['{ x }', 1],
    ['{x }', 2],
    ['{x:>10}', 2],
    ['{x!r}', 2],
    ['{x\n}', 2],
  ])('D53: whitespace and format specs in %j are no variable names', (template, position) => {
    expect(thrown(() => compileTemplate(template), TemplateError).position).toBe(position);
  });

  test.each([
    '{a.b}',
    '{a[0]}',
    '{a["b"]}',
    '{a()}',
    '{a-b}',
    '{0}',
    '{$a}',
    '{a?.b}',
    '{{{a.b}}}',
    '{a:{b.c}}',
    '{\u200ba}',
  ])('T1: %j does not reach into values', (template) => {
    expect(thrown(() => compileTemplate(template), TemplateError).message).toContain('Unexpected');
  });

  test('T1: whatever is accepted names identifiers only', () => {
    fc.assert(
      fc.property(withBraces, (template) => {
        const names = namesIn(template);
        for (const name of names) expect(name).toMatch(/^[\p{ID_Start}_]\p{ID_Continue}*$/u);
      }),
    );
  });

  test.each(['größe', 'имя', '名前', 'नाम', '_x1', '𝒳', 'x̂'])('%j is a name, in any script', (name) => {
    expect(compileTemplate(`<{${name}}>`).fill({ [name]: 1 })).toBe('<1>');
  });

  test('an error quotes what is around it, and no more', () => {
    const template = `${'a'.repeat(1000)}{x.y}${'b'.repeat(1000)}`;
    const error = thrown(() => compileTemplate(template), TemplateError);
    expect(error.position).toBe(1002);
    expect(error.message).toContain('aaa{x.y}bbb');
    expect(error.message.length).toBeLessThan(300);
  });

  test('errors name a position inside the template', () => {
    fc.assert(
      fc.property(fc.oneof(withBraces, anyString), (template) => {
        try {
          compileTemplate(template);
        } catch (error) {
          const { position } = error as TemplateError;
          expect(error).toBeInstanceOf(TemplateError);
          expect(position).toBeGreaterThanOrEqual(0);
          expect(position).toBeLessThan(template.length);
        }
      }),
    );
  });

  test('T3: agrees with a naive rendering of what the template was put together from', () => {
    const piece = fc.oneof(
      anyString.map((text) => ({ source: escapeTemplate(text), rendered: () => text })),
      fc.constantFrom('a', 'b', '__proto__', 'constructor').map((name) => ({
        source: `{${name}}`,
        rendered: (values: Record<string, string>) => values[name],
      })),
    );
    const values = fc.tuple(anyString, anyString, anyString, anyString).map(([a, b, c, d]) =>
      Object.fromEntries([
        ['a', a],
        ['b', b],
        ['__proto__', c],
        ['constructor', d],
      ]),
    );
    fc.assert(
      fc.property(fc.array(piece), values, (pieces, given) => {
        const source = pieces.map((each) => each.source).join('');
        const expected = pieces.map((each) => each.rendered(given)).join('');
        expect(compileTemplate(source).fill(Object.freeze(given))).toBe(expected);
      }),
    );
  });

  test('T4, F126: a value is inserted exactly and never looked into', () => {
    fc.assert(
      fc.property(fc.oneof(withBraces, anyString), (text) => {
        expect(compileTemplate('{a}').fill({ a: text, b: 'leak' })).toBe(text);
      }),
    );
    for (const text of ['{b}', '{{', '}', '\u0000', '\ud800', '\u202eabc', '{a}{a}', '$&', '${b}']) {
      expect(compileTemplate('<{a}>').fill({ a: text, b: 'leak' })).toBe(`<${text}>`);
    }
  });

  test('T4: escaped text shows as it was, also next to variables', () => {
    fc.assert(
      fc.property(withBraces, withBraces, (before, after) => {
        const template = compileTemplate(`${escapeTemplate(before)}{a}${escapeTemplate(after)}`);
        expect(template.fill({ a: '*' })).toBe(`${before}*${after}`);
      }),
    );
  });

  test('behaviour 90: a repeated variable is listed once, in the order of first use', () => {
    expect(compileTemplate('{b} {a} {b} {c} {a}').variables.map(({ name }) => name)).toEqual(['b', 'a', 'c']);
  });

  test('T6: a template over 1 MiB is refused, one of 1 MiB is not', async () => {
    const most = 'x'.repeat(1024 * 1024);
    expect(await PromptTemplate.fromTemplate(most).format({})).toBe(most);
    const error = thrown(() => PromptTemplate.fromTemplate(`${most}x`), LimitExceededError);
    expect(error.maximum).toBe(1024 * 1024);
    expect(error.message).toContain('as variables');
  });

  test.each([
    ['text', () => 'x'],
    ['braces', () => '{{'],
    ['variables', () => '{abc}'],
    ['distinct variables', (index: number) => `{v${index}}`],
  ])('takes time in proportion to its length: %s', (_, piece) => {
    const build = (size: number): (() => void) => {
      let template = '';
      for (let index = 0; template.length < size; index += 1) template += piece(index);
      return () => void PromptTemplate.fromTemplate(template);
    };
    expectGrowthBelow(16 * 6, build(60_000), build(960_000));
  });

  test('F126: a value of 5 MB costs time in proportion', () => {
    const template = compileTemplate('{a} {a}');
    const fill = (size: number) => {
      const a = '{'.repeat(size);
      return () => expect(template.fill({ a })).toHaveLength(2 * size + 1);
    };
    expectGrowthBelow(16 * 6, fill(312_500), fill(5_000_000));
  });

  test('a template that is no text is refused', async () => {
    expect(() => new PromptTemplate({ template: 5 as never })).toThrow(
      'The template is a number; give a string.',
    );
    expect(
      (await rejection(PromptTemplate.fromTemplate('{a}').invoke(undefined as never), Error)).message,
    ).toContain('"a"');
  });
});

function namesIn(template: string): readonly string[] {
  try {
    return compileTemplate(template).variables.map(({ name }) => name);
  } catch {
    return [];
  }
}
