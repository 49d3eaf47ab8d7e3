import {
  BaseChatModel,
  changedFields,
  cacheOption,
  ConfigError,
  systemClock,
  type AIMessage,
  type AIMessageChunk,
  type BaseMessage,
  type Manifest,
  type ModelCallOptions,
  type RunContext,
} from '@pipewright/core';
import { environment } from '../environment.js';
import { ChatClient } from '../transport/chat-client.js';
import { fingerprint } from '../transport/fingerprint.js';
import { timeLimit } from '../transport/time-limits.js';
import { addressOf, OPENAI_BASE_URL } from './address.js';
import { chatCompletions } from './codec.js';
import { credentials, extraHeaders } from './credentials.js';
import type { ChatOpenAIFields } from './fields.js';
import type { ChatOpenAIConnection } from './kind.js';

/**
 * Any endpoint that speaks OpenAI's chat completions: OpenAI, OpenRouter, vLLM, llama.cpp, Ollama and many more.
 *
 * Rejects with AuthError, RateLimitedError, QuotaExhaustedError, ModelNotFoundError, ContextTooLongError,
 * ContentFilteredError, TimeoutError, ProtocolError, StreamTruncatedError, LimitExceededError or another ProviderError,
 * and with the signal's own reason when aborted. A stream that fails midway has its `partial` answer on the error.
 * An answer that a content filter ended is given out, with the finish reason `content_filter`.
 *
 * `response_metadata` of an answer: `model_provider`, `model_name`, `finish_reason`, and where the endpoint tells them
 * `id`, `system_fingerprint` and `service_tier`. `usage_metadata` counts tokens.
 *
 * @example
 * ```ts
 * import { ChatOpenAI } from '@pipewright/models/openai';
 *
 * const model = new ChatOpenAI({ model: 'llama3.2', baseURL: 'http://localhost:11434/v1', temperature: 0 });
 * const ask = (question: string) => model.invoke(question).then((answer) => answer.text);
 * ```
 */
export class ChatOpenAI extends BaseChatModel {
  readonly name: string;
  readonly model: string;
  readonly temperature: number | undefined;
  readonly maxTokens: number | undefined;
  readonly topP: number | undefined;
  readonly seed: number | undefined;
  readonly stop: readonly string[] | undefined;
  readonly modelKwargs: Readonly<Record<string, unknown>> | undefined;
  readonly streaming: boolean;
  readonly streamUsage: boolean;
  /** Without its query, which may hold a key. */
  readonly baseURL: string;
  readonly timeout: number;
  readonly firstEventTimeout: number;
  readonly idleTimeout: number;
  readonly maxRetries: number;

  /** @throws ConfigError when a field has a value that cannot work */
  constructor(fields: ChatOpenAIFields) {
    super(fields);
    if (typeof fields?.model !== 'string' || fields.model === '') {
      throw new ConfigError(
        'model',
        'ChatOpenAI needs { model }, the name of a model, such as "gpt-4o-mini".',
      );
    }
    const { configuration = {}, maxRetries = 2, stop, apiKey, clock } = fields;
    if (!Number.isInteger(maxRetries) || maxRetries < 0) {
      throw new ConfigError(
        'maxRetries',
        `maxRetries is ${String(maxRetries)}; give a whole number of at least 0.`,
      );
    }
    const baseURL =
      fields.baseURL ?? configuration.baseURL ?? environment('OPENAI_BASE_URL') ?? OPENAI_BASE_URL;
    const address = addressOf(baseURL);
    this.name = fields.name ?? 'ChatOpenAI';
    this.model = fields.model;
    this.temperature = fields.temperature;
    this.maxTokens = fields.maxTokens;
    this.topP = fields.topP;
    this.seed = fields.seed;
    this.stop = stop && [...stop];
    this.modelKwargs = fields.modelKwargs;
    this.streaming = fields.streaming ?? false;
    this.streamUsage = fields.streamUsage ?? true;
    this.baseURL = address.shown;
    this.timeout = timeLimit('timeout', fields.timeout, 600_000);
    this.firstEventTimeout = timeLimit('firstEventTimeout', fields.firstEventTimeout, 180_000);
    this.idleTimeout = timeLimit('idleTimeout', fields.idleTimeout, 120_000);
    this.maxRetries = maxRetries;

    const client = new ChatClient({
      codec: chatCompletions(this, address, credentials({ ...configuration, apiKey }, address)),
      fetch: configuration.fetch,
      limits: { total: this.timeout, firstEvent: this.firstEventTimeout, idle: this.idleTimeout },
      maxRetries,
      clock: clock ?? systemClock,
    });
    const headers = Object.entries(extraHeaders(configuration));
    HIDDEN.set(this, {
      client,
      connection: { baseURL, apiKey, configuration, clock },
      headers: fingerprint(headers.map(([name, value]) => [name.toLowerCase(), value])),
      query: address.query,
    });
  }

