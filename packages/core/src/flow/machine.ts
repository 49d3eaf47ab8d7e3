import { chunks, isChunks, type Chunks, type Cursor } from './chunks.js';
import type { Fold } from './folds.js';
import type { Ready } from './flow.js';
import { isPromise, type MaybePromise } from './promise.js';

/**
 * An incremental transformation as a synchronous state machine: each input chunk gives any number of output chunks,
 * and so does the end. It knows nothing of streams, so its result cannot depend on how they are driven.
 */
export interface Machine<A, B> {
  push(chunk: A): readonly B[];
  end(): readonly B[];
}

/**
 * Runs a machine over a value or over chunks. The result is the fold of what the machine gives in both cases, so that
 * invoking and streaming cannot disagree.
 */
export function transduce<A, B, T>(
  input: Ready<A, A>,
  machine: Machine<A, B>,
  fold: Fold<B, T>,
  wants: 'value' | 'chunks',
): Ready<T, B> {
  if (isChunks(input)) {
    const source = input as Chunks<A, A>;
    return chunks(() => new MachineCursor(source, machine), fold, source);
  }
  if (wants === 'chunks') return chunks(() => valueCursor(input as A, machine), fold);
  const total = fold();
  for (const chunk of machine.push(input as A)) total.add(chunk);
  for (const chunk of machine.end()) total.add(chunk);
  return total.value();
}

function* valueCursor<A, B>(input: A, machine: Machine<A, B>): Generator<B, void> {
  yield* machine.push(input);
  yield* machine.end();
}

const NONE: readonly never[] = [];
const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };

class MachineCursor<A, B> implements Cursor<B> {
  readonly #source: Chunks<A, A>;
  readonly #machine: Machine<A, B>;
  #pending: readonly B[] = NONE;
  #position = 0;
  #ended = false;

  constructor(source: Chunks<A, A>, machine: Machine<A, B>) {
    this.#source = source;
    this.#machine = machine;
  }

  next(): MaybePromise<IteratorResult<B, undefined>> {
    for (;;) {
      if (this.#position < this.#pending.length) {
        return { done: false, value: this.#pending[this.#position++] as B };
      }
      if (this.#ended) return DONE;
      const step = this.#source.next();
      if (isPromise(step)) return step.then(this.#resume);
      this.#accept(step);
    }
  }

  readonly #resume = (step: IteratorResult<A, unknown>): MaybePromise<IteratorResult<B, undefined>> => {
    this.#accept(step);
    return this.next();
  };

  #accept(step: IteratorResult<A, unknown>): void {
    this.#position = 0;
    if (step.done) {
      this.#ended = true;
      this.#pending = this.#machine.end();
    } else {
      this.#pending = this.#machine.push(step.value);
    }
  }

  return(): void {
    this.#ended = true;
    this.#pending = NONE;
  }
}
