import { ConfigError, describe, LimitExceededError } from '@pipewright/core';
import { compileFString } from './f-string.js';
import type { PromptVariable } from './input-reader.js';
import { compileMustache } from './mustache/compile.js';
import type { VariableValues } from './values.js';

/** How a template is written: `{name}`, or `{{name}}` with sections. */
export type TemplateFormat = 'f-string' | 'mustache';

export interface TemplateOptions<Format extends TemplateFormat> {
  /** How the templates are written. Default: f-strings. */
  readonly templateFormat?: Format;
}

/** Something with variables in it, taken apart once and filled in many times. */
export interface Template<Filled = string> {
  /** Its variables, in the order of first use. */
  readonly variables: readonly PromptVariable[];
  /**
   * Fills it in. The caller has made sure that every variable that is not optional has a value; values are inserted and
   * never looked into.
   */
  fill(values: VariableValues): Filled;
}

/** In UTF-16 units. A value has no limit: large texts belong in variables. */
const MAX_LENGTH = 1024 * 1024;

/**
 * Takes a text apart. Every prompt class gets its templates here, so none of them knows a different language.
 *
 * @throws TemplateError when it is malformed
 * @throws ConfigError when it is no text, or there is no such format
 * @throws LimitExceededError when it is longer than 1 MiB (2^20 UTF-16 units), or has sections nested deeper than 32
 */
export function compileTemplate(text: string, format: TemplateFormat = 'f-string'): Template {
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
  if (format === 'f-string') return compileFString(text);
  if (format === 'mustache') return compileMustache(text);
  throw new ConfigError(
    'templateFormat',
    `There is no template format ${JSON.stringify(format)}; use 'f-string' or 'mustache'.`,
  );
}
