import { describe, expect, test } from 'vitest';
import { call, broken, all } from '../../test/conversation.js';
import {
  AIMessage,
  AIMessageChunk,
  ChatMessage,
  HumanMessage,
  mergeMessageRuns,
  SystemMessage,
  ToolMessage,
} from '../index.js';
import { runnableLaws } from '../testing/index.js';

describe('mergeMessageRuns', () => {
  test('behaviour 130: joins neighbours of one speaker with a newline', () => {
    const merged = mergeMessageRuns([
      'a',
      Object.freeze(new HumanMessage('b')),
      new HumanMessage({ content: 'c', name: 'Ann' }),
      new SystemMessage('s'),
      new SystemMessage(''),
      new SystemMessage('t'),
      new ChatMessage('x', 'critic'),
      new ChatMessage('y', 'critic'),
      new ChatMessage('z', 'judge'),
      new ToolMessage('1', 'c1'),
      new ToolMessage('2', 'c2'),
    ]);
    expect(merged.map(({ type, text }) => [type, text])).toEqual([
      ['human', 'a\nb'],
      ['human', 'c'],
      ['system', 's\nt'],
      ['generic', 'x\ny'],
      ['generic', 'z'],
      ['tool', '1'],
      ['tool', '2'],
    ]);
  });

  test('puts blocks, tool calls and token counts together', () => {
    const usage = { input_tokens: 1, output_tokens: 2, total_tokens: 3 };
    const merged = mergeMessageRuns([
      new AIMessage({
        content: 'a',
        id: '1',
        usage_metadata: usage,
        response_metadata: { model: 'm', n: 1 },
      }),
      new AIMessage({
        content: [{ type: 'image', url: 'u' }],
        tool_calls: [call],
        response_metadata: { n: 2 },
      }),
      new AIMessage({ content: '', invalid_tool_calls: [broken], usage_metadata: usage }),
    ]);
    expect(merged).toEqual([
      new AIMessage({
        content: [
          { type: 'text', text: 'a' },
          { type: 'image', url: 'u' },
        ],
        id: '1',
        tool_calls: [call],
        invalid_tool_calls: [broken],
        usage_metadata: { input_tokens: 2, output_tokens: 4, total_tokens: 6 },
        response_metadata: { model: 'm', n: 2 },
      }),
    ]);
  });

  test('pieces of answers stay pieces, with their pieces of calls', () => {
    const piece = { type: 'tool_call_chunk', index: 0, id: '1', name: 'f', args: '{}' } as const;
    expect(
      mergeMessageRuns([
        new AIMessageChunk({ content: 'a', tool_call_chunks: [piece] }),
        new AIMessage({ content: 'b', tool_calls: [call] }),
      ]),
    ).toEqual([new AIMessageChunk({ content: 'a\nb', tool_call_chunks: [piece], tool_calls: [call] })]);
  });

  test('is a step of a chain when called without messages', async () => {
    for (const law of runnableLaws(() => mergeMessageRuns(), [all, [], ['a', 'b']])) await law.check();
  });
});
