import '../test/frozen-inputs.js';
import { AIMessage, ConfigError, HumanMessage, PromptInputError, SystemMessage } from '@pipewright/core';
import { runnableLaws } from '@pipewright/core/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { deepFreeze } from '../test/deep-freeze.js';
import { rejection, thrown } from '../test/failure.js';
import {
  ChatPromptTemplate,
  FewShotChatMessagePromptTemplate,
  FewShotPromptTemplate,
  PromptTemplate,
} from './index.js';

const examplePrompt = PromptTemplate.fromTemplate('Q: {q}\nA: {a}');
const examples = deepFreeze([
  { q: '1', a: 'one' },
  { q: '2', a: 'two' },
]);

const shown = new FewShotPromptTemplate({
  prefix: 'Spell {how}.',
  examples,
  examplePrompt,
  suffix: 'Q: {input}\nA:',
});

describe('a few-shot prompt', () => {
  for (const law of runnableLaws(() => shown, [Object.freeze({ how: 'well', input: 3 })])) {
    test(law.name, () => law.check());
  }

  test('behaviour 101: prefix, examples and suffix are joined by blank lines, or by what is wanted', async () => {
    expect(await shown.format({ how: 'well', input: '3' })).toBe(
      'Spell well.\n\nQ: 1\nA: one\n\nQ: 2\nA: two\n\nQ: 3\nA:',
    );
    const dense = new FewShotPromptTemplate({
      examples,
      examplePrompt,
      suffix: '{x}',
      exampleSeparator: '|',
    });
    expect(await dense.format('end')).toBe('Q: 1\nA: one|Q: 2\nA: two|end');
    expect(shown.inputVariables).toEqual(['how', 'input']);
  });

  test('D52: without a prefix it does not begin with a separator, nor end with one without a suffix', async () => {
    const bare = new FewShotPromptTemplate({ examples, examplePrompt });
    expect(await bare.format({})).toBe('Q: 1\nA: one\n\nQ: 2\nA: two');
    const none = new FewShotPromptTemplate({ examples: [], examplePrompt, suffix: '{x}' });
    expect(await none.format('x')).toBe('x');
  });

  test('D48: what examples hold is text, braces and all', async () => {
    const tricky = [{ q: '{input} {{', a: '}' }];
    const prompt = new FewShotPromptTemplate({ examples: tricky, examplePrompt, suffix: '{input}' });
    expect(prompt.inputVariables).toEqual(['input']);
    expect(await prompt.format({ input: 'secret {q}' })).toBe('Q: {input} {{\nA: }\n\nsecret {q}');
  });

  test('D48, T4: no text in an example or a value is ever looked into', () => {
    const text = fc.string({
      unit: fc.constantFrom('{', '}', 'input', 'q', '"', '\u0000', '\ud800', '{{#q}}'),
    });
    fc.assert(
      fc.property(text, text, text, (q, a, input) => {
        for (const templateFormat of ['f-string', 'mustache'] as const) {
          const suffix = templateFormat === 'mustache' ? '{{input}}' : '{input}';
          const prompt = new FewShotPromptTemplate({
            examples: deepFreeze([{ q, a }]),
            examplePrompt,
            suffix: suffix as string,
            templateFormat,
          });
          const { value } = prompt.invokeSync(Object.freeze({ input }));
          expect(value).toBe(`Q: ${q}\nA: ${a}\n\n${input}`);
        }
      }),
    );
  });

  test('behaviour 101: both or neither of examples and selector are refused', () => {
    const exampleSelector = { selectExamples: () => [] };
    expect(() => new FewShotPromptTemplate({ examplePrompt })).toThrow('neither was given');
    expect(() => new FewShotPromptTemplate({ examplePrompt, examples, exampleSelector })).toThrow(
      'both were given',
    );
    expect(() => new FewShotPromptTemplate({ examples } as never)).toThrow(ConfigError);
  });

  test('an example that lacks something is refused when the prompt is built, by its place', () => {
    const build = (...list: unknown[]) =>
      thrown(() => new FewShotPromptTemplate({ examplePrompt, examples: list as never }), ConfigError)
        .message;
    expect(build({ q: 1, a: 2 }, { q: 1 })).toContain('Example 2 has no "a"');
    expect(build(5)).toContain('Example 1 is a number');
    expect(build(null)).toContain('Example 1 is null');
  });

  test('a selector sees the values, and those that only it reads can be declared', async () => {
    const seen: unknown[] = [];
    const exampleSelector = {
      selectExamples: async (values: object) => {
        seen.push({ ...values });
        return examples.slice(0, 1);
      },
    };
    const prompt = new FewShotPromptTemplate({
      exampleSelector,
      examplePrompt,
      suffix: '{input}',
      inputVariables: ['topic'],
    });
    expect((await rejection(prompt.invoke({ input: 1 } as never), PromptInputError)).missing).toEqual([
      'topic',
    ]);
    expect(await prompt.format({ input: 'x', topic: 't' })).toBe('Q: 1\nA: one\n\nx');
    expect(await prompt.partial({ topic: async () => 'p' }).format('y')).toBe('Q: 1\nA: one\n\ny');
    expect(seen).toEqual([
      { input: 'x', topic: 't' },
      { input: 'y', topic: 'p' },
    ]);
  });

  test('partials of the prompt and of the prompt for an example each count where they were set', async () => {
    const prompt = new FewShotPromptTemplate({
      prefix: '{q}',
      examples: [{ q: 'mine' }],
      examplePrompt: examplePrompt.partial({ a: async () => 'later' }),
      partialVariables: { q: 'prefix' },
    });
    expect(await prompt.format({})).toBe('prefix\n\nQ: mine\nA: later');
  });

  test('a prompt does not change with its examples', async () => {
    const list = [{ q: 1, a: 1 }];
    const prompt = new FewShotPromptTemplate({ examples: list, examplePrompt });
    list[0]!.q = 2;
    list.push({ q: 3, a: 3 });
    expect(await prompt.format({})).toBe('Q: 1\nA: 1');
  });
});

