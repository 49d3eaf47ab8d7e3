import type { BaseMessage } from '../messages/message.js';

/** The messages without those that a RemoveMessage after them names, and without these requests. */
export function withoutRemoved(messages: readonly BaseMessage[]): readonly BaseMessage[] {
  if (!messages.some(({ type }) => type === 'remove')) return messages;
  const removed = new Set<unknown>();
  const kept: BaseMessage[] = [];
  for (const message of messages.toReversed()) {
    if (message.type === 'remove') removed.add(message.id);
    else if (message.id === undefined || !removed.has(message.id)) kept.push(message);
  }
  return kept.reverse();
}