  override generate(
    messages: readonly BaseMessage[],
    options: ModelCallOptions,
    context: RunContext,
  ): Promise<AIMessage> {
    return hiddenOf(this).client.answer(messages, options, context.signal, this.streaming);
  }

  override streamChunks(
    messages: readonly BaseMessage[],
    options: ModelCallOptions,
    context: RunContext,
  ): AsyncIterable<AIMessageChunk> {
    return hiddenOf(this).client.stream(messages, options, context.signal);
  }

  /** At the same endpoint, unless `baseURL` is among them. */
  override withFields(fields: Readonly<Record<string, unknown>>): this {
    const { consumes, runType, traced, ...own }: ChatOpenAI = this;
    const { connection } = hiddenOf(this);
    const changed = changedFields(own, { baseURL: connection.baseURL, ...fields });
    const made = new ChatOpenAI({ ...connection, ...changed });
    const copy = Object.assign(
      Object.create(Object.getPrototypeOf(this) as object) as this,
      this,
      fields,
      made,
    );
    HIDDEN.set(copy, hiddenOf(made));
    return copy;
  }

  /** Made again, it finds its key and its address in the environment, or is given them. */
  override get manifest(): Manifest {
    const { name, model, temperature, maxTokens, topP, seed, stop, modelKwargs, streaming, streamUsage } =
      this;
    const { timeout, firstEventTimeout, idleTimeout, maxRetries, cache } = this;
    const parameters = {
      model,
      temperature,
      maxTokens,
      topP,
      seed,
      stop,
      modelKwargs,
      streaming,
      streamUsage,
    };
    const limits = { timeout, firstEventTimeout, idleTimeout, maxRetries };
    // Where it is reached is not stored; that it is not at OpenAI is, so that it is not asked there when it is loaded.
    const ownEndpoint = this.baseURL === OPENAI_BASE_URL ? undefined : true;
    return {
      kind: 'ChatOpenAI',
      options: { name, ...parameters, ...limits, cache: cacheOption(cache), ownEndpoint },
    };
  }

  override identity(): Readonly<Record<string, unknown>> {
    const { model, baseURL, temperature, maxTokens, topP, seed, stop, modelKwargs } = this;
    const { headers, query } = hiddenOf(this);
    return {
      provider: 'openai',
      model,
      baseURL,
      temperature,
      maxTokens,
      topP,
      seed,
      stop,
      modelKwargs,
      headers,
      query,
    };
  }
}

/** Kept beside the models: what is reached from a model's fields gets printed, cloned and stored. */
const HIDDEN = new WeakMap<ChatOpenAI, Hidden>();

interface Hidden {
  readonly client: ChatClient;
  readonly connection: ChatOpenAIConnection;
  /** Fingerprints of what may route a request to another model. */
  readonly headers: string | undefined;
  readonly query: string | undefined;
}

function hiddenOf(model: ChatOpenAI): Hidden {
  const hidden = HIDDEN.get(model);
  if (hidden !== undefined) return hidden;
  throw new ConfigError(
    'model',
    'This is a copy of a ChatOpenAI, which lacks its connection. Make models with new ChatOpenAI().',
  );
}
