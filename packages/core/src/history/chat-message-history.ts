import type { MaybePromise } from '../flow/promise.js';
import { AIMessage } from '../messages/ai.js';
import { HumanMessage, type BaseMessage } from '../messages/message.js';
import { withoutRemoved } from './without-removed.js';

/**
 * Where the messages of one conversation are kept. Write one for a store of your own; it may answer now or by promises.
 */
export interface BaseChatMessageHistory {
  /** All messages, the oldest first. */
  getMessages(): MaybePromise<readonly BaseMessage[]>;
  /**
   * Appends messages, all of them or none. A RemoveMessage asks to forget the message before it that has its id; a store
   * may also keep it: a RunnableWithMessageHistory does as it says when it reads the messages.
   */
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
  #messages: BaseMessage[] = [];

  constructor(messages: readonly BaseMessage[] = []) {
    this.addMessages(messages);
  }

  getMessages(): BaseMessage[] {
    return [...this.#messages];
  }

  addMessages(messages: readonly BaseMessage[]): void {
    if (messages.some(({ type }) => type === 'remove')) {
      this.#messages = [...withoutRemoved([...this.#messages, ...messages])];
    } else {
      for (const message of messages) this.#messages.push(message);
    }
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
    this.#messages = [];
  }
}
