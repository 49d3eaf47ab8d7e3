import type { AIMessageChunk, BaseMessage, MaybePromise, ModelCallOptions } from '@pipewright/core';

/**
 * What one provider does differently from the next: where to send, how to say it, how to read the answer. Sending,
 * waiting, limits, retries and errors are shared.
 */
export interface ChatCodec {
  /** Where requests go. */
  readonly url: string;
  /** Name of the model, for messages. */
  readonly model: string;
  /** Data of the event that ends a stream, where the provider has such. */
  readonly endMarker?: string;
  /** Headers of a request, credentials among them. Asked for each try, as credentials may be short-lived. */
  headers(): MaybePromise<Credentials>;
  /** Body of a request, to be sent as JSON. */
  body(messages: readonly BaseMessage[], options: ModelCallOptions, streamed: boolean): object;
  /** Reads one answer. */
  answer(): AnswerReader;
}

export interface Credentials {
  readonly headers: Readonly<Record<string, string>>;
  /** Values that no error may show. */
  readonly secrets: readonly string[];
}

/**
 * Reads one answer, event by event. Works on what the provider sent only; throws MalformedAnswer when that is not what
 * the protocol promises, RefusedAnswer when the provider reports a failure in it.
 */
export interface AnswerReader {
  /** Takes an event. Gives a chunk, or nothing if there is nothing to show. */
  event(json: unknown): AIMessageChunk | undefined;
  /** Takes an answer that came whole. */
  whole(json: unknown): AIMessageChunk | undefined;
  /** Whether the provider has said why it stopped: the answer is complete, even if its end marker is missing. */
  readonly finished: boolean;
  /** What is told once at the end: token counts, metadata, and what was held back. */
  end(notes: Readonly<Record<string, unknown>>): AIMessageChunk;
}

/** An answer is not what the protocol promises; the message completes "The answer of <host> ...". */
export class MalformedAnswer extends Error {}

/** The provider reports a failure inside an answer. */
export class RefusedAnswer extends Error {
  readonly json: unknown;

  constructor(json: unknown) {
    super();
    this.json = json;
  }
}
