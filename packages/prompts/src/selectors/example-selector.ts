import { Runnable, type MaybePromise, type Ready, type RunContext } from '@pipewright/core';
import type { Example } from '../example-source.js';
import type { VariableValues } from '../values.js';

/**
 * Chooses, for the input of a few-shot prompt, which examples to show. It is a runnable, too. One of your own implements
 * two methods.
 *
 * @example
 * ```ts
 * import { BaseExampleSelector, type Example } from '@pipewright/prompts';
 *
 * class Newest extends BaseExampleSelector {
 *   readonly name = 'Newest';
 *   readonly examples: Example[] = [];
 *   addExample(example: Example) {
 *     this.examples.push(example);
 *   }
 *   selectExamples() {
 *     return this.examples.slice(-2);
 *   }
 * }
 * const selector = new Newest();
 * selector.addExample({ word: 'happy', answer: 'sad' });
 * const chosen = await selector.invoke({ input: 'fast' });
 * ```
 */
export abstract class BaseExampleSelector extends Runnable<VariableValues, readonly Example[]> {
  /** Adds an example to choose from. */
  abstract addExample(example: Example): MaybePromise<void>;

  /** The examples for an input, in the order in which they are to be shown. */
  abstract selectExamples(input: VariableValues, context?: RunContext): MaybePromise<readonly Example[]>;

  run(input: Ready<VariableValues, unknown>, context: RunContext): MaybePromise<readonly Example[]> {
    return this.selectExamples(input as VariableValues, context);
  }
}
