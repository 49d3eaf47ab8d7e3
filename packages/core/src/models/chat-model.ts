import { cacheUse, type LlmCacheSetting } from '../cache/cache-options.js';
import { throughCache } from '../cache/through-cache.js';
import type { ModelCallOptions, RunnableConfig } from '../engine/config.js';
import type { RunContext } from '../engine/run-context.js';
import type { RunType } from '../engine/events.js';
import { MessageCoercionError } from '../errors.js';
import { chunksFrom, isChunks } from '../flow/chunks.js';
import type { Flow, Ready } from '../flow/flow.js';
import { andThen, type MaybePromise } from '../flow/promise.js';
import type { DeepPartial } from '../json/deep-partial.js';
import { AIMessageChunk } from '../messages/ai-chunk.js';
import type { AIMessage } from '../messages/ai.js';
import { coerceMessageLikeToMessage, type MessageLike } from '../messages/coerce.js';
import { messageFold } from '../messages/fold.js';
import type { BaseMessage } from '../messages/message.js';
import { ChatPromptValue, isPromptValue, type PromptValue } from '../messages/prompt-value.js';
import { lacking } from '../lacking.js';
import { Runnable } from '../runnable.js';
import type { Schema, SchemaOutput } from '../schema.js';
import type { Interceptor } from '../interceptors/interceptor.js';
import { bindTools, type BindToolsOptions } from '../tools/bind-tools.js';
import type { ToolLike } from '../tools/open-ai-tool.js';
import { boundModel, type ChatModelBinding } from './chat-model-binding.js';
import {
  structuredOutput,
  type StructuredChunk,
  type StructuredOutputOptions,
  type StructuredResult,
} from './structured-output.js';

/** What a chat model takes: a text of the user's, a prompt's value, or anything that reads as messages. */
export type ChatModelInput = string | PromptValue | readonly MessageLike[];

/** What every chat model can be told when it is made. */
export interface BaseChatModelFields {
  /** Whether and where answers are cached. Default: the global cache, if one is set. */
  readonly cache?: LlmCacheSetting | undefined;
}

/**
 * Base of chat models. An author writes `generate`, `streamChunks`, or both: with one of them, each verb works; with
 * both, whole answers are asked for where nobody would see the chunks. Caching, aborting and batching are seen to here.
 *
 * @example
 * ```ts
 * import { AIMessage, BaseChatModel, type BaseMessage } from '@pipewright/core';
 *
 * class Echo extends BaseChatModel {
 *   readonly name = 'Echo';
 *   override generate(messages: readonly BaseMessage[]) {
 *     return new AIMessage(messages.at(-1)?.text ?? '');
 *   }
 * }
 * const answer = await new Echo().invoke('Is anybody there?');
 * ```
 */
export abstract class BaseChatModel extends Runnable<ChatModelInput, AIMessage, AIMessageChunk> {
  override readonly runType: RunType = 'chat_model';
  readonly cache: LlmCacheSetting | undefined;
  declare readonly '~bound'?: ChatModelBinding;

  constructor(fields: BaseChatModelFields = {}) {
    super();
    this.cache = fields.cache;
  }

  /** Gives the whole answer. `options` are those of the call, already joined with what was bound. */
  generate?(
    messages: readonly BaseMessage[],
    options: ModelCallOptions,
    context: RunContext,
  ): MaybePromise<AIMessage>;

  /** Gives the answer as it is made. Pass `context.signal` on, so that stopping the run stops the provider. */
  streamChunks?(
    messages: readonly BaseMessage[],
    options: ModelCallOptions,
    context: RunContext,
  ): AsyncIterable<AIMessageChunk> | Iterable<AIMessageChunk>;

  /**
   * What can change this model's answers, as plain data and without secrets: it is part of the cache key. By default the
   * name and every own field; a model with a field that is not plain data is not cached until it says here what counts.
   */
  identity(): Readonly<Record<string, unknown>> {
    const { cache: _cache, ...fields } = this;
    return fields;
  }

  /**
   * This model with tools that it may call. The tools are bound as an option: `withRetry`, `withFallbacks` and the like
   * may come before or after, and `bindTools(runnable, tools)` binds them to a whole chain.
   *
   * @throws ConfigError for what is no tool, for two tools of one name, and for schemas that cannot be written as JSON Schema
   */
  bindTools(tools: readonly ToolLike[], options?: BindToolsOptions): ChatModelBinding {
    return bindTools(this, tools, options);
  }

