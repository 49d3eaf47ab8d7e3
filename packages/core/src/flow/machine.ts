import { chunks, isChunks, type Chunks, type Cursor } from './chunks.js';
import type { Fold } from './folds.js';
import type { Flow, Ready } from './flow.js';
import { andThen, isPromise, type MaybePromise } from './promise.js';

/**
 * An incremental transformation as a state machine: each input chunk gives any number of output chunks, and so does the
 * end. It knows nothing of streams, so its result cannot depend on how they are driven.
 *
 * Only the end may be asynchronous, for a check of the whole that is.
 */
export interface Machine<A, B> {
  push(chunk: A): readonly B[];
  end(): MaybePromise<readonly B[]>;
}

/** A machine that never waits. */
export interface SyncMachine<A, B> extends Machine<A, B> {
  end(): readonly B[];
}

/**
 * Runs a machine over a value or over chunks. The result is the fold of what the machine gives in both cases, so that
 * invoking and streaming cannot disagree.
 */
export function transduce<A, B, T>(
  input: Ready<A, A>,
  machine: SyncMachine<A, B>,
  fold: Fold<B, T>,
  wants: 'value' | 'chunks',
): Ready<T, B>;
export function transduce<A, B, T>(
  input: Ready<A, A>,
  machine: Machine<A, B>,
  fold: Fold<B, T>,
  wants: 'value' | 'chunks',
): Flow<T, B>;
export function transduce<A, B, T>(
  input: Ready<A, A>,
  machine: Machine<A, B>,
  fold: Fold<B, T>,
  wants: 'value' | 'chunks',
): Flow<T, B> {
  if (isChunks(input)) {
    const source = input as Chunks<A, A>;
    return chunks(() => new MachineCursor(source, machine), fold, source);
  }
  if (wants === 'chunks') return chunks(() => new MachineCursor(single(input as A), machine), fold);
  const total = fold();
  for (const chunk of machine.push(input as A)) total.add(chunk);
  return andThen(machine.end(), (rest) => {
    for (const chunk of rest) total.add(chunk);
    return total.value();
  });
}

const NONE: readonly never[] = [];
const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };

/** A value as a source of one chunk. */
function single<A>(value: A): Cursor<A> {
  let given = false;
  return {
    next: () => {
      if (given) return DONE;
      given = true;
      return { done: false, value };
    },
  };
}

class MachineCursor<A, B> implements Cursor<B> {
  readonly #source: Cursor<A>;
  readonly #machine: Machine<A, B>;
  #pending: readonly B[] = NONE;
  #position = 0;
  #ended = false;

  constructor(source: Cursor<A>, machine: Machine<A, B>) {
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
      const given = this.#read(step);
      if (isPromise(given)) return given.then(this.#continue);
      this.#take(given);
    }
  }

  readonly #resume = (step: IteratorResult<A, unknown>): MaybePromise<IteratorResult<B, undefined>> => {
    const given = this.#read(step);
    return isPromise(given) ? given.then(this.#continue) : this.#continue(given);
  };

  readonly #continue = (given: readonly B[]): MaybePromise<IteratorResult<B, undefined>> => {
    this.#take(given);
    return this.next();
  };

  #read(step: IteratorResult<A, unknown>): MaybePromise<readonly B[]> {
    if (!step.done) return this.#machine.push(step.value);
    this.#ended = true;
    return this.#machine.end();
  }

  #take(given: readonly B[]): void {
    this.#position = 0;
    this.#pending = given;
  }

  return(): void {
    this.#ended = true;
    this.#pending = NONE;
  }
}
