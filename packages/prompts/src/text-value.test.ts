import { PromptInputError } from '@pipewright/core';
import { expect, test } from 'vitest';
import { thrown } from '../test/failure.js';
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
])('behaviour 89: %o is written as %j', (value, text) => {
  expect(textOf(value, 'x')).toBe(text);
});

test.each([
  ['a function', () => 'x', 'is a function'],
  ['a symbol', Symbol('x'), 'is a symbol'],
  ['a promise', Promise.resolve('x'), 'is a promise'],
  ['a circle', circle, 'cannot be written as JSON'],
  ['a bigint inside', { n: 1n }, 'cannot be written as JSON'],
  ['what JSON leaves out', { toJSON: () => undefined }, 'has no JSON form'],
])('F126: %s is refused, naming the variable and saying what to do', (_, value, problem) => {
  const error = thrown(() => textOf(value, 'topic'), PromptInputError);
  expect(error.message).toContain(`The prompt variable "topic" ${problem}.`);
  expect(error.message).toMatch(/(Pass|Await) /);
});

test('what JSON could not write is kept as the cause', () => {
  expect(thrown(() => textOf(circle, 'x'), PromptInputError).cause).toBeInstanceOf(TypeError);
});
