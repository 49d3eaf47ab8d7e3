import type { BaseMessage, MaybePromise, RunContext } from '@pipewright/core';
import type { PromptVariable } from './input-reader.js';
import type { VariableValues } from './values.js';

/** What a chat prompt is put together from. Each part makes some of the prompt's messages, in its place. */
export interface MessagePart<Variables> {
  /** Holds the variables' types. Never there at run time. */
  readonly '~variables'?: (variables: Variables) => void;
  /** What a prompt stores of it; `storedPart` reads it again. A part that is a runnable is stored as one. */
  readonly stored?: Readonly<Record<string, unknown>>;
  /** What it reads, in the order of first use. */
  readonly variables: readonly PromptVariable[];
  /** Makes its messages. Every variable that is not optional has a value. */
  messagesFor(values: VariableValues, context: RunContext): MaybePromise<readonly BaseMessage[]>;
}

export function isMessagePart(value: unknown): value is MessagePart<never> {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as Partial<MessagePart<never>>).messagesFor === 'function'
  );
}
