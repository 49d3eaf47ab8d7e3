import {
  ConfigError,
  describe,
  type MaybePromise,
  type PromptValue,
  type RunContext,
} from '@pipewright/core';
import type { BasePromptTemplate } from './base-prompt-template.js';
import { quoteNames } from './quote-names.js';
import { has, type VariableValues } from './values.js';

/** An example: the values of the prompt that shows it. */
export type Example = VariableValues;

/** Chooses examples for an input. Every example selector is one; any object with this method will do. */
export interface ExampleChooser {
  selectExamples(input: VariableValues, context?: RunContext): MaybePromise<readonly Example[]>;
}

/** Where a few-shot prompt has its examples from: one of the two. */
export interface ExampleFields {
  readonly examples?: readonly Example[];
  readonly exampleSelector?: ExampleChooser;
}

/** Gives the examples for an input. */
export type ExampleSource = (values: VariableValues, context: RunContext) => MaybePromise<readonly Example[]>;

/** The fields with a copy of the examples, so that nobody changes the prompt through the list that it was given. */
export function ownExamples<Fields extends ExampleFields>(fields: Fields): Fields {
  const { examples } = fields;
  if (!Array.isArray(examples)) return fields;
  const copied = (examples as readonly Example[]).map((example) =>
    typeof example === 'object' && example !== null ? { ...example } : example,
  );
  return { ...fields, examples: copied };
}

/** @throws ConfigError when there are both or neither, or an example lacks what the prompt for it needs */
export function exampleSource(
  { examples, exampleSelector }: ExampleFields,
  examplePrompt: BasePromptTemplate<never, PromptValue>,
): ExampleSource {
  if ((examples === undefined) === (exampleSelector === undefined)) {
    throw new ConfigError(
      'examples',
      `A few-shot prompt takes examples or an exampleSelector; ${examples === undefined ? 'neither was' : 'both were'} given.`,
    );
  }
  if (examples === undefined) {
    const chooser = exampleSelector as ExampleChooser;
    return (values, context) => chooser.selectExamples(values, context);
  }
  if (!Array.isArray(examples)) {
    throw new ConfigError('examples', `The examples are ${describe(examples)}; give a list of objects.`);
  }
  for (const [index, example] of (examples as readonly Example[]).entries()) {
    demandComplete(example, index, examplePrompt.inputVariables);
  }
  return () => examples;
}

function demandComplete(example: unknown, index: number, names: readonly string[]): void {
  if (typeof example !== 'object' || example === null || Array.isArray(example)) {
    throw new ConfigError('examples', `Example ${index + 1} is ${describe(example)}; give an object.`);
  }
  const missing = names.filter((name) => !has(example as Example, name));
  if (missing.length > 0) {
    throw new ConfigError(
      'examples',
      `Example ${index + 1} has no ${quoteNames(missing)}, which its prompt needs.`,
    );
  }
}
