import { asChunks } from '../flow/as-chunks.js';
import type { Chunks, Cursor } from '../flow/chunks.js';
import type { Flow } from '../flow/flow.js';
import { andThen, isPromise, type MaybePromise } from '../flow/promise.js';
import { AIMessageChunk } from '../messages/ai-chunk.js';
import type { AIMessage } from '../messages/ai.js';

/** A model's answer as pieces, one at least: an empty answer would not be told from none. */
export class Answer implements Cursor<AIMessageChunk> {
  readonly #start: () => Flow<AIMessage, AIMessage>;
  #source: Chunks<AIMessage, AIMessage> | undefined;
  #empty = true;

  constructor(start: () => Flow<AIMessage, AIMessage>) {
    this.#start = start;
  }

  next(): MaybePromise<IteratorResult<AIMessageChunk, unknown>> {
    this.#source ??= asChunks(this.#start());
    const step = this.#source.next();
    return isPromise(step) ? step.then(this.#accept) : this.#accept(step);
  }

  readonly #accept = (
    step: IteratorResult<AIMessage, unknown>,
  ): MaybePromise<IteratorResult<AIMessageChunk, unknown>> => {
    if (!step.done) {
      this.#empty = false;
      return { done: false, value: AIMessageChunk.from(step.value) };
    }
    return andThen(this.#source?.return(), () => {
      if (!this.#empty) return step;
      this.#empty = false;
      return { done: false, value: new AIMessageChunk('') };
    });
  };

  return(): MaybePromise<unknown> {
    return this.#source?.return();
  }
}
