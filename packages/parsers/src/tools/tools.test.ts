import {
  AIMessage,
  AIMessageChunk,
  LimitExceededError,
  OutputParserException,
  type ToolCallChunk,
} from '@pipewright/core';
import { FakeStreamingChatModel, runnableLaws } from '@pipewright/core/testing';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { JsonOutputKeyToolsParser, JsonOutputToolsParser } from '../index.js';
import { parserLaws } from '../testing/index.js';

const piece = (args: string): AIMessageChunk =>
  new AIMessageChunk({ content: '', tool_call_chunks: [{ index: 0, id: 'c1', name: 'add', args }] });
const samples = ['{"a": 1, "text": "x\\n😀"}', '', '{"a": 1', '[1]', '{"a": oops}', '{}'];
const schema = z.object({ a: z.number() });
const message = new AIMessage({
  content: 'Calling.',
  tool_calls: [
    { name: 'add', args: { a: 1 }, id: 'c1' },
    { name: 'other', args: { b: 2 }, id: 'c2' },
    { name: 'add', args: { a: 3 }, id: 'c3' },
  ],
});

describe('laws', () => {
  const all = [
    ...parserLaws(() => new JsonOutputToolsParser({ returnId: true }), samples, { input: piece }),
    ...parserLaws(() => new JsonOutputKeyToolsParser({ keyName: 'add', schema }), samples, { input: piece }),
    ...parserLaws(() => new JsonOutputKeyToolsParser({ keyName: 'add', returnSingle: true }), samples, {
      input: piece,
    }),
    ...parserLaws(() => new JsonOutputKeyToolsParser({ keyName: 'no' }), samples, { input: piece }),
    ...runnableLaws(() => new JsonOutputToolsParser(), [message, new AIMessage('none')]),
    ...runnableLaws(() => new JsonOutputKeyToolsParser({ keyName: 'add', schema }), [message]),
  ];
  for (const [index, law] of all.entries()) test(`${index}: ${law.name}`, () => law.check());
});

test('116: type and args, ids if asked; by key; single; a mismatch is a parsing error', async () => {
  expect(await new JsonOutputToolsParser().invoke(message)).toEqual([
    { type: 'add', args: { a: 1 } },
    { type: 'other', args: { b: 2 } },
    { type: 'add', args: { a: 3 } },
  ]);
  expect((await new JsonOutputToolsParser({ returnId: true }).invoke(message)).map(({ id }) => id)).toEqual([
    'c1',
    'c2',
    'c3',
  ]);
  expect(await new JsonOutputKeyToolsParser({ keyName: 'add', schema }).invoke(message)).toEqual([
    { a: 1 },
    { a: 3 },
  ]);
  const single = new JsonOutputKeyToolsParser({ keyName: 'add', returnSingle: true, schema });
  expect(await single.invoke(message)).toEqual({ a: 1 });
  const strict = new JsonOutputKeyToolsParser({ keyName: 'other', schema });
  await expect(strict.invoke(message)).rejects.toThrow(OutputParserException);
});

test('D45: no match is an empty array where a list is expected, and undefined for a single one', async () => {
  expect(await new JsonOutputKeyToolsParser({ keyName: 'none' }).invoke(message)).toEqual([]);
  expect(await new JsonOutputKeyToolsParser({ keyName: 'none' }).stream(message).final).toEqual([]);
  expect(
    await new JsonOutputKeyToolsParser({ keyName: 'none', returnSingle: true }).invoke(message),
  ).toBeUndefined();
  expect(await new JsonOutputToolsParser().invoke(new AIMessage('text'))).toEqual([]);
});

function streaming(...pieces: readonly ToolCallChunk[]): FakeStreamingChatModel {
  return new FakeStreamingChatModel({
    chunks: pieces.map((tool_call) => new AIMessageChunk({ content: '', tool_call_chunks: [tool_call] })),
  });
}

test('streams partial arguments, of several calls, in every way that providers cut them', async () => {
  const model = streaming(
    { index: 0, id: 'c1', name: 'add' },
    { index: 0, args: '{"a"' },
    { index: 0, args: ': 1, "t": "x' },
    { index: 1, id: 'c2', name: 'other', args: '' },
    { index: 0, args: 'y"}' },
    { index: 1, args: '{"b": 2}' },
  );
  const chunks: unknown[] = [];
  for await (const chunk of model.pipe(new JsonOutputToolsParser()).stream('')) chunks.push(chunk);
  expect(chunks).toEqual([
    [{ type: 'add', args: {} }],
    [{ type: 'add', args: { a: 1, t: 'x' } }],
    [
      { type: 'add', args: { a: 1, t: 'x' } },
      { type: 'other', args: {} },
    ],
    [
      { type: 'add', args: { a: 1, t: 'xy' } },
      { type: 'other', args: {} },
    ],
    [
      { type: 'add', args: { a: 1, t: 'xy' } },
      { type: 'other', args: { b: 2 } },
    ],
  ]);
  expect(await model.pipe(new JsonOutputToolsParser()).invoke('')).toEqual(chunks.at(-1));
});

test('calls without an index are told apart by their ids, and a late name is waited for', async () => {
  const model = streaming(
    { id: 'a', args: '{"a": ' },
    { name: 'add', args: '1}' },
    { id: 'b', name: 'add', args: '{"a": 2}' },
  );
  const parser = new JsonOutputKeyToolsParser({ keyName: 'add', schema });
  expect(await model.pipe(parser).stream('').final).toEqual([{ a: 1 }, { a: 2 }]);
});

test('arguments that are broken fail alike, from a whole message and from pieces', async () => {
  const model = streaming({ index: 0, name: 'add', args: '{"a": ' }, { index: 0, args: 'oops}' });
  const invoked: unknown = await model
    .pipe(new JsonOutputToolsParser())
    .invoke('')
    .catch((error: unknown) => error);
  const streamed: unknown = await model
    .pipe(new JsonOutputToolsParser())
    .stream('')
    .final.catch((error: unknown) => error);
  for (const error of [invoked, streamed]) {
    expect(error).toBeInstanceOf(OutputParserException);
    expect(error).toMatchObject({
      position: 6,
      llmOutput: '{"a": oops}',
      message: expect.stringContaining('"add"'),
    });
  }
});

test("what is broken in another tool's call does not concern the parser of one", async () => {
  const model = streaming(
    { index: 0, name: 'other', args: 'oops' },
    { index: 1, name: 'add', args: '{"a": 1}' },
  );
  const parser = new JsonOutputKeyToolsParser({ keyName: 'add' });
  expect(await model.pipe(parser).invoke('')).toEqual([{ a: 1 }]);
  expect(await model.pipe(parser).stream('').final).toEqual([{ a: 1 }]);
});

test('text is no message', async () => {
  await expect(new JsonOutputToolsParser().invoke('text')).rejects.toThrow('right behind a chat model');
});

test('P4: deep arguments', async () => {
  const model = streaming({ index: 0, name: 'add', args: '{"a":'.repeat(100_000) });
  await expect(model.pipe(new JsonOutputToolsParser()).stream('').final).rejects.toThrow(LimitExceededError);
});
