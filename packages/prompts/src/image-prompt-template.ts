import {
  andThen,
  changedFields,
  ConfigError,
  PromptInputError,
  type ContentBlock,
  type Manifest,
  type MaybePromise,
  type RunContext,
} from '@pipewright/core';
import { BasePromptTemplate } from './base-prompt-template.js';
import type { ContentPart } from './content-part.js';
import { compileData } from './data-template.js';
import { ImagePromptValue, type ImageContent } from './image-prompt-value.js';
import type { ContentVariables } from './message-variables.js';
import type { PartialValues, WithPreset } from './prompt-input.js';
import type { Template, TemplateFormat, TemplateOptions } from './template.js';
import type { VariableValues } from './values.js';

export interface ImagePromptTemplateFields<
  Image extends ImageContent,
  Preset extends string,
  Format extends TemplateFormat,
> extends TemplateOptions<Format> {
  /** The address and, if wanted, the detail; both are templates. */
  readonly template: Image;
  readonly inputVariables?: readonly string[];
  /** Values set beforehand; see `partial`. */
  readonly partialVariables?: { readonly [Name in Preset]: unknown };
}

/**
 * An image whose address has variables. It stands in a message's content, or makes a message of the user's by itself. The
 * address is passed on and never fetched.
 *
 * @throws ConfigError when there is no `url`
 * @throws TemplateError when a template is malformed
 *
 * @example
 * ```ts
 * import { ChatPromptTemplate, ImagePromptTemplate } from '@pipewright/prompts';
 *
 * const photo = new ImagePromptTemplate({ template: { url: 'https://example.com/{file}', detail: 'low' } });
 * const prompt = ChatPromptTemplate.fromMessages([['human', ['What is in {file}?', photo]]]);
 * const messages = await prompt.formatMessages({ file: 'bear.jpg' });
 * ```
 */
export class ImagePromptTemplate<
    const Image extends ImageContent = ImageContent,
    Preset extends string = never,
    Format extends TemplateFormat = 'f-string',
  >
  extends BasePromptTemplate<WithPreset<ImageVariables<Image, Format>, Preset>, ImagePromptValue>
  implements ContentPart<WithPreset<ImageVariables<Image, Format>, Preset>>
{
  readonly name = 'ImagePromptTemplate';
  readonly template: ImageContent;
  readonly templateFormat: TemplateFormat;
  readonly '~template': Template<unknown>;

  constructor(fields: ImagePromptTemplateFields<Image, Preset, Format>) {
    const format = fields.templateFormat ?? 'f-string';
    if (typeof fields.template?.url !== 'string') {
      throw new ConfigError('template', "The template of an image has no url; give { url: '…' }.");
    }
    const { url, detail } = fields.template;
    const template = compileData(detail === undefined ? { url } : { url, detail }, format);
    super({ ...fields, variables: template.variables });
    this.template = fields.template;
    this.templateFormat = format;
    this['~template'] = template;
  }

  override get manifest(): Manifest {
    const { template, templateFormat, partialVariables } = this;
    return { kind: 'ImagePromptTemplate', options: { template, templateFormat, partialVariables } };
  }

  override withFields(fields: Readonly<Record<string, unknown>>): ImagePromptTemplate<Image, Preset, Format> {
    const { template, templateFormat, partialVariables } = this;
    return new ImagePromptTemplate(
      changedFields({ template, templateFormat, partialVariables }, fields) as never,
    );
  }

  valueFor(values: VariableValues): ImagePromptValue {
    const image = this['~template'].fill(values) as ImageContent;
    if (image.url === '') {
      throw new PromptInputError([], 'The address of the image is empty. Pass values that make one.');
    }
    return new ImagePromptValue(image);
  }

  /** As a block of the message that it is part of. */
  contentFor(values: VariableValues, context: RunContext): MaybePromise<ContentBlock> {
    return andThen(this['~fillFrom'](values, context), ({ block }) => block);
  }

  /** The same image with some variables set beforehand; see `PromptTemplate.partial`. */
  partial<Name extends keyof ImageVariables<Image, Format> & string>(
    values: PartialValues<ImageVariables<Image, Format>, Name>,
  ): ImagePromptTemplate<Image, Preset | Name, Format> {
    const partialVariables: VariableValues = { ...this.partialVariables, ...values };
    return this.withFields({ partialVariables }) as unknown as ImagePromptTemplate<
      Image,
      Preset | Name,
      Format
    >;
  }
}

type ImageVariables<Image, Format extends TemplateFormat> = ContentVariables<readonly [Image], Format>;
