import { NONE, type AIMessage, type ToolCall } from '../messages/ai.js';
import { NOTHING, type BaseMessage, type ChatMessage, type ToolMessage } from '../messages/message.js';
import { canonical, isPlain, optionalPart } from './canonical.js';

type Plain = Readonly<Record<string, unknown>>;

/**
 * The fields of messages that a provider is sent. Ids, token counts and notes on earlier answers are not. The id of a
 * tool call, which is new each time, stands as the number of the call, which says the same.
 */
export function describeMessages(messages: readonly BaseMessage[]): readonly Plain[] {
  const numbers = new CallNumbers();
  const described: Plain[] = [];
  for (const message of messages) {
    const { type, content, name, additional_kwargs } = message;
    const { tool_calls, invalid_tool_calls } = message as AIMessage;
    const { tool_call_id, status } = message as ToolMessage;
    const { role } = message as ChatMessage;
    described.push({
      type,
      content,
      name,
      additional_kwargs: unlessEmpty(additional_kwargs),
      tool_calls: unlessEmpty(tool_calls)?.map((call) => numbers.numbered(call)),
      invalid_tool_calls: unlessEmpty(invalid_tool_calls),
      tool_call_id: numbers.of(tool_call_id),
      status,
      role,
    });
  }
  return described;
}

/** A message as a part of a key: what it says, and after it whatever else it has. */
export function messageText(message: Plain): string {
  const { type, content, name, additional_kwargs, tool_calls } = message;
  const { invalid_tool_calls, tool_call_id, status, role } = message;
  let text = canonical(type) + canonical(content);
  text += optionalPart(0, name) + optionalPart(1, additional_kwargs) + optionalPart(2, tool_calls);
  text += optionalPart(3, invalid_tool_calls) + optionalPart(4, tool_call_id) + optionalPart(5, status);
  return `${text}${optionalPart(6, role)};`;
}

/** Numbers the tool calls of a conversation, in their order. */
class CallNumbers {
  #numbers: Map<string, number> | undefined;

  of(id: string | undefined): string | number | undefined {
    return id === undefined ? undefined : (this.#numbers?.get(id) ?? id);
  }

  numbered({ id, name, args }: ToolCall): Plain {
    this.#numbers ??= new Map();
    if (id !== undefined && !this.#numbers.has(id)) this.#numbers.set(id, this.#numbers.size);
    return { args, id: this.of(id), name };
  }
}

/** What says nothing is left out, however it is written. */
function unlessEmpty<T extends object>(value: T | undefined): T | undefined {
  // The empty values that all messages share: most need no closer look.
  if (value === NOTHING || value === NONE) return undefined;
  if (typeof value !== 'object' || value === null) return value;
  const isEmpty = Array.isArray(value) ? value.length === 0 : isPlain(value, 0);
  return isEmpty ? undefined : value;
}
