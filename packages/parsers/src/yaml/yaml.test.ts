import { LimitExceededError, OutputParserException } from '@pipewright/core';
import { runnableLaws } from '@pipewright/core/testing';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { parserLaws } from '../testing/index.js';
import { YamlOutputParser } from '../yaml.js';

const schema = z.object({ name: z.string(), tags: z.array(z.string()).default([]) });
const samples = [
  'Sure:\n```yaml\nname: Alien\ntags:\n  - film\n  - "x: y"\n```\nDone',
  'name: a\nname: b',
  'tags: []',
  '',
  'a: [1, 2',
];
const parse = (text: string): Promise<unknown> => new YamlOutputParser().parse(text);

describe('laws', () => {
  for (const law of parserLaws(() => new YamlOutputParser({ schema }), samples))
    test(law.name, () => law.check());
  for (const law of runnableLaws(() => new YamlOutputParser(), samples.slice(0, 2)))
    test(law.name, () => law.check());
});

test.each([
  ['a: 1\nb: no\nc: 2020-01-01\nd: ~', { a: 1, b: 'no', c: '2020-01-01', d: null }],
  ['```yml\n- a\n- b: |\n    x\n    y\n```', ['a', { b: 'x\ny\n' }]],
  ['{"json": [1, true]}', { json: [1, true] }],
  ['a: 1\na: 2', { a: 2 }],
])('%j', async (text, expected) => {
  expect(await parse(text)).toEqual(expected);
});

test('a value that does not fit is a parsing failure with the text', async () => {
  const error: unknown = await new YamlOutputParser({ schema })
    .parse('tags: [a]')
    .catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(OutputParserException);
  expect(error).toMatchObject({ llmOutput: 'tags: [a]', message: expect.stringContaining('name') });
});

test.each([
  ['an alias', 'a: &x [1]\nb: *x'],
  ['a merge key', 'a: &x {b: 1}\nc:\n  <<: *x'],
  [
    'an alias bomb',
    `a0: &a0 [x]\n${Array.from({ length: 9 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i},`.repeat(9)}]`).join('\n')}`,
  ],
  ['binary data', 'a: !!binary aGVsbG8='],
  ['a set', '!!set {a, b}'],
  ['a document that is cut off', 'a: "x'],
  ['nothing', '```yaml\n```'],
])('P1: %s is refused', async (_name, text) => {
  await expect(parse(text)).rejects.toThrow(OutputParserException);
});

test('P4: depth', async () => {
  for (const text of ['['.repeat(10_000), '- '.repeat(10_000), `${'['.repeat(600)}${']'.repeat(600)}`]) {
    await expect(parse(text)).rejects.toThrow(LimitExceededError);
  }
});

test('P5: prototype keys are data', async () => {
  const value = (await parse('__proto__:\n  isAdmin: true\nconstructor: x')) as object;
  expect(Object.keys(value).toSorted()).toEqual(['__proto__', 'constructor']);
  expect((value as { isAdmin?: unknown }).isAdmin).toBeUndefined();
});

test('limits of length and members', async () => {
  await expect(parse(`a: ${'x'.repeat(70_000)}`)).rejects.toThrow(LimitExceededError);
  await expect(new YamlOutputParser({ maxMembers: 3 }).parse('[1, 2, 3, 4]')).rejects.toThrow(
    LimitExceededError,
  );
});
