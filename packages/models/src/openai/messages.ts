import {
  convertToOpenAIMessages,
  type BaseMessage,
  type OpenAIContentPart,
  type OpenAIMessage,
  type OpenAIToolCall,
} from '@pipewright/core';
import { isObject } from '../transport/json.js';

/**
 * Messages as chat-completions endpoints take them, in the form that the most of them understand. Addresses found in
 * messages are passed on and never fetched.
 *
 * @throws MessageCoercionError for a message or a block that cannot be sent
 */
export function wireMessages(messages: readonly BaseMessage[]): OpenAIMessage[] {
  const told = convertToOpenAIMessages(messages);
  return messages.map((message, index) => fit(told[index] as OpenAIMessage, message));
}

function fit({ content, name, tool_calls, ...rest }: OpenAIMessage, message: BaseMessage): OpenAIMessage {
  const text = plainest(content ?? '', message.type === 'human' || message.type === 'generic');
  return {
    ...rest,
    // An answer of tool calls alone has no text, and some servers refuse an empty one.
    content: text === '' && tool_calls !== undefined ? null : text,
    // A tool is known by the call that it answers; a name beside that is refused.
    ...(name !== undefined && message.type !== 'tool' && { name }),
    ...(tool_calls && { tool_calls: withExtras(tool_calls, message) }),
  };
}

/** Text as a string where it can be: many servers take parts from the user only, and some from nobody. */
function plainest(
  content: string | readonly OpenAIContentPart[],
  isUser: boolean,
): string | readonly OpenAIContentPart[] {
  if (typeof content === 'string') return content;
  const parts = content.map((part) => (part.type === 'text' ? { type: 'text', text: part.text } : part));
  const isText = parts.every(({ type }) => type === 'text') && (!isUser || parts.length <= 1);
  return isText ? parts.map((part) => String((part as { readonly text?: unknown }).text)).join('') : parts;
}

/** Some providers want back what came with a call, such as the signature of a thought. */
function withExtras(calls: readonly OpenAIToolCall[], { additional_kwargs }: BaseMessage): OpenAIToolCall[] {
  const { tool_call_extras: extras } = additional_kwargs;
  return calls.map((call) =>
    isObject(extras) && Object.hasOwn(extras, call.id) ? { ...call, extra_content: extras[call.id] } : call,
  );
}
