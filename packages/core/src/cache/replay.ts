import type { RunContext } from '../engine/run-context.js';
import { chunks, type Cursor } from '../flow/chunks.js';
import type { Ready } from '../flow/flow.js';
import type { MaybePromise } from '../flow/promise.js';
import { AIMessageChunk } from '../messages/ai-chunk.js';
import { AIMessage, type AIMessageFields } from '../messages/ai.js';
import { messageFold } from '../messages/fold.js';
import type { LlmCacheOptions } from './cache-options.js';
import type { LlmRecord } from './llm-cache.js';
import { unpaid, type MarkOptions } from './record.js';

/** A kept answer as the caller wants it: the message, or its text in the pieces it first arrived in. */
export function replay(
  record: Pick<LlmRecord, 'message' | 'pieces'>,
  mark: MarkOptions,
  context: RunContext,
  pace: LlmCacheOptions['replay'],
): Ready<AIMessage, AIMessageChunk> {
  const fields = unpaid(record.message, mark);
  if (context.wants === 'value') return new AIMessage(fields);
  const pieces = inPieces(fields, record.pieces);
  const delay = pace === undefined || pace === 'instant' || context.sync ? 0 : pace.delay;
  return chunks<AIMessage, AIMessageChunk>(
    () => (delay > 0 ? new PacedCursor(pieces, delay, context) : pieces),
    messageFold,
  );
}

/** Text by text; what is more than text comes with the last piece, so that everything adds up to the whole. */
function* inPieces(
  fields: AIMessageFields,
  lengths: readonly number[] = [],
): Generator<AIMessageChunk, void> {
  const { content, ...rest } = fields;
  let start = 0;
  if (typeof content === 'string') {
    for (const length of lengths.slice(0, -1)) {
      const piece = content.slice(start, start + length);
      start += length;
      if (piece !== '') yield new AIMessageChunk(piece);
    }
  }
  yield new AIMessageChunk({
    ...rest,
    content: typeof content === 'string' ? content.slice(start) : content,
  });
}

/** Waits before each chunk but the first, for as long as the run goes on. */
class PacedCursor implements Cursor<AIMessageChunk> {
  readonly #pieces: Iterator<AIMessageChunk, void>;
  readonly #delay: number;
  readonly #context: RunContext;
  #started = false;
  #stop: (() => void) | undefined;

  constructor(pieces: Iterator<AIMessageChunk, void>, delay: number, context: RunContext) {
    this.#pieces = pieces;
    this.#delay = delay;
    this.#context = context;
  }

  next(): MaybePromise<IteratorResult<AIMessageChunk, unknown>> {
    const step = this.#pieces.next();
    if (step.done || !this.#started) {
      this.#started = true;
      return step;
    }
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        release();
        resolve(step);
      }, this.#delay);
      const release = this.#context.onAbort((reason) => {
        clearTimeout(timer);
        reject(reason as Error);
      });
      this.#stop = () => {
        clearTimeout(timer);
        release();
        resolve({ done: true, value: undefined });
      };
    });
  }

  return(): void {
    this.#stop?.();
  }
}
