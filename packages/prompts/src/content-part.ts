import type { ContentBlock, MaybePromise, RunContext } from '@pipewright/core';
import type { PromptVariable } from './input-reader.js';
import type { VariableValues } from './values.js';

/** What a message's content is put together from, besides plain data: a text template, an image, a block. */
export interface ContentPart<in Variables> {
  /** Holds the variables' types. Never there at run time. */
  readonly '~variables'?: (variables: Variables) => void;
  /** What it reads, in the order of first use. */
  readonly variables: readonly PromptVariable[];
  /** Makes its text or its block. Every variable that is not optional has a value. */
  contentFor(values: VariableValues, context: RunContext): MaybePromise<string | ContentBlock>;
}

export function isContentPart(value: unknown): value is ContentPart<never> {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as Partial<ContentPart<never>>).contentFor === 'function'
  );
}
