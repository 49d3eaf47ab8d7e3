import {
  andThen,
  changedFields,
  ConfigError,
  StringPromptValue,
  type Manifest,
  type MaybePromise,
  type PromptValue,
  type RunContext,
} from '@pipewright/core';
import { BasePromptTemplate, isPromptTemplate } from './base-prompt-template.js';
import { ownExamples, exampleSource, type ExampleFields, type ExampleSource } from './example-source.js';
import { gather } from './gather.js';
import { checkOutput } from './output-limit.js';
import type { PartialValues, WithPreset } from './prompt-input.js';
import { compileTemplate, type Template, type TemplateFormat, type TemplateOptions } from './template.js';
import type { VariableValues } from './values.js';
import type { CheckedTemplate, Flat, TemplateVariables } from './variables.js';

export interface FewShotPromptTemplateFields<
  Prefix extends string = string,
  Suffix extends string = string,
  Input extends string = string,
  Preset extends string = string,
  Format extends TemplateFormat = TemplateFormat,
> extends ExampleFields,
    TemplateOptions<Format> {
  /** Shows one example. */
  readonly examplePrompt: BasePromptTemplate<never, PromptValue>;
  /** Template of what comes before the examples. Default: nothing. */
  readonly prefix?: CheckedTemplate<Prefix, Format>;
  /** Template of what comes after them. Default: nothing. */
  readonly suffix?: CheckedTemplate<Suffix, Format>;
  /** What stands between prefix, examples and suffix. Default: an empty line. */
  readonly exampleSeparator?: string;
  /** The variables that a call gives: those of prefix and suffix, and those that only the selector reads. */
  readonly inputVariables?: readonly Input[];
  /** Values set beforehand; see `partial`. */
  readonly partialVariables?: { readonly [Name in Preset]: unknown };
}

/**
 * A text that shows a model how it is done: a prefix, examples, a suffix. Prefix and suffix are templates; an example is
 * filled into its own prompt, and what it holds is text, braces and all.
 *
 * @throws ConfigError when there are both examples and a selector, or neither, or an example is incomplete
 *
 * @example
 * ```ts
 * import { FewShotPromptTemplate, PromptTemplate } from '@pipewright/prompts';
 *
 * const prompt = new FewShotPromptTemplate({
 *   prefix: 'Write the {form} of each word.',
 *   examples: [
 *     { word: 'happy', answer: 'sad' },
 *     { word: 'tall', answer: 'short' },
 *   ],
 *   examplePrompt: PromptTemplate.fromTemplate('Word: {word}\nAnswer: {answer}'),
 *   suffix: 'Word: {input}\nAnswer:',
 * });
 * const text = await prompt.format({ form: 'opposite', input: 'fast' });
 * ```
 */
export class FewShotPromptTemplate<
  const Prefix extends string = '',
  const Suffix extends string = '',
  const Input extends string = never,
  Preset extends string = never,
  Format extends TemplateFormat = 'f-string',
> extends BasePromptTemplate<
  WithPreset<FewShotVariables<Prefix, Suffix, Input, Format>, Preset>,
  StringPromptValue
> {
  readonly name = 'FewShotPromptTemplate';
  readonly fields: FewShotPromptTemplateFields;
  readonly '~before': readonly Template[];
  readonly '~after': readonly Template[];
  readonly '~examples': ExampleSource;

  constructor(fields: FewShotPromptTemplateFields<Prefix, Suffix, Input, Preset, Format>) {
    const { prefix = '', suffix = '', templateFormat, inputVariables = [], partialVariables } = fields;
    // An empty text is no part: it would leave a separator behind.
    const compiled = (text: string): readonly Template[] =>
      text === '' ? [] : [compileTemplate(text, templateFormat)];
    const before = compiled(prefix as string);
    const after = compiled(suffix as string);
    super({
      variables: [
        ...before.flatMap(({ variables }) => variables),
        ...inputVariables.map((name) => ({ name })),
        ...after.flatMap(({ variables }) => variables),
      ],
      partialVariables: partialVariables as VariableValues | undefined,
    });
    if (!isPromptTemplate(fields.examplePrompt)) {
      throw new ConfigError(
        'examplePrompt',
        'A few-shot prompt needs an examplePrompt that shows an example.',
      );
    }
    this.fields = ownExamples(fields) as FewShotPromptTemplateFields;
    this['~before'] = before;
    this['~after'] = after;
    this['~examples'] = exampleSource(this.fields, fields.examplePrompt);
  }

  override get manifest(): Manifest {
    return { kind: 'FewShotPromptTemplate', options: { ...this.fields } };
  }

  override withFields(
    fields: Readonly<Record<string, unknown>>,
  ): FewShotPromptTemplate<Prefix, Suffix, Input, Preset, Format> {
    return new FewShotPromptTemplate(changedFields({ fields: this.fields }, fields).fields as never);
  }

  valueFor(values: VariableValues, context: RunContext): MaybePromise<StringPromptValue> {
    const { examplePrompt, exampleSeparator = '\n\n' } = this.fields;
    const fill = (template: Template): string => template.fill(values);
    const shown = andThen(this['~examples'](values, context), (examples) =>
      gather(examples, (example) => examplePrompt['~fillFrom'](example, context)),
    );
    return andThen(shown, (texts) => {
      const parts = [...this['~before'].map(fill), ...texts.map(String), ...this['~after'].map(fill)];
      checkOutput(parts.reduce((length, part) => length + part.length + exampleSeparator.length, 0));
      return new StringPromptValue(parts.join(exampleSeparator));
    });
  }

  /** The same prompt with some variables set beforehand; see `PromptTemplate.partial`. */
  partial<Name extends keyof FewShotVariables<Prefix, Suffix, Input, Format> & string>(
    values: PartialValues<FewShotVariables<Prefix, Suffix, Input, Format>, Name>,
  ): FewShotPromptTemplate<Prefix, Suffix, Input, Preset | Name, Format> {
    const partialVariables: VariableValues = { ...this.partialVariables, ...values };
    const fields = { ...this.fields, partialVariables };
    return this.withFields({ fields }) as unknown as FewShotPromptTemplate<
      Prefix,
      Suffix,
      Input,
      Preset | Name,
      Format
    >;
  }
}

type FewShotVariables<
  Prefix extends string,
  Suffix extends string,
  Input extends string,
  Format extends TemplateFormat,
> = Flat<
  TemplateVariables<Prefix, Format> & TemplateVariables<Suffix, Format> & { [Name in Input]: unknown }
>;
