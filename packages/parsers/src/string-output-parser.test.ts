import {
  AIMessage,
  AIMessageChunk,
  HumanMessage,
  OutputParserException,
  StringPromptValue,
} from '@pipewright/core';
import { FakeListChatModel, FakeStreamingChatModel, runnableLaws } from '@pipewright/core/testing';
import { describe, expect, test } from 'vitest';
import { StringOutputParser, StrOutputParser, type ParserInput } from './index.js';

describe('laws', () => {
  const inputs: ParserInput[] = ['', 'text', new AIMessage('hi'), new StringPromptValue('prompt')];
  for (const law of runnableLaws(() => new StringOutputParser(), inputs)) test(law.name, () => law.check());
});

test('gives the text of a message, streamed as it arrives', async () => {
  const chain = new FakeListChatModel({ responses: ['Hello'] }).pipe(new StrOutputParser());
  expect(await chain.invoke('hi')).toBe('Hello');
  const chunks: string[] = [];
  for await (const chunk of chain.stream('hi')) chunks.push(chunk);
  expect(chunks).toEqual(['H', 'e', 'l', 'l', 'o']);
});

test('reasoning and pieces without text give no chunks', async () => {
  const model = new FakeStreamingChatModel({
    chunks: [
      new AIMessageChunk({ content: [{ type: 'reasoning', reasoning: 'hm' }] }),
      'a',
      new AIMessageChunk({ content: [{ type: 'text', text: 'b' }] }),
      new AIMessageChunk({
        content: '',
        usage_metadata: { input_tokens: 1, output_tokens: 1, total_tokens: 2 },
      }),
    ],
  });
  const chunks: string[] = [];
  for await (const chunk of model.pipe(new StringOutputParser()).stream('hi')) chunks.push(chunk);
  expect(chunks).toEqual(['a', 'b']);
});

test.each<[string, unknown]>([
  ['media', new HumanMessage({ content: [{ type: 'image', url: 'https://example.org/a.png' }] })],
  ['null', null],
  ['a number', 5],
  ['an array', []],
])('%s is a parsing error, invoked and streamed', async (_what, input) => {
  const parser = new StringOutputParser();
  await expect(parser.invoke(input as ParserInput)).rejects.toThrow(OutputParserException);
  await expect(parser.stream(input as ParserInput).final).rejects.toThrow(OutputParserException);
});

test('runs synchronously', () => {
  expect(new StringOutputParser().invokeSync('text')).toBe('text');
});
