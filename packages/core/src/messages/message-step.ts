import { MessageCoercionError } from '../errors.js';
import { describe } from '../describe.js';
import type { Flow, Ready } from '../flow/flow.js';
import type { MaybePromise } from '../flow/promise.js';
import type { Manifest } from '../manifest.js';
import { Runnable } from '../runnable.js';
import { coerceMessageLikeToMessage, type MessageLike } from './coerce.js';
import type { BaseMessage } from './message.js';
import { isPromptValue, type PromptValue } from './prompt-value.js';

/** What a step from messages to messages takes: messages in any form, or what a prompt gives. */
export type MessagesInput = PromptValue | readonly MessageLike[];

type MessageWork = (messages: readonly BaseMessage[]) => MaybePromise<readonly BaseMessage[]>;

/** A function of messages as a step of a chain, between a prompt and a model for example. */
export class MessageStep extends Runnable<MessagesInput, readonly BaseMessage[]> {
  readonly name: string;
  readonly options: object;
  readonly work: MessageWork;

  constructor(name: string, options: object, work: MessageWork) {
    super();
    this.name = name;
    this.options = options;
    this.work = work;
  }

  override get manifest(): Manifest {
    return { kind: this.name, options: { ...this.options } };
  }

  run(input: Ready<MessagesInput, unknown>): Flow<readonly BaseMessage[]> {
    return this.work(messagesOf(input as MessagesInput));
  }
}

/** @throws MessageCoercionError when there are no messages in it */
export function messagesOf(input: MessagesInput): readonly BaseMessage[] {
  if (Array.isArray(input)) return (input as readonly MessageLike[]).map(coerceMessageLikeToMessage);
  if (isPromptValue(input)) return input.toMessages();
  throw new MessageCoercionError(`Expected a list of messages or a prompt's value; got ${describe(input)}.`);
}
