import type { Runnable } from '../runnable.js';
import type { AIMessage } from './ai.js';
import type { MessageLike } from './coerce.js';
import type { BaseMessage, ToolMessage } from './message.js';
import { kindCheck, type MessageKind } from './message-kind.js';
import { messagesOf, MessageStep, type MessagesInput } from './message-step.js';
import { withFields } from './with-content.js';

/** Which messages to keep. What is excluded goes; of the rest, if anything is included by name, type or id, only that. */
export interface FilterMessagesOptions {
  readonly includeNames?: readonly string[];
  readonly excludeNames?: readonly string[];
  readonly includeTypes?: readonly MessageKind[];
  readonly excludeTypes?: readonly MessageKind[];
  readonly includeIds?: readonly string[];
  readonly excludeIds?: readonly string[];
  /** Drops tool calls and their results: all, or those of these ids. A message of nothing but such calls goes too. */
  readonly excludeToolCalls?: boolean | readonly string[];
}

/**
 * Keeps some of the messages. Called with options only, it gives a step for a chain.
 *
 * @throws ConfigError for an unknown type
 *
 * @example
 * ```ts
 * import { filterMessages, HumanMessage, SystemMessage } from '@pipewright/core';
 *
 * const kept = filterMessages([new SystemMessage('Be brief.'), new HumanMessage('Hi')], { excludeTypes: ['system'] });
 * const step = filterMessages({ includeTypes: [HumanMessage] });
 * ```
 */
export function filterMessages(
  options?: FilterMessagesOptions,
): Runnable<MessagesInput, readonly BaseMessage[]>;
export function filterMessages(
  messages: readonly MessageLike[],
  options?: FilterMessagesOptions,
): BaseMessage[];
export function filterMessages(
  first: readonly MessageLike[] | FilterMessagesOptions = {},
  options: FilterMessagesOptions = {},
): BaseMessage[] | Runnable<MessagesInput, readonly BaseMessage[]> {
  if (Array.isArray(first)) return filtered(messagesOf(first as readonly MessageLike[]), keeper(options));
  const keep = keeper(first as FilterMessagesOptions);
  return new MessageStep('filterMessages', first, (messages) => filtered(messages, keep));
}

type Keep = (message: BaseMessage) => BaseMessage | undefined;

function filtered(messages: readonly BaseMessage[], keep: Keep): BaseMessage[] {
  return messages.map(keep).filter((message) => message !== undefined);
}

function keeper(options: FilterMessagesOptions): Keep {
  const includes = criteria(
    options.includeNames,
    options.includeIds,
    kindCheck(options.includeTypes, 'includeTypes'),
  );
  const excludes = criteria(
    options.excludeNames,
    options.excludeIds,
    kindCheck(options.excludeTypes, 'excludeTypes'),
  );
  const dropCalls = toolCallFilter(options.excludeToolCalls);
  return (message) => {
    if (excludes.some((matches) => matches(message))) return undefined;
    if (includes.length > 0 && !includes.some((matches) => matches(message))) return undefined;
    return dropCalls(message);
  };
}

function criteria(
  names: readonly string[] | undefined,
  ids: readonly string[] | undefined,
  isKind: ((message: BaseMessage) => boolean) | undefined,
): ((message: BaseMessage) => boolean)[] {
  const found: ((message: BaseMessage) => boolean)[] = [];
  if (names !== undefined) {
    const wanted = new Set(names);
    found.push(({ name }) => name !== undefined && wanted.has(name));
  }
  if (ids !== undefined) {
    const wanted = new Set(ids);
    found.push(({ id }) => id !== undefined && wanted.has(id));
  }
  if (isKind !== undefined) found.push(isKind);
  return found;
}

function toolCallFilter(excluded: boolean | readonly string[] = false): Keep {
  if (excluded === false) return (message) => message;
  const ids = excluded === true ? undefined : new Set(excluded);
  const goes = (id: string | undefined): boolean => ids === undefined || (id !== undefined && ids.has(id));
  return (message) => {
    if (message.type === 'tool') return goes((message as ToolMessage).tool_call_id) ? undefined : message;
    if (message.type !== 'ai') return message;
    const { tool_calls, invalid_tool_calls, content } = message as AIMessage;
    const calls = tool_calls.filter(({ id }) => !goes(id));
    const invalid = invalid_tool_calls.filter(({ id }) => !goes(id));
    const gone = tool_calls.length + invalid_tool_calls.length - calls.length - invalid.length;
    if (gone === 0) return message;
    if (calls.length + invalid.length === 0 && content.length === 0) return undefined;
    const fields: Partial<AIMessage> = { tool_calls: calls, invalid_tool_calls: invalid };
    return withFields(message as AIMessage, fields);
  };
}
