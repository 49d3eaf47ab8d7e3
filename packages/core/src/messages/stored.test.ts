import { describe, expect, test } from 'vitest';
import { call, all } from '../../test/conversation.js';
import {
  AIMessage,
  AIMessageChunk,
  mapChatMessagesToStoredMessages,
  mapStoredMessagesToChatMessages,
  mapStoredMessageToChatMessage,
  MessageCoercionError,
} from '../index.js';

describe('stored messages', () => {
  test('come back equal, in LangChain’s form or as JSON writes them', () => {
    const stored: unknown = JSON.parse(JSON.stringify(mapChatMessagesToStoredMessages(all)));
    expect(stored).toMatchObject([{ type: 'system', data: { content: 'Be brief.' } }, {}, {}, {}, {}, {}]);
    expect(mapStoredMessagesToChatMessages(stored as never)).toEqual(all);
    expect(mapStoredMessagesToChatMessages(JSON.parse(JSON.stringify(all)) as never)).toEqual(all);
    const langchain = {
      type: 'ai',
      data: { content: 'x', tool_calls: [call], name: undefined, role: undefined },
    };
    expect(mapStoredMessageToChatMessage(langchain as never)).toEqual(
      new AIMessage({ content: 'x', tool_calls: [call] }),
    );
    expect(() => mapStoredMessageToChatMessage(null as never)).toThrow(MessageCoercionError);
    expect(() => mapStoredMessageToChatMessage({ type: 'wizard', data: {} } as never)).toThrow(
      MessageCoercionError,
    );
  });

  test('a piece of an answer is stored as the message it makes', () => {
    const chunk = new AIMessageChunk({
      content: 'x',
      tool_call_chunks: [{ index: 0, id: 'c1', name: 'add', args: '{"a":1}' }],
    });
    expect(mapStoredMessagesToChatMessages(mapChatMessagesToStoredMessages([chunk]))).toEqual([
      new AIMessage({ content: 'x', tool_calls: [call] }),
    ]);
  });
});
