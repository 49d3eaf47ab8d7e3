import { LimitExceededError, OutputParserException } from '@pipewright/core';
import fc from 'fast-check';
import { jsonrepair } from 'jsonrepair';
import { describe, expect, test } from 'vitest';
import { JsonOutputParser, type JsonOutputParserFields } from '../index.js';

const parse = (text: string, fields?: JsonOutputParserFields<false>): Promise<unknown> =>
  new JsonOutputParser(fields).parse(text);

const characters = (text: string): string[] =>
  Array.from({ length: text.length }, (_, at) => text.charAt(at));

async function streamed(
  pieces: readonly string[],
  fields?: JsonOutputParserFields<false>,
): Promise<unknown[]> {
  const chunks: unknown[] = [];
  for await (const chunk of new JsonOutputParser(fields).transform(pieces)) chunks.push(chunk);
  return chunks;
}

describe('P5: prototype keys are data', () => {
  test.each(['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'])('%s', async (key) => {
    const chunks = await streamed(characters(`{"${key}": {"isAdmin": true}, "${key}": {"isAdmin": "yes"}}`));
    for (const chunk of chunks) expect(Object.getPrototypeOf(chunk)).toBe(Object.prototype);
    expect(Object.keys(chunks.at(-1) as object)).toEqual([key]);
    expect(Object.getOwnPropertyDescriptor(chunks.at(-1), key)?.value).toEqual({ isAdmin: 'yes' });
    expect(({} as { isAdmin?: unknown }).isAdmin).toBeUndefined();
    const patched = await new JsonOutputParser({ diff: true }).parse(`{"a": {"${key}": {"isAdmin": true}}}`);
    expect((patched as { a: { isAdmin?: unknown } }).a.isAdmin).toBeUndefined();
    expect(({} as { isAdmin?: unknown }).isAdmin).toBeUndefined();
  });
});

describe('P6: two values, keys that come twice, fences in texts', () => {
  test('of a key that comes twice the last one counts; strict refuses it', async () => {
    expect(await parse('{"a": 1, "a": 2}')).toEqual({ a: 2 });
    await expect(parse('{"a": 1, "a": 2}', { strict: true })).rejects.toThrow('this key twice');
  });

  test('any JSON value comes back from prose and fences', async () => {
    await fc.assert(
      fc.asyncProperty(fc.json(), fc.constantFrom('', 'json', 'ts'), async (json, tag) => {
        const text = `Here you are:\n\`\`\`${tag}\n${json}\n\`\`\`\nAnything else?`;
        expect(await parse(text)).toEqual(JSON.parse(json));
      }),
    );
  });

  test('a fence inside a text is part of it', async () => {
    const value = { code: '```js\nx\n```', after: '```' };
    expect(await parse(`\`\`\`json\n${JSON.stringify(value)}\n\`\`\``)).toEqual(value);
    expect(await parse(JSON.stringify(value))).toEqual(value);
  });

  test.each([
    'Sure: {"a": 1}',
    '```json\n{"a": 1}\n```',
    '{"a": 1} x',
    '{"a": 1,}',
    '[1,]',
    '{"a": "\n"}',
    '\ufeff1',
  ])('strict refuses %j', async (text) => {
    await expect(parse(text, { strict: true })).rejects.toThrow(OutputParserException);
  });
});

describe('P4: depth', () => {
  test.each(['[', '{"a":', '{"a":[{"b":'])('1,000,000 times %s', async (opening) => {
    const text = opening.repeat(1_000_000);
    await expect(parse(text)).rejects.toThrow(LimitExceededError);
    await expect(new JsonOutputParser({ diff: true }).parse(text)).rejects.toThrow(LimitExceededError);
  });
});

describe('repair, for the final text only', () => {
  test.each([
    ["{name: 'x', n: 1}", { name: 'x', n: 1 }],
    ['Sure! {"a": [1, 2', { a: [1, 2] }],
    ['```json\n{"a": True, /* why */ "b": None}\n```\nBye', { a: true, b: null }],
    ['Sure: {"a": 1 "b": 2} Hope that helps.', { a: 1, b: 2 }],
  ])('%j', async (text, expected) => {
    expect(await parse(text, { repair: jsonrepair })).toEqual(expected);
    expect((await streamed(characters(text), { repair: jsonrepair })).at(-1)).toEqual(expected);
  });

  test('is not called for JSON that is well, and at most twice else', async () => {
    let calls = 0;
    const repair = (text: string): string => {
      calls += 1;
      return text;
    };
    await parse('{"a": 1}', { repair });
    expect(calls).toBe(0);
    await expect(parse('Sure: {"a": oops} bye', { repair })).rejects.toThrow(OutputParserException);
    expect(calls).toBe(2);
  });

  test('a repair that throws leaves the first error', async () => {
    const repair = (): string => {
      throw new Error('cannot');
    };
    await expect(parse('{"a": oops}', { repair })).rejects.toThrow('Expected a JSON value');
  });

  test('keeps the limits', async () => {
    await expect(parse('{x', { repair: () => '['.repeat(1_000) })).rejects.toThrow(LimitExceededError);
  });
});

test('F127: every prefix of a document is a value or a typed error', async () => {
  const text = 'Sure:\n```json\n{"a": [1, {"b": "c\\u00e9"}], "d": null}\n```';
  for (let end = 0; end <= text.length; end += 1) {
    const result: unknown = await parse(text.slice(0, end)).catch((error: unknown) => error);
    if (result instanceof Error) expect(result).toBeInstanceOf(OutputParserException);
    else expect(result).toEqual({ a: [1, { b: 'cé' }], d: null });
  }
});
