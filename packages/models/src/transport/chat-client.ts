import {
  ConfigError,
  messageFold,
  PipewrightError,
  type AIMessage,
  type AIMessageChunk,
  type BaseMessage,
  type ModelCallOptions,
} from '@pipewright/core';
import { readAnswer, type OpenAnswer } from './answer.js';
import type { ChatCodec } from './chat-codec.js';
import type { Clock } from '@pipewright/core';
import { send } from './exchange.js';
import { Guard } from './guard.js';
import { placeOf } from './place.js';
import { refusedResponse } from './refused-response.js';
import { Retries } from './retries.js';
import type { TimeLimits } from './time-limits.js';

export interface ChatClientOptions {
  readonly codec: ChatCodec;
  readonly fetch: typeof fetch | undefined;
  readonly limits: TimeLimits;
  readonly maxRetries: number;
  readonly clock: Clock;
}

/** One call: what to send, and what stops it. */
interface Call {
  readonly body: string;
  readonly streamed: boolean;
  readonly signal: AbortSignal;
  readonly deadline: number;
}

/** Asks a provider. Whole and streamed answers take one path: a whole one is a stream of one piece. */
export class ChatClient {
  readonly #options: ChatClientOptions;

  constructor(options: ChatClientOptions) {
    this.#options = options;
  }

  /** The whole answer. */
  async answer(
    messages: readonly BaseMessage[],
    options: ModelCallOptions,
    signal: AbortSignal,
    streamed = false,
  ): Promise<AIMessage> {
    const total = messageFold();
    for await (const chunk of this.stream(messages, options, signal, streamed)) total.add(chunk);
    return total.value();
  }

  /** The answer as it is made. A failure before the first chunk is retried; a later one carries what was given. */
  async *stream(
    messages: readonly BaseMessage[],
    options: ModelCallOptions,
    signal: AbortSignal,
    streamed = true,
  ): AsyncGenerator<AIMessageChunk, void> {
    const { codec, clock, limits, maxRetries } = this.#options;
    const body = toJson(codec.body(messages, options, streamed));
    const deadline = clock.now() + limits.total;
    const call: Call = { body, streamed, signal, deadline };
    const retries = new Retries({ maxRetries, clock, deadline });
    const given = messageFold();
    let hasBegun = false;
    for (;;) {
      try {
        for await (const chunk of readAnswer(await this.#open(call))) {
          given.add(chunk);
          hasBegun = true;
          yield chunk;
        }
        return;
      } catch (error) {
        if (hasBegun) throw withPartial(error, given.value());
        await retries.another(error, signal);
      }
    }
  }

  /** Sends the request, and gives the answer once it has begun. */
  async #open({ body, streamed, signal, deadline }: Call): Promise<OpenAnswer> {
    const { codec, clock, limits } = this.#options;
    const { host } = new URL(codec.url);
    const guard = new Guard({ caller: signal, host, limits, remaining: deadline - clock.now(), streamed });
    try {
      const { headers: own, secrets } = await guard.wait(Promise.resolve(codec.headers()));
      const place = placeOf(codec.url, codec.model, secrets);
      const headers = new Headers(standardHeaders(streamed));
      for (const [name, value] of Object.entries(own)) headers.set(name, value);
      // Looked up for each request: tests and tracers replace the global one.
      const exchange = await send(
        { url: codec.url, headers, body },
        this.#options.fetch ?? fetch,
        guard,
        place,
      );
      if (!exchange.response.ok) throw await refusedResponse(exchange, place, clock);
      return { exchange, guard, place, codec };
    } catch (error) {
      guard.end();
      throw error;
    }
  }
}

function standardHeaders(streamed: boolean): Record<string, string> {
  const json = { 'content-type': 'application/json' };
  // Compression would hold events back until a block of them is full.
  return streamed
    ? { ...json, accept: 'text/event-stream, application/json', 'accept-encoding': 'identity' }
    : { ...json, accept: 'application/json' };
}

function toJson(body: object): string {
  try {
    return JSON.stringify(body);
  } catch (cause) {
    const message =
      'The request cannot be written as JSON. Check modelKwargs and the contents of the messages.';
    throw new ConfigError('modelKwargs', message, { cause });
  }
}

function withPartial(error: unknown, partial: AIMessage): unknown {
  if (PipewrightError.isInstance(error)) error.partial ??= partial;
  return error;
}
