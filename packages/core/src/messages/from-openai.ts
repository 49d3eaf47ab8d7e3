import { MessageCoercionError } from '../errors.js';
import { describe } from '../describe.js';
import { AIMessage, type InvalidToolCall, type ToolCall } from './ai.js';
import { coerceMessageLikeToMessage } from './coerce.js';
import type { MessageContent } from './content.js';
import { parseArguments } from './fold.js';
import { type BaseMessage, ChatMessage } from './message.js';
import type { OpenAIMessage, OpenAIToolCall } from './openai-message.js';

const KNOWN: ReadonlySet<string> = new Set(['user', 'system', 'developer', 'tool']);

/**
 * Reads messages in the form of chat-completions endpoints. Arguments of tool calls are parsed; those that are no JSON
 * object make an invalid tool call that keeps their text.
 *
 * @throws MessageCoercionError for what is no message, naming its index
 *
 * @example
 * ```ts
 * import { convertFromOpenAIMessages } from '@pipewright/core';
 *
 * const [message] = convertFromOpenAIMessages([{ role: 'user', content: 'Hi' }]);
 * ```
 */
export function convertFromOpenAIMessages(messages: readonly OpenAIMessage[]): BaseMessage[] {
  return messages.map((message, index) => {
    if (typeof message !== 'object' || message === null || typeof message.role !== 'string') {
      throw new MessageCoercionError(
        `Message ${index} is ${describe(message)} without a role; give { role, content }.`,
      );
    }
    return fromOpenAI(message);
  });
}

function fromOpenAI({ role, content, name, tool_calls, tool_call_id, refusal }: OpenAIMessage): BaseMessage {
  const fields = { content: (content ?? '') as MessageContent, name };
  if (role === 'assistant') {
    const read = (tool_calls ?? []).map(callOf);
    return new AIMessage({
      ...fields,
      tool_calls: read.filter((call) => !isInvalid(call)) as ToolCall[],
      invalid_tool_calls: read.filter(isInvalid),
      additional_kwargs: typeof refusal === 'string' ? { refusal } : undefined,
    });
  }
  if (!KNOWN.has(role)) return new ChatMessage({ ...fields, role });
  return coerceMessageLikeToMessage({ ...fields, role, ...(tool_call_id !== undefined && { tool_call_id }) });
}

function callOf({ id, function: { name, arguments: text } }: OpenAIToolCall): ToolCall | InvalidToolCall {
  const args = parseArguments(text);
  if (args !== undefined) return { type: 'tool_call', id, name, args };
  return { type: 'invalid_tool_call', id, name, args: text, error: 'The arguments are not a JSON object.' };
}

function isInvalid(call: ToolCall | InvalidToolCall): call is InvalidToolCall {
  return call.type === 'invalid_tool_call';
}
