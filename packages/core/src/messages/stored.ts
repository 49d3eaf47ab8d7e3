import { MessageCoercionError } from '../errors.js';
import { describe } from '../describe.js';
import type { AIMessageChunk } from './ai-chunk.js';
import type { AIMessage } from './ai.js';
import { coerceMessageLikeToMessage, type StoredMessage } from './coerce.js';
import { messageFold } from './fold.js';
import { isAIMessageChunk } from './is-message.js';
import type { BaseMessage, MessageType } from './message.js';

/** A message as LangChain's histories keep it: its type, and its fields apart. */
export interface StoredChatMessage {
  readonly type: MessageType;
  readonly data: Readonly<Record<string, unknown>>;
}

/**
 * Messages as plain data for a store, in the form that LangChain's histories have. A piece of a streamed answer is stored
 * as the message it makes.
 *
 * @example
 * ```ts
 * import { HumanMessage, mapChatMessagesToStoredMessages, mapStoredMessagesToChatMessages } from '@pipewright/core';
 *
 * const text = JSON.stringify(mapChatMessagesToStoredMessages([new HumanMessage('Hi')]));
 * const messages = mapStoredMessagesToChatMessages(JSON.parse(text));
 * ```
 */
export function mapChatMessagesToStoredMessages(messages: readonly BaseMessage[]): StoredChatMessage[] {
  return messages.map((message) => {
    const { type, ...data } = isAIMessageChunk(message) ? joined(message) : message;
    return { type, data };
  });
}

/**
 * Reads stored messages back, in LangChain's form or as `JSON.stringify` writes a message.
 *
 * @throws MessageCoercionError for what is no stored message
 */
export function mapStoredMessagesToChatMessages(
  messages: readonly (StoredChatMessage | StoredMessage)[],
): BaseMessage[] {
  return messages.map(mapStoredMessageToChatMessage);
}

/** Reads one stored message back. */
export function mapStoredMessageToChatMessage(stored: StoredChatMessage | StoredMessage): BaseMessage {
  if (typeof stored !== 'object' || stored === null || typeof stored.type !== 'string') {
    throw new MessageCoercionError(
      `A stored message is ${describe(stored)} without a type; give { type, data: { content } }.`,
    );
  }
  const { type } = stored;
  const data = 'data' in stored && isRecord(stored.data) ? stored.data : stored;
  return coerceMessageLikeToMessage({ ...data, type } as StoredMessage);
}

function joined(chunk: AIMessageChunk): AIMessage {
  const total = messageFold();
  total.add(chunk);
  return total.value();
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
