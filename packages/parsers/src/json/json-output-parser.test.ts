import { AIMessageChunk, OutputParserException } from '@pipewright/core';
import { FakeStreamingChatModel, runnableLaws } from '@pipewright/core/testing';
import { describe, expect, test } from 'vitest';
import { expectGrowthBelow } from '../../../../test/cost.js';
import { JsonOutputParser, type JsonOutputParserFields } from '../index.js';
import { parserLaws } from '../testing/index.js';

const samples = [
  '{"a": [1, 2.5e-3, {"b": null}], "c": "d\\n\\u00e9\\ud83d\\ude00😀", "e": true, "f": {}}',
  'Sure! Here is what you asked for [1]:\n```json\n{"code": "```ts\\nx\\n```", "n": [-0, 1e5]}\n```\nAnything else?',
  '```\n"text"\n```',
  '  42  ',
  'See [the docs] and {name}: [{"a": 1}]',
  'Numbers: [1, 2, 3]',
  '{"__proto__": {"polluted": true}, "constructor": {"prototype": 1}}',
  '{"a": 1, "a": "2", "b": [1,],}',
  '{"a": tru}',
  '{"a": "cut of',
  '{"a": 01}',
  '{"a": "\\x"}',
  '[1 2]',
  'no JSON here',
  '',
];
describe('laws', () => {
  const variants = {
    snapshots: {},
    strict: { strict: true },
    repair: { repair: (text: string) => `${text}"}` },
  };
  for (const [name, fields] of Object.entries(variants)) {
    for (const law of parserLaws(() => new JsonOutputParser(fields), samples)) {
      test(`${name}: ${law.name}`, () => law.check());
    }
    for (const law of parserLaws(() => new JsonOutputParser({ ...fields, diff: true }), samples)) {
      test(`${name}, diff: ${law.name}`, () => law.check());
    }
  }
  for (const law of runnableLaws(() => new JsonOutputParser(), samples.slice(0, 8))) {
    test(law.name, () => law.check());
  }
  for (const law of runnableLaws(() => new JsonOutputParser({ diff: true }), samples.slice(0, 8))) {
    test(`diff: ${law.name}`, () => law.check());
  }
});
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

describe('what LangChain users rely on', () => {
  test('108: growing objects, and no value twice in a row', async () => {
    expect(await streamed(['{"a"', ': ', '"x', '', 'y"', ', ', '"b": 1', '2', '}', '\n'])).toEqual([
      {},
      { a: 'x' },
      { a: 'xy' },
      { a: 'xy', b: 12 },
    ]);
  });

  test('109: diff gives a patch for each chunk that changes something', async () => {
    const patches: unknown[] = [];
    const parser = new JsonOutputParser({ diff: true });
    for await (const patch of parser.transform(['{"a": "x', 'y", "b/c": [1', ', {"d": tr', 'ue}]}']))
      patches.push(patch);
    expect(patches).toEqual([
      [{ op: 'replace', path: '', value: { a: 'x' } }],
      [
        { op: 'replace', path: '/a', value: 'xy' },
        { op: 'add', path: '/b~1c', value: [] },
      ],
      [
        { op: 'add', path: '/b~1c/0', value: 1 },
        { op: 'add', path: '/b~1c/1', value: {} },
      ],
      [{ op: 'add', path: '/b~1c/1/d', value: true }],
    ]);
    expect(await parser.invoke('{"a": [1]}')).toEqual({ a: [1] });
  });

  test.each([
    ['```json\n{"a": 1}\n```', { a: 1 }],
    ['Sure:\n```JSON5\n[1]\n```\nDone', [1]],
    ['```\n{"a": 1}\n```\n```json\n{"b": 2}\n```', { a: 1 }],
    ['{"a": 1} and {"b": 2}', { a: 1 }],
    ['```json {"a": 1}```', { a: 1 }],
    ['As [1] and [2, 3] say, {} is: {"a": 1}', { a: 1 }],
    ['The numbers are [1, 2].', [1, 2]],
    ['```json\ntrue\n```', true],
    ['"text"', 'text'],
    ['-1.5e3', -1500],
    ['{{"a": 1}}', { a: 1 }],
    ['\ufeff{"a": 1}', { a: 1 }],
    ['{"a": "line\nbreak\ttab",}', { a: 'line\nbreak\ttab' }],
  ])('110: fences, prose and two values: %j', async (text, expected) => {
    expect(await parse(text)).toEqual(expected);
  });

  test('one chunk per change in a chain, not a single one', async () => {
    const model = new FakeStreamingChatModel({ chunks: ['{"a"', ': [1', ', 2', ']}'] });
    const chunks: unknown[] = [];
    for await (const chunk of model.pipe(new JsonOutputParser()).stream('')) chunks.push(chunk);
    expect(chunks).toEqual([{ a: [] }, { a: [1] }, { a: [1, 2] }]);
  });
});

describe('D42: bad JSON', () => {
  test.each<[string, number]>([
    ['{"a": tru}', 6],
    ['{"a": 1 "b": 2}', 8],
    ['{"a": .5}', 6],
    ['{"a": 1', 7],
    ['[1, 2', 5],
    ['{"a": "x', 8],
    ["{'a': 1}", 1],
    ['{"a": NaN}', 6],
    ['{"a": 1} // fine'.slice(0, 7), 7],
    ['no JSON at all', 14],
    ['', 0],
    ['{a: 1}', 1],
  ])('%j is a typed error with text and position, invoked and streamed', async (text, position) => {
    const invoked: unknown = await parse(text).catch((error: unknown) => error);
    const streaming: unknown = await streamed(characters(text)).catch((error: unknown) => error);
    for (const error of [invoked, streaming]) {
      expect(error).toBeInstanceOf(OutputParserException);
      expect(error).toMatchObject({ code: 'OUTPUT_PARSING_FAILURE', position });
    }
    expect((invoked as OutputParserException).llmOutput).toBe(text);
    expect((streaming as Error).message).toBe((invoked as Error).message);
  });

  test('a garbage stream is an error, not an empty stream', async () => {
    await expect(streamed(['I am ', 'sorry.'])).rejects.toThrow('There is no JSON value in the text');
  });

  test('a stream that fails midway carries what it had given', async () => {
    const error: unknown = await streamed(['{"a": [1', ', 2, oops']).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'OUTPUT_PARSING_FAILURE', partial: { a: [] } });
  });

  test('the message shows a short piece of the text', async () => {
    const error = (await parse(`{"a": "${'x'.repeat(10_000)}" oops`).catch(
      (reason: unknown) => reason,
    )) as Error;
    expect(error.message.length).toBeLessThan(200);
  });

  test('a stream of content blocks is read', async () => {
    const model = new FakeStreamingChatModel({
      chunks: ['{"a"', ': 1}'].map(
        (text) => new AIMessageChunk({ content: [{ type: 'text', text, index: 0 }] }),
      ),
    });
    expect(await model.pipe(new JsonOutputParser()).stream('').final).toEqual({ a: 1 });
  });
});

test('D47: reading goes on where it stopped: 8 times the chunks cost nothing like 64 times as much', () => {
  const reading = (count: number) => {
    const pieces = Array.from({ length: count }, (_, index) => `{"item": ${index}}, `);
    return () => {
      const machine = new JsonOutputParser().machine();
      for (const piece of ['[', ...pieces, '0]']) machine.push(piece);
    };
  };
  expectGrowthBelow(30, reading(500), reading(4000));
});
