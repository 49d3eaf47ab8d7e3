import {
  ChatPromptValue,
  ConfigError,
  HumanMessage,
  PromptInputError,
  RunnableLambda,
  StringPromptValue,
} from '@pipewright/core';
import { expect, test } from 'vitest';
import { thrown } from '../test/failure.js';
import { PromptTemplate } from './prompt-template.js';
import { textOf } from './text-value.js';

const circle: Record<string, unknown> = {};
circle.self = circle;

test.each([
  ['text', 'text'],
  ['', ''],
  [1.5, '1.5'],
  [-0, '0'],
  [10n ** 20n, '100000000000000000000'],
  [false, 'false'],
  [null, 'null'],
  [['a', { b: 1 }, null], '["a",{"b":1},null]'],
  [{ a: '{x}', b: [true] }, '{"a":"{x}","b":[true]}'],
  [Object.create(null), '{}'],
  [new Date(0), '1970-01-01T00:00:00.000Z'],
  [new URL('https://example.com/a'), 'https://example.com/a'],
  [{ toJSON: () => ({ shown: 1 }), hidden: 2 }, '{"shown":1}'],
  [{ toJSON: () => '{}' }, '{}'],
  [new TypeError('no {braces}'), 'no {braces}'],
  [new ConfigError('timeout', 'Too long.'), 'Too long.'],
  [new StringPromptValue('a text'), 'a text'],
  [new ChatPromptValue([new HumanMessage('hi')]), 'Human: hi'],
  [
    new (class {
      readonly a = 1;
    })(),
    '{"a":1}',
  ],
  [
    new (class {
      toJSON = () => ({});
    })(),
    '{}',
  ],
])('behaviour 89: %o is written as %j', (value, text) => {
  expect(textOf(value, 'x')).toBe(text);
});

test.each([
  ['a function', () => 'x', 'is a function'],
  ['a symbol', Symbol('x'), 'is a symbol'],
  ['a promise', Promise.resolve('x'), 'is a promise'],
  ['a circle', circle, 'cannot be written as JSON'],
  ['a bigint inside', { n: 1n }, 'cannot be written as JSON'],
  ['a Map', new Map([[1, 2]]), 'is an object of class Map'],
  ['a Set', new Set([1]), 'is an object of class Set'],
  ['a RegExp', /x/u, 'is an object of class RegExp'],
  [
    'what keeps all to itself',
    new (class Shy {
      readonly #a = 1;
      get a() {
        return this.#a;
      }
    })(),
    'is an object of class Shy',
  ],
  ['what JSON leaves out', { toJSON: () => undefined }, 'has no JSON form'],
])('F126: %s is refused, naming the variable and saying what to do', (_, value, problem) => {
  const error = thrown(() => textOf(value, 'topic'), PromptInputError);
  expect(error.message).toContain(`The prompt variable "topic" ${problem}`);
  expect(error.message).toMatch(/(Pass|Await) /);
});

test('what JSON could not write is kept as the cause', () => {
  expect(thrown(() => textOf(circle, 'x'), PromptInputError).cause).toBeInstanceOf(TypeError);
});

test('a fallback can tell the model what went wrong', async () => {
  const asks = RunnableLambda.from((_: { question: string; error?: unknown }): StringPromptValue => {
    throw new Error('No such city.');
  });
  const again = PromptTemplate.fromTemplate('{question} Mind: {error}');
  const chain = asks.withFallbacks({ fallbacks: [again as never], exceptionKey: 'error' });
  expect(String(await chain.invoke({ question: 'Where?' }))).toBe('Where? Mind: No such city.');
});