describe('few-shot messages', () => {
  const pairs = new FewShotChatMessagePromptTemplate({
    examples,
    examplePrompt: ChatPromptTemplate.fromMessages([
      ['human', '{q}'],
      ['ai', '{a}'],
    ]),
  });

  for (const law of runnableLaws(() => pairs, [Object.freeze({})])) test(law.name, () => law.check());

  test('behaviour 102: each example gives its messages', async () => {
    const expected = [
      new HumanMessage('1'),
      new AIMessage('one'),
      new HumanMessage('2'),
      new AIMessage('two'),
    ];
    expect(await pairs.formatMessages({})).toEqual(expected);
    const prompt = ChatPromptTemplate.fromMessages([['system', '{s}'], pairs, '{q}']);
    expect(prompt.inputVariables).toEqual(['s', 'q']);
    expect(await prompt.formatMessages({ s: 'S', q: '{a}' })).toEqual([
      new SystemMessage('S'),
      ...expected,
      new HumanMessage('{a}'),
    ]);
  });

  test('a selector gets the values of the prompt around it', async () => {
    const chosen = new FewShotChatMessagePromptTemplate({
      exampleSelector: { selectExamples: ({ q }) => [{ q, a: '{q}' }] },
      examplePrompt: ChatPromptTemplate.fromMessages([['human', 'like {q}: {a}']]),
      inputVariables: ['q'],
    });
    const prompt = ChatPromptTemplate.fromMessages([['system', '{s}'], chosen]).partial({ s: 'S' });
    expect(await prompt.format({ q: 'this' })).toBe('System: S\nHuman: like this: {q}');
    expect(await chosen.partial({ q: 'set' }).format({})).toBe('Human: like set: {q}');
  });

  test('an example that lacks something is refused when the prompt is built', () => {
    const make = () =>
      new FewShotChatMessagePromptTemplate({
        examples: [{}],
        examplePrompt: ChatPromptTemplate.fromTemplate('{q}'),
      });
    expect(make).toThrow('Example 1 has no "q"');
  });
});
