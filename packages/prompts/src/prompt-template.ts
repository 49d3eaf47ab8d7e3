import {
  andThen,
  changedFields,
  ConfigError,
  StringPromptValue,
  TemplateError,
  type MaybePromise,
  type RunContext,
  type Manifest,
} from '@pipewright/core';
import { BasePromptTemplate } from './base-prompt-template.js';
import type { ContentPart } from './content-part.js';
import type { PartialValues, WithPreset } from './prompt-input.js';
import { compileTemplate, type Template, type TemplateFormat, type TemplateOptions } from './template.js';
import type { VariableValues } from './values.js';
import type { CheckedTemplate, Flat, OpenVariables, TemplateVariables } from './variables.js';

export interface PromptTemplateFields<
  Text extends string,
  Preset extends string,
  Format extends TemplateFormat = 'f-string',
> extends TemplateOptions<Format> {
  readonly template: Text;
  /** The variables that a call gives, for the prompt to check its template by. Default: those that the template uses. */
  readonly inputVariables?: readonly string[];
  /** Values set beforehand; see `partial`. */
  readonly partialVariables?: { readonly [Name in Preset]: unknown };
}

/**
 * A text with variables: `{name}` stands for a value, `{{` and `}}` for braces. Values are put in exactly as they are; arrays
 * and objects become JSON. What variables it takes, the compiler reads off the template.
 *
 * With `templateFormat: 'mustache'` it is `{{name}}` or `{{name.part}}` for a value, `{{#list}}…{{/list}}` for each of a
 * list and `{{^list}}…{{/list}}` for none.
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
 *
 * const list = PromptTemplate.fromTemplate('{{#items}}- {{.}}\n{{/items}}', { templateFormat: 'mustache' });
 * const lines = await list.format({ items: ['bears', 'bees'] });
 * ```
 */
export class PromptTemplate<
    const Of = OpenVariables,
    Preset extends string = never,
    Format extends TemplateFormat = 'f-string',
  >
  extends BasePromptTemplate<WithPreset<VariablesOf<Of, Format>, Preset>, StringPromptValue>
  implements ContentPart<WithPreset<VariablesOf<Of, Format>, Preset>>
{
  readonly name = 'PromptTemplate';
  readonly template: string;
  readonly templateFormat: TemplateFormat;
  readonly '~template': Template;

  constructor(
    fields: PromptTemplateFields<Of extends string ? CheckedTemplate<Of, Format> : string, Preset, Format>,
  ) {
    const format = fields.templateFormat ?? 'f-string';
    const template = compileTemplate(fields.template, format);
    super({ ...fields, variables: template.variables });
    this.template = fields.template;
    this.templateFormat = format;
    this['~template'] = template;
  }

  /** Makes a prompt of a template. */
  static fromTemplate<const Text extends string, Format extends TemplateFormat = 'f-string'>(
    template: CheckedTemplate<Text, Format>,
    options: TemplateOptions<Format> = {},
  ): PromptTemplate<TemplateVariables<Text, Format>> {
    const { templateFormat } = options;
    return promptOf(template, templateFormat) as PromptTemplate<TemplateVariables<Text, Format>>;
  }

  override get manifest(): Manifest {
    const { template, templateFormat, partialVariables } = this;
    return { kind: this.name, options: { template, templateFormat, partialVariables } };
  }

  override withFields(fields: Readonly<Record<string, unknown>>): PromptTemplate<Of, Preset, Format> {
    const { template, templateFormat, partialVariables } = this;
    return new PromptTemplate(changedFields({ template, templateFormat, partialVariables }, fields) as never);
  }

  valueFor(values: VariableValues): StringPromptValue {
    return new StringPromptValue(this['~template'].fill(values));
  }

  /** As the text of a message that it is part of. */
  contentFor(values: VariableValues, context: RunContext): MaybePromise<string> {
    return andThen(this['~fillFrom'](values, context), (made) => made.value);
  }

  /**
   * The same prompt with some variables set beforehand, by a value, or by a function, also an async one, that is called for
   * it at each run. A call may still give them, and then its values count.
   */
  partial<Name extends keyof VariablesOf<Of, Format> & string>(
    values: PartialValues<VariablesOf<Of, Format>, Name>,
  ): PromptTemplate<Of, Preset | Name, Format> {
    const partialVariables: VariableValues = { ...this.partialVariables, ...values };
    return this.withFields({ partialVariables }) as unknown as PromptTemplate<Of, Preset | Name, Format>;
  }

  /**
   * This text, then another: a template, or a prompt of the same format. What has been set beforehand for either holds for
   * both; where both have a value, the other's counts.
   */
  concat<const Text extends string>(
    other: CheckedTemplate<Text, Format>,
  ): PromptTemplate<Flat<WithPreset<VariablesOf<Of, Format>, Preset> & TemplateVariables<Text, Format>>>;
  concat<Variables>(
    other: BasePromptTemplate<Variables, StringPromptValue> & { readonly template: string },
  ): PromptTemplate<Flat<WithPreset<VariablesOf<Of, Format>, Preset> & Variables>>;
  concat(other: unknown): PromptTemplate<never> {
    const { template, templateFormat, partialVariables } =
      typeof other === 'string' ? promptOf(other, this.templateFormat) : (other as PromptTemplate<never>);
    if (templateFormat !== this.templateFormat) {
      throw new ConfigError(
        'templateFormat',
        `A prompt in the format ${this.templateFormat} cannot be joined with one in ${templateFormat}.`,
      );
    }
    if (templateFormat === 'mustache' && this.template.endsWith('{') && template.startsWith('{')) {
      throw new TemplateError(
        'Joined, the "{" at the end of one template and the "{" at the beginning of the other would open a tag.',
        this.template + template,
        this.template.length - 1,
      );
    }
    return promptOf(this.template + template, templateFormat, {
      ...this.partialVariables,
      ...partialVariables,
    });
  }
}

function promptOf(
  template: string,
  templateFormat: TemplateFormat | undefined,
  partialVariables?: VariableValues,
): PromptTemplate<never> {
  return new PromptTemplate<OpenVariables, string, TemplateFormat>({
    template: template as never,
    ...(templateFormat !== undefined && { templateFormat }),
    ...(partialVariables !== undefined && { partialVariables }),
  }) as unknown as PromptTemplate<never>;
}

type VariablesOf<Of, Format extends TemplateFormat> = Of extends string ? TemplateVariables<Of, Format> : Of;
