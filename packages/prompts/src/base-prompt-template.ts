import {
  andThen,
  Runnable,
  type MaybePromise,
  type PromptValue,
  type Ready,
  type RunContext,
  type RunType,
} from '@pipewright/core';
import { InputReader, type InputReaderFields, type PromptVariable } from './input-reader.js';
import type { PromptInput } from './prompt-input.js';
import type { VariableValues } from './values.js';

/**
 * What all prompts have in common: they check their input, then fill themselves in. A prompt of another kind implements
 * `valueFor`.
 *
 * @typeParam Variables - the variables by name; those that may be left out are optional
 * @typeParam Out - what it gives
 *
 * @example
 * ```ts
 * import { StringPromptValue } from '@pipewright/core';
 * import { BasePromptTemplate, type VariableValues } from '@pipewright/prompts';
 *
 * class Shout extends BasePromptTemplate<{ readonly topic: string }, StringPromptValue> {
 *   readonly name = 'Shout';
 *   constructor() {
 *     super({ variables: [{ name: 'topic' }] });
 *   }
 *   valueFor(values: VariableValues) {
 *     return new StringPromptValue(`${String(values.topic).toUpperCase()}!`);
 *   }
 * }
 * const value = await new Shout().invoke('bears');
 * ```
 */
export abstract class BasePromptTemplate<Variables, Out extends PromptValue> extends Runnable<
  PromptInput<Variables>,
  Out
> {
  /** Holds the variables' types. Never there at run time. */
  declare readonly '~variables'?: (variables: Variables) => void;
  override readonly runType: RunType = 'prompt';
  /** The names of the variables that a call must give, in the order of first use. */
  readonly inputVariables: readonly string[];
  /** The values set beforehand. */
  readonly partialVariables: VariableValues;
  /** All that it reads, as part of another prompt too; what has been set beforehand is optional. */
  readonly variables: readonly PromptVariable[];
  readonly '~input': InputReader;

  constructor(fields: InputReaderFields) {
    super();
    this['~input'] = new InputReader(fields);
    this.inputVariables = this['~input'].required;
    this.partialVariables = this['~input'].partials;
    this.variables = this['~input'].variables;
  }

  /** Fills the prompt in; every variable that is not optional has a value. */
  abstract valueFor(values: VariableValues, context: RunContext): MaybePromise<Out>;

  run(input: Ready<PromptInput<Variables>, unknown>, context: RunContext): MaybePromise<Out> {
    return this['~fillFrom'](input, context);
  }

  /** As `run`, for a prompt that this one is part of, which knows its variables only at run time. */
  '~fillFrom'(input: unknown, context: RunContext): MaybePromise<Out> {
    return andThen(this['~input'].read(input), (values) => this.valueFor(values, context));
  }

  /** Fills the prompt in as one text. Rejects as `invoke` does. */
  async format(input: PromptInput<Variables>): Promise<string> {
    return (await this.invoke(input)).toString();
  }
}

/** Whether a value is a prompt, of any installed copy of this package. */
export function isPromptTemplate(value: unknown): value is BasePromptTemplate<never, PromptValue> {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as Partial<BasePromptTemplate<never, PromptValue>>)['~fillFrom'] === 'function'
  );
}