  override with(...interceptors: readonly Interceptor[]): ChatModelBinding {
    return boundModel(this, interceptors) as ChatModelBinding;
  }

  /**
   * This model with answers of a form: read, validated and typed by a schema, and streamed as partial values while they
   * arrive. The model is told of the schema: it is one of zod from 4.2, arktype or another library with Standard JSON
   * Schema, or JSON Schema as plain data, against which values are not validated. Rejects with OutputParserException when
   * an answer does not fit, which is not retryable if the model refused; with `includeRaw` that error stands beside the
   * message instead. What is bound or said around it, of tools, of a choice or of a form, does not reach the model.
   *
   * @throws ConfigError when the schema cannot be written as JSON Schema
   *
   * @example
   * ```ts
   * import { ScriptedChatModel } from '@pipewright/core/testing';
   * import { z } from 'zod';
   *
   * const model = new ScriptedChatModel({ replies: ['{"city": "Oslo", "people": 717710}'] });
   * const structured = model.withStructuredOutput(z.object({ city: z.string(), people: z.number() }));
   * const { city, people } = await structured.invoke('The capital of Norway?');
   * ```
   */
  withStructuredOutput<S extends Schema>(
    schema: S,
    options: StructuredOutputOptions & { readonly includeRaw: true },
  ): Runnable<ChatModelInput, StructuredResult<SchemaOutput<S>>, StructuredChunk<SchemaOutput<S>>>;
  withStructuredOutput<S extends Schema>(
    schema: S,
    options?: StructuredOutputOptions & { readonly includeRaw?: false },
  ): Runnable<ChatModelInput, SchemaOutput<S>, DeepPartial<SchemaOutput<S>>>;
  withStructuredOutput(
    schema: Schema,
    options?: StructuredOutputOptions,
  ): Runnable<ChatModelInput, unknown, unknown> {
    return structuredOutput(this, schema, options);
  }

  override asPrompt(input: ChatModelInput): PromptValue {
    return new ChatPromptValue(toMessages(input));
  }

  run(input: Ready<ChatModelInput, unknown>, context: RunContext): Flow<AIMessage, AIMessageChunk> {
    const messages = toMessages(input as ChatModelInput);
    const options = callOptions(context.config);
    const use = cacheUse(context.config.cache ?? undefined, this.cache);
    const flow =
      use === undefined
        ? answer(this, messages, options, context)
        : throughCache(use, { model: this, messages, options }, context, (run) =>
            answer(this, messages, options, run),
          );
    return context.wants === 'chunks' ? andThen(flow, inChunks) : flow;
  }
}

/** Reads whatever a chat model takes as messages. */
export function toMessages(input: ChatModelInput): readonly BaseMessage[] {
  if (typeof input === 'string') return [coerceMessageLikeToMessage(input)];
  if (isPromptValue(input)) return input.toMessages();
  if (Array.isArray(input)) return (input as readonly MessageLike[]).map(coerceMessageLikeToMessage);
  throw new MessageCoercionError(
    `A chat model takes a string, a prompt's value or an array of messages; got ${input === null ? 'null' : typeof input}.`,
  );
}

/** What is left of a config without the part that is the engine's. */
export function callOptions(config: RunnableConfig): ModelCallOptions {
  const { tags, metadata, configurable, maxConcurrency, recursionLimit, cache, ...options } = config;
  return options;
}

function answer(
  model: BaseChatModel,
  messages: readonly BaseMessage[],
  options: ModelCallOptions,
  context: RunContext,
): Flow<AIMessage, AIMessageChunk> {
  if (model.streamChunks !== undefined && (context.streams || model.generate === undefined)) {
    return chunksFrom<AIMessage, AIMessageChunk>(model.streamChunks(messages, options, context), messageFold);
  }
  if (model.generate !== undefined) return model.generate(messages, options, context);
  throw lacking(model, 'generate() or streamChunks()');
}

/** An answer that came whole, as the one chunk of a stream. */
function inChunks(ready: Ready<AIMessage, AIMessageChunk>): Ready<AIMessage, AIMessageChunk> {
  if (isChunks(ready)) return ready;
  return chunksFrom<AIMessage, AIMessageChunk>([AIMessageChunk.from(ready as AIMessage)], messageFold);
}
