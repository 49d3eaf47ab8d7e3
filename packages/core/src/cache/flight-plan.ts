import type { Fork } from '../engine/run-context.js';
import type { Ready } from '../flow/flow.js';
import type { MaybePromise } from '../flow/promise.js';
import type { AIMessageChunk } from '../messages/ai-chunk.js';
import type { AIMessage, AIMessageFields } from '../messages/ai.js';
import type { Flight } from './flight.js';
import type { LlmRecord } from './llm-cache.js';

/** A record that was kept, or another flight, which asks the model already. */
export type Elsewhere = { readonly record: LlmRecord } | { readonly flight: Flight };

/** What the one who leads brings back: the model's answer, or where there is one. */
export type Found = Elsewhere | { readonly answer: Ready<AIMessage, AIMessageChunk> };

/** What a flight has come to: a whole answer, chunks to be read from the flight itself, or where there is an answer. */
export type Landing = Elsewhere | WholeAnswer | 'chunks';

/** The leader gets the message itself; everybody else one made from its fields. */
export interface WholeAnswer {
  readonly message: AIMessage;
  readonly fields: AIMessageFields;
}

/** A whole answer as plain data, for the cache. `problem` says what of it is not. */
export interface Answered {
  readonly fields: AIMessageFields;
  readonly problem?: string;
  /** Lengths of the pieces the text came in. */
  readonly pieces?: readonly number[];
}

export interface FlightPlan {
  /**
   * The leader's run, detached: were the model asked under the leader's own scope, the leader's abort or timeout would
   * stop the answer that all the others are waiting for.
   */
  readonly fork: Fork;
  begin(): MaybePromise<Found>;
  /** Keeps an answer that came to its end by itself. */
  keep(answer: Answered): MaybePromise<void>;
  /** The leader met with an error. Not called when everybody has left. */
  onFailed(error: unknown): void;
  /** Nobody can board any more. */
  onGone(): void;
}
