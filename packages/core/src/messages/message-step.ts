import { MessageCoercionError } from '../errors.js';
import { describe } from '../describe.js';
import type { MaybePromise } from '../flow/promise.js';
import { type Runnable, RunnableLambda } from '../runnable.js';
import { coerceMessageLikeToMessage, type MessageLike } from './coerce.js';
import type { BaseMessage } from './message.js';
import { isPromptValue, type PromptValue } from './prompt-value.js';

/** What a step from messages to messages takes: messages in any form, or what a prompt gives. */
export type MessagesInput = PromptValue | readonly MessageLike[];

/** A function of messages as a step of a chain, between a prompt and a model for example. */
export function messageStep(
  name: string,
  work: (messages: readonly BaseMessage[]) => MaybePromise<readonly BaseMessage[]>,
): Runnable<MessagesInput, readonly BaseMessage[]> {
  return new RunnableLambda({ name, func: (input: MessagesInput) => work(messagesOf(input)) });
}

/** @throws MessageCoercionError when there are no messages in it */
export function messagesOf(input: MessagesInput): readonly BaseMessage[] {
  if (Array.isArray(input)) return (input as readonly MessageLike[]).map(coerceMessageLikeToMessage);
  if (isPromptValue(input)) return input.toMessages();
  throw new MessageCoercionError(`Expected a list of messages or a prompt's value; got ${describe(input)}.`);
}
