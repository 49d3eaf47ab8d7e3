import { ConfigError, LimitExceededError } from '@pipewright/core';
import { describe } from './describe.js';
import { compileFString } from './f-string.js';
import type { VariableValues } from './values.js';

/** Something with variables in it, taken apart once and filled in many times. */
export interface Template<Filled = string> {
  /** The names of its variables, each once, in the order of first use. */
  readonly variables: readonly string[];
  /** Fills it in. The caller has made sure that every variable has a value; values are inserted and never looked into. */
  fill(values: VariableValues): Filled;
}

/** In UTF-16 units. A value has no limit: large texts belong in variables. */
const MAX_LENGTH = 1024 * 1024;

/**
 * Takes a text apart. Every prompt class gets its templates here, so none of them knows a different language.
 *
 * @throws TemplateError when it is malformed
 * @throws LimitExceededError when it is longer than 1 MiB (2^20 UTF-16 units)
 */
export function compileTemplate(text: string): Template {
  if (typeof text !== 'string') {
    throw new ConfigError('template', `The template is ${describe(text)}; give a string.`);
  }
  if (text.length > MAX_LENGTH) {
    throw new LimitExceededError(
      'templateLength',
      MAX_LENGTH,
      `The template has ${text.length} characters, more than the ${MAX_LENGTH} allowed. Pass large texts as variables.`,
    );
  }
  return compileFString(text);
}
