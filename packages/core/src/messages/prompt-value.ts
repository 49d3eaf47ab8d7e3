import { type BaseMessage, type ChatMessage, HumanMessage } from './message.js';

/** What a prompt gives: readable as messages by a chat model and as text by a text model. */
export interface PromptValue {
  toMessages(): readonly BaseMessage[];
  toString(): string;
}

/** A text, which a chat model reads as one message of the user's. */
export class StringPromptValue implements PromptValue {
  constructor(readonly value: string) {}

  toMessages(): readonly BaseMessage[] {
    return [new HumanMessage(this.value)];
  }

  /** The same as `toMessages`, by LangChain's name. */
  toChatMessages(): readonly BaseMessage[] {
    return this.toMessages();
  }

  toString(): string {
    return this.value;
  }
}

/** Messages, which a text model reads as lines of `Role: text`. */
export class ChatPromptValue implements PromptValue {
  constructor(readonly messages: readonly BaseMessage[]) {}

  toMessages(): readonly BaseMessage[] {
    return this.messages;
  }

  /** The same as `toMessages`, by LangChain's name. */
  toChatMessages(): readonly BaseMessage[] {
    return this.messages;
  }

  toString(): string {
    return getBufferString(this.messages);
  }
}

const SPEAKER = { human: 'Human', ai: 'AI', system: 'System', tool: 'Tool', remove: 'Remove' } as const;

/** Messages as one text, a line `Role: text` for each. For people and text models; not for telling messages apart. */
export function getBufferString(
  messages: readonly BaseMessage[],
  humanPrefix = 'Human',
  aiPrefix = 'AI',
): string {
  return messages
    .map((message) => {
      const speaker = message.type === 'generic' ? (message as ChatMessage).role : SPEAKER[message.type];
      const shown = speaker === 'Human' ? humanPrefix : speaker === 'AI' ? aiPrefix : speaker;
      return `${message.name === undefined ? shown : message.name}: ${message.text}`;
    })
    .join('\n');
}

/** Whether a value can be read as a prompt. */
export function isPromptValue(value: unknown): value is PromptValue {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as { toMessages?: unknown }).toMessages === 'function'
  );
}
