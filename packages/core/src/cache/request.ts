import type { AIMessage, AIMessageFields } from '../messages/ai.js';
import type { BaseMessage, ChatMessage, ToolMessage } from '../messages/message.js';
import { canonical, NotPlainDataError } from './canonical.js';
import type { LlmRecord, LlmRequest } from './llm-cache.js';

/** Version of the key's layout: raised whenever what goes into a key, or how, changes. */
const KEY_VERSION = 'pipewright-llm-1';

/** Describes a call to a cache. Undefined when some part of it is not plain data and so cannot be told from another. */
export function requestFor(
  identity: Readonly<Record<string, unknown>>,
  messages: readonly BaseMessage[],
  parameters: Readonly<Record<string, unknown>>,
): LlmRequest | undefined {
  const request = { identity, messages: messages.map(describe), parameters };
  try {
    return { ...request, key: `${KEY_VERSION}:${canonical(request)}` };
  } catch (error) {
    if (error instanceof NotPlainDataError) return undefined;
    throw error;
  }
}

/** The fields of a message that a provider is sent. Ids, token counts and notes on earlier answers are not. */
function describe(message: BaseMessage): Readonly<Record<string, unknown>> {
  const { type, content, name, additional_kwargs } = message;
  const { tool_calls, invalid_tool_calls } = message as AIMessage;
  const { tool_call_id, status } = message as ToolMessage;
  const { role } = message as ChatMessage;
  return {
    type,
    content,
    name,
    additional_kwargs,
    tool_calls,
    invalid_tool_calls,
    tool_call_id,
    status,
    role,
  };
}

/** An answer as plain data. */
export function recordOf(message: AIMessage): LlmRecord {
  const { content, id, name, additional_kwargs, response_metadata } = message;
  const { tool_calls, invalid_tool_calls, usage_metadata } = message;
  const fields: AIMessageFields = {
    content,
    id,
    name,
    additional_kwargs,
    response_metadata,
    tool_calls,
    invalid_tool_calls,
    usage_metadata,
  };
  return { version: 1, message: structuredClone(fields) };
}
