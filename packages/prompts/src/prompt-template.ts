import { StringPromptValue } from '@pipewright/core';
import { BasePromptTemplate } from './base-prompt-template.js';
import type { PartialValues, WithPreset } from './prompt-input.js';
import { compileTemplate, type Template } from './template.js';
import type { VariableValues } from './values.js';
import type { CheckedTemplate, OpenVariables, TemplateVariables } from './variables.js';

export interface PromptTemplateFields<Text extends string, Preset extends string> {
  readonly template: Text;
  /** The variables that a call gives, for the prompt to check its template by. Default: those that the template uses. */
  readonly inputVariables?: readonly string[];
  /** Values set beforehand; see `partial`. */
  readonly partialVariables?: { readonly [Name in Preset]: unknown };
}

/**
 * A text with variables: `{name}` stands for a value, `{{` and `}}` for braces. Values are put in exactly as they are; arrays and objects become JSON. What variables it takes, the compiler reads off the template.
 *
 * Calls take the variables as an object, or, where only one is required, its bare value: `prompt.invoke('bears')`. They
 * reject with PromptInputError if any is missing; further ones are ignored.
 *
 * @typeParam Of - its variables by name, or the literal template they are read off
 * @typeParam Preset - the names of those that have been set beforehand
 * @throws TemplateError when the template is malformed, saying where
 * @throws ConfigError when a variable is named `stop`, or is missing from `inputVariables`
 * @throws LimitExceededError when the template is longer than 1 MiB
 *
 * @example
 * ```ts
 * import { PromptTemplate } from '@pipewright/prompts';
 *
 * const prompt = PromptTemplate.fromTemplate('Tell me a {tone} joke about {topic}.');
 * const text = await prompt.format({ tone: 'dry', topic: 'bears' });
 *
 * const dry = prompt.partial({ tone: 'dry' });
 * const value = await dry.invoke('bears');
 * ```
 */
export class PromptTemplate<
  const Of = OpenVariables,
  Preset extends string = never,
> extends BasePromptTemplate<WithPreset<VariablesOf<Of>, Preset>, StringPromptValue> {
  readonly name = 'PromptTemplate';
  readonly template: string;
  readonly '~template': Template;

  constructor(fields: PromptTemplateFields<Of extends string ? CheckedTemplate<Of> : string, Preset>) {
    const template = compileTemplate(fields.template);
    super({ ...fields, variables: template.variables.map((name) => ({ name })) });
    this.template = fields.template;
    this['~template'] = template;
  }

  /** Makes a prompt of a template. */
  static fromTemplate<const Text extends string>(
    template: CheckedTemplate<Text>,
  ): PromptTemplate<TemplateVariables<Text>> {
    return new PromptTemplate({ template: template as string }) as PromptTemplate<TemplateVariables<Text>>;
  }

  valueFor(values: VariableValues): StringPromptValue {
    return new StringPromptValue(this['~template'].fill(values));
  }

  /**
   * The same prompt with some variables set beforehand, by a value, or by a function, also an async one, that is called for
   * it at each run. A call may still give them, and then its values count.
   */
  partial<Name extends keyof VariablesOf<Of> & string>(
    values: PartialValues<VariablesOf<Of>, Name>,
  ): PromptTemplate<Of, Preset | Name> {
    const partialVariables: VariableValues = { ...this.partialVariables, ...values };
    return new PromptTemplate({ template: this.template, partialVariables }) as PromptTemplate<
      Of,
      Preset | Name
    >;
  }
}

type VariablesOf<Of> = Of extends string ? TemplateVariables<Of> : Of;
