import type { MaybePromise } from '../flow/promise.js';
import { AIMessage } from '../messages/ai.js';
import { HumanMessage, type BaseMessage } from '../messages/message.js';

/**
 * Where the messages of one conversation are kept. Write one for a store of your own; it may answer now or by promises.
 */
export interface BaseChatMessageHistory {
  /** All messages, the oldest first. */
  getMessages(): MaybePromise<readonly BaseMessage[]>;
  /** Appends messages, all of them or none. */
  addMessages(messages: readonly BaseMessage[]): MaybePromise<unknown>;
  /** Forgets all messages. */
  clear(): MaybePromise<unknown>;
}

/**
 * A conversation in memory. What it gives and takes are copies of its list, so that nobody changes it from outside.
 *
 * @example
 * ```ts
 * import { InMemoryChatMessageHistory } from '@pipewright/core';
 *
 * const history = new InMemoryChatMessageHistory();
 * history.addUserMessage('Hi');
 * history.addAIMessage('Hello!');
 * const texts = history.getMessages().map((message) => message.text); // 'Hi', 'Hello!'
 * ```
 */
export class InMemoryChatMessageHistory implements BaseChatMessageHistory {
  readonly #messages: BaseMessage[];

  constructor(messages: readonly BaseMessage[] = []) {
    this.#messages = [...messages];
  }

  getMessages(): BaseMessage[] {
    return [...this.#messages];
  }

  addMessages(messages: readonly BaseMessage[]): void {
    this.#messages.push(...messages);
  }

  /** Appends one message. */
  addMessage(message: BaseMessage): void {
    this.addMessages([message]);
  }

  /** Appends what the user says. */
  addUserMessage(text: string): void {
    this.addMessage(new HumanMessage(text));
  }

  /** Appends what the model answers. */
  addAIMessage(text: string): void {
    this.addMessage(new AIMessage(text));
  }

  clear(): void {
    this.#messages.length = 0;
  }
}
