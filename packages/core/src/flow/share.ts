import { LimitExceededError } from '../errors.js';
import { chunks, closeQuietly, isChunks, type Chunks, type Cursor } from './chunks.js';
import type { Ready } from './flow.js';
import { isPromise, type MaybePromise } from './promise.js';

/** A chunk that some reader has not taken yet, and what came after it. */
interface Link<Chunk> {
  step?: IteratorResult<Chunk, unknown>;
  next?: Link<Chunk>;
}

/**
 * The same chunks for several readers. A reader that falls more than `maxLag` chunks behind the fastest gets a
 * LimitExceededError; the others go on. The source is closed when the last reader has stopped.
 */
export function share<T, Chunk>(
  source: Chunks<T, Chunk>,
  readers: number,
  maxLag = Number.POSITIVE_INFINITY,
): Chunks<T, Chunk>[] {
  const shared = new Shared(source, readers, maxLag);
  return Array.from({ length: readers }, () => {
    const reader = new Reader(shared, shared.tail);
    return chunks(() => reader, source.fold, { return: () => shared.leave(reader) });
  });
}

/** An input that can be read again from its start, for as long as `settle` has not been called. */
export interface Replayable<T> {
  /** The input once more. */
  open(): Ready<T, unknown>;
  /** No more replays: what has been read is let go of, and closing the latest reader closes the input. */
  settle(): void;
  /** Closes the input: nothing will read it any more. Gives when that is done. */
  close(): MaybePromise<unknown>;
  /** Whether an error came from the input itself, so that reading it again cannot help. */
  caused(error: unknown): boolean;
}

/** Makes an input replayable: chunks are kept as they are read; a value can be read again anyway. */
export function replayable<T>(input: Ready<T, unknown>): Replayable<T> {
  if (!isChunks(input)) return { open: () => input, settle: () => {}, close: () => {}, caused: () => false };
  const source = input as Chunks<T, unknown>;
  const shared = new Shared(source, 1, Number.POSITIVE_INFINITY);
  let start: Link<unknown> | undefined = shared.tail;
  let isLeft = false;
  return {
    open: () => {
      const reader = new Reader(shared, start ?? shared.tail);
      isLeft = false;
      return chunks(() => reader, source.fold, {
        return: () => {
          if (start === undefined) return shared.leave(reader);
          // An attempt that failed must not close the input that the next attempt reads.
          isLeft = true;
          return reader.drop();
        },
      });
    },
    settle: () => {
      start = undefined;
      // One that succeeded may have had enough of its input before.
      if (isLeft) closeQuietly(source);
    },
    close: () => closeQuietly(source),
    caused: (error) => shared.failedWith(error),
  };
}

class Shared<Chunk> {
  readonly #source: Chunks<unknown, Chunk>;
  readonly #maxLag: number;
  readonly #readers = new Set<Reader<Chunk>>();
  #expected: number;
  #pulling: PromiseLike<void> | undefined;
  #failure: { readonly error: unknown } | undefined;
  tail: Link<Chunk> = {};
  produced = 0;

  constructor(source: Chunks<unknown, Chunk>, readers: number, maxLag: number) {
    this.#source = source;
    this.#expected = readers;
    this.#maxLag = maxLag;
  }

  join(reader: Reader<Chunk>): void {
    this.#readers.add(reader);
  }

  leave(reader: Reader<Chunk>): MaybePromise<unknown> {
    reader.drop();
    this.#readers.delete(reader);
    this.#expected -= 1;
    return this.#expected === 0 ? this.#source.return() : undefined;
  }

  /** Brings one more link, for whichever reader asks first. */
  pull(): MaybePromise<void> {
    if (this.#failure !== undefined) throw this.#failure.error;
    if (this.#pulling !== undefined) return this.#pulling;
    let step: MaybePromise<IteratorResult<Chunk, unknown>>;
    try {
      step = this.#source.next();
    } catch (error) {
      throw this.#fail(error);
    }
    if (!isPromise(step)) {
      this.#accept(step);
      return undefined;
    }
    this.#pulling = step.then(
      (result) => this.#accept(result),
      (error: unknown) => {
        throw this.#fail(error);
      },
    );
    return this.#pulling;
  }

  failedWith(error: unknown): boolean {
    return this.#failure !== undefined && this.#failure.error === error;
  }

  #accept(step: IteratorResult<Chunk, unknown>): void {
    this.#pulling = undefined;
    this.tail.step = step;
    this.tail.next = {};
    this.tail = this.tail.next;
    if (!step.done) this.produced += 1;
    for (const reader of this.#readers)
      if (this.produced - reader.taken > this.#maxLag) reader.drop(this.#maxLag);
  }

  #fail(error: unknown): unknown {
    this.#pulling = undefined;
    this.#failure = { error };
    return error;
  }
}

class Reader<Chunk> implements Cursor<Chunk> {
  readonly #shared: Shared<Chunk>;
  #link: Link<Chunk> | undefined;
  #tooSlow: LimitExceededError | undefined;
  taken = 0;

  constructor(shared: Shared<Chunk>, start: Link<Chunk>) {
    this.#shared = shared;
    this.#link = start;
    shared.join(this);
  }

  next(): MaybePromise<IteratorResult<Chunk, unknown>> {
    if (this.#tooSlow !== undefined) throw this.#tooSlow;
    const link = this.#link;
    if (link === undefined) return { done: true, value: undefined };
    if (link.step !== undefined) {
      if (!link.step.done) {
        this.#link = link.next;
        this.taken += 1;
      }
      return link.step;
    }
    const pulled = this.#shared.pull();
    return isPromise(pulled) ? pulled.then(() => this.next()) : this.next();
  }

  /** Lets go of what is buffered for this reader: it has stopped, or fallen behind too far. */
  drop(maxLag?: number): void {
    this.#link = undefined;
    if (maxLag === undefined) return;
    this.#tooSlow = new LimitExceededError(
      'maxLag',
      maxLag,
      `This branch of tee() fell more than ${maxLag} chunks behind the other. Read both at about the same pace.`,
    );
  }
}
