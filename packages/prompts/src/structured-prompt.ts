import {
  changedFields,
  ConfigError,
  describe,
  schemaOption,
  type ChatPromptValue,
  type ChunkOf,
  type DeepPartial,
  type Manifest,
  type OutputOf,
  type Runnable,
  type RunnableLike,
  type Schema,
  type SchemaOutput,
  type StructuredOutputOptions,
} from '@pipewright/core';
import { ChatPromptTemplate, type ChatPromptTemplateFields } from './chat-prompt-template.js';
import type { MessageTemplateLike } from './message-template-like.js';
import type { CheckedMessages, MessagesVariables } from './message-variables.js';
import type { PartialValues, PromptInput, WithPreset } from './prompt-input.js';
import type { TemplateFormat, TemplateOptions } from './template.js';
import type { OpenVariables } from './variables.js';

type StructuredOptions = Omit<StructuredOutputOptions, 'includeRaw'>;

export interface StructuredPromptFields<
  Likes extends readonly MessageTemplateLike[],
  S extends Schema,
  Preset extends string,
  Format extends TemplateFormat,
> extends ChatPromptTemplateFields<Likes, Preset, Format>,
    StructuredOptions {
  /** The form of the answers. */
  readonly schema: S;
}

/** A model that can be told the form of its answers, as every chat model can. */
export interface StructurableModel {
  withStructuredOutput(schema: Schema, options?: StructuredOptions): Runnable<never, unknown, unknown>;
}

/**
 * A chat prompt that knows the form of the answers: piped into a chat model, it has the model answer in it, as
 * `withStructuredOutput` does.
 *
 * @typeParam S - the schema
 * @throws ConfigError when piped into something else than a chat model
 *
 * @example
 * ```ts
 * import { ScriptedChatModel } from '@pipewright/core/testing';
 * import { StructuredPrompt } from '@pipewright/prompts';
 * import { z } from 'zod';
 *
 * const prompt = StructuredPrompt.fromMessagesAndSchema(
 *   [['human', 'The capital of {country}?']],
 *   z.object({ city: z.string() }),
 * );
 * const chain = prompt.pipe(new ScriptedChatModel({ replies: ['{"city": "Oslo"}'] }));
 * const { city } = await chain.invoke('Norway');
 * ```
 */
export class StructuredPrompt<
  S extends Schema,
  const Of = OpenVariables,
  Preset extends string = never,
  Format extends TemplateFormat = 'f-string',
> extends ChatPromptTemplate<Of, Preset, Format> {
  override readonly name = 'StructuredPrompt';
  readonly schema: S;
  readonly structuredOptions: StructuredOptions;

  constructor(
    fields: StructuredPromptFields<
      Of extends readonly MessageTemplateLike[] ? Of : readonly MessageTemplateLike[],
      S,
      Preset,
      Format
    >,
  ) {
    const { schema, method, name, strict, ...rest } = fields;
    super(rest as ChatPromptTemplateFields<never, Preset, Format>);
    if (typeof schema !== 'object' && typeof schema !== 'function') {
      throw new ConfigError('schema', `The schema is ${describe(schema)}; give a zod schema or JSON Schema.`);
    }
    this.schema = schema;
    this.structuredOptions = {
      ...(method !== undefined && { method }),
      ...(name !== undefined && { name }),
      ...(strict !== undefined && { strict }),
    };
  }

  /** Makes a prompt of messages, as `fromMessages` does, and of the form of the answers. */
  static fromMessagesAndSchema<
    const Likes extends readonly MessageTemplateLike[],
    S extends Schema,
    Format extends TemplateFormat = 'f-string',
  >(
    messages: Likes & CheckedMessages<Likes, Format>,
    schema: S,
    method?: StructuredOptions['method'],
    options: TemplateOptions<Format> = {},
  ): StructuredPrompt<S, MessagesVariables<Likes, Format>, never, Format> {
    const promptMessages: readonly MessageTemplateLike[] = messages;
    const fields = { promptMessages, schema, ...(method !== undefined && { method }), ...options };
    return new StructuredPrompt(fields) as unknown as StructuredPrompt<
      S,
      MessagesVariables<Likes, Format>,
      never,
      Format
    >;
  }

  /** This prompt, then a chat model, which answers in the form of the schema. */
  override pipe<Model extends StructurableModel>(
    model: Model,
  ): Runnable<
    PromptInput<WithPreset<StructuredVariables<Of, Format>, Preset>>,
    SchemaOutput<S>,
    DeepPartial<SchemaOutput<S>>
  >;
  override pipe<NextOut, NextChunk>(
    next: Runnable<ChatPromptValue, NextOut, NextChunk>,
  ): Runnable<PromptInput<WithPreset<StructuredVariables<Of, Format>, Preset>>, NextOut, NextChunk>;
  override pipe<Next extends RunnableLike<ChatPromptValue>>(
    next: Next,
  ): Runnable<
    PromptInput<WithPreset<StructuredVariables<Of, Format>, Preset>>,
    OutputOf<Next, ChatPromptValue>,
    ChunkOf<Next, ChatPromptValue>
  >;
  override pipe(
    next: unknown,
  ): Runnable<PromptInput<WithPreset<StructuredVariables<Of, Format>, Preset>>, never, never> {
    return super.pipe(this['~structured'](next) as never);
  }

  override partial<Name extends keyof StructuredVariables<Of, Format> & string>(
    values: PartialValues<StructuredVariables<Of, Format>, Name>,
  ): StructuredPrompt<S, Of, Preset | Name, Format> {
    return super.partial(values) as unknown as StructuredPrompt<S, Of, Preset | Name, Format>;
  }

  /** A schema that validates goes by the name of the form. */
  override get manifest(): Manifest {
    const { schema, structuredOptions } = this;
    const stored = schemaOption(structuredOptions.name ?? this.name, schema);
    return { kind: this.name, options: { ...super.manifest.options, ...structuredOptions, schema: stored } };
  }

  override withFields(fields: Readonly<Record<string, unknown>>): StructuredPrompt<S, Of, Preset, Format> {
    const { promptMessages, templateFormat, partialVariables, schema, structuredOptions } = this;
    const own = { promptMessages, templateFormat, partialVariables, schema, structuredOptions };
    const { structuredOptions: options, ...changed } = changedFields(own, fields);
    return new StructuredPrompt({ ...options, ...changed } as never);
  }

  '~structured'(next: unknown): unknown {
    if (isStructurable(next)) return next.withStructuredOutput(this.schema, this.structuredOptions);
    throw new ConfigError(
      'pipe',
      `A structured prompt is piped into a chat model, which it gives its schema; got ${describe(next)}.`,
    );
  }
}

function isStructurable(value: unknown): value is StructurableModel {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as Partial<StructurableModel>).withStructuredOutput === 'function'
  );
}

type StructuredVariables<Of, Format extends TemplateFormat> = Of extends readonly unknown[]
  ? MessagesVariables<Of, Format>
  : Of;
