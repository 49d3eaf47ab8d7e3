import {
  andThen,
  changedFields,
  ConfigError,
  describe,
  Runnable,
  type ContentBlock,
  type Manifest,
  type MaybePromise,
  type Ready,
  type RunContext,
  type RunType,
} from '@pipewright/core';
import type { ContentPart } from './content-part.js';
import { compileData } from './data-template.js';
import { InputReader, type PromptVariable } from './input-reader.js';
import type { ContentVariables } from './message-variables.js';
import type { PromptInput } from './prompt-input.js';
import type { Template, TemplateFormat, TemplateOptions } from './template.js';
import type { VariableValues } from './values.js';

/** Plain data whose texts are templates. */
export type DictTemplate = Readonly<Record<string, unknown>>;

export interface DictPromptTemplateFields<Data extends DictTemplate, Format extends TemplateFormat>
  extends TemplateOptions<Format> {
  readonly template: Data;
}

/**
 * Plain data with variables: every text in it is a template; numbers, truths, nulls and instances of classes stay as they
 * are, in lists too. It stands in a message's content for a block of a provider's own, or runs by itself.
 *
 * @throws TemplateError when a text in it is malformed
 * @throws LimitExceededError when it is nested deeper than 32 levels
 *
 * @example
 * ```ts
 * import { ChatPromptTemplate, DictPromptTemplate } from '@pipewright/prompts';
 *
 * const citation = new DictPromptTemplate({ template: { type: 'citation', page: 5, source: '{source}' } });
 * const block = await citation.invoke({ source: 'Walden' }); // { type: 'citation', page: 5, source: 'Walden' }
 * const prompt = ChatPromptTemplate.fromMessages([['human', ['Is this right?', citation]]]);
 * ```
 */
export class DictPromptTemplate<
    const Data extends DictTemplate = DictTemplate,
    Format extends TemplateFormat = 'f-string',
  >
  extends Runnable<PromptInput<DictVariables<Data, Format>>, DictTemplate>
  implements ContentPart<DictVariables<Data, Format>>
{
  declare readonly '~variables'?: (variables: DictVariables<Data, Format>) => void;
  readonly name = 'DictPromptTemplate';
  override readonly runType: RunType = 'prompt';
  readonly template: DictTemplate;
  readonly templateFormat: TemplateFormat;
  readonly variables: readonly PromptVariable[];
  /** The names of the variables that a call must give, in the order of first use. */
  readonly inputVariables: readonly string[];
  readonly '~template': Template<unknown>;
  readonly '~input': InputReader;

  constructor(fields: DictPromptTemplateFields<Data, Format>) {
    super();
    const { template, templateFormat = 'f-string' } = fields;
    if (typeof template !== 'object' || template === null || Array.isArray(template)) {
      throw new ConfigError('template', `The template is ${describe(template)}; give an object.`);
    }
    this.template = template;
    this.templateFormat = templateFormat;
    this['~template'] = compileData(template, templateFormat);
    this['~input'] = new InputReader({ variables: this['~template'].variables });
    this.variables = this['~input'].variables;
    this.inputVariables = this['~input'].required;
  }

  override get manifest(): Manifest {
    const { template, templateFormat } = this;
    return { kind: 'DictPromptTemplate', options: { template, templateFormat } };
  }

  override withFields(fields: Readonly<Record<string, unknown>>): DictPromptTemplate<Data, Format> {
    const { template, templateFormat } = this;
    return new DictPromptTemplate(changedFields({ template, templateFormat }, fields) as never);
  }

  run(input: Ready<PromptInput<DictVariables<Data, Format>>, unknown>): MaybePromise<DictTemplate> {
    return andThen(this['~input'].read(input), (values) => this['~template'].fill(values) as DictTemplate);
  }

  /** As a block of the message that it is part of. */
  contentFor(values: VariableValues, _context: RunContext): ContentBlock {
    return this['~template'].fill(values) as ContentBlock;
  }

  /** Fills the data in. Rejects as `invoke` does. */
  format(input: PromptInput<DictVariables<Data, Format>>): Promise<DictTemplate> {
    return this.invoke(input);
  }
}

type DictVariables<Data, Format extends TemplateFormat> = ContentVariables<readonly [Data], Format>;
