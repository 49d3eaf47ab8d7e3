import { StreamConsumedError } from '../errors.js';
import { cursorOf } from './cursor-of.js';
import type { Accumulator, Fold } from './folds.js';
import type { Flow, Ready } from './flow.js';
import { both, ignore, isPromise, type MaybePromise } from './promise.js';

/**
 * An iterator that answers now or later. Native iterators and async iterators both are cursors, which lets a chain of
 * synchronous steps run over a network stream, or over a plain generator, without a promise per step.
 */
export interface Cursor<Chunk> {
  next(): MaybePromise<IteratorResult<Chunk, unknown>>;
  return?(): MaybePromise<unknown>;
}

/**
 * A single-use stream of chunks that knows how its chunks add up: `fold` makes the whole value from them.
 *
 * Nothing is started before the first `next()`. Whoever pulls calls `return()` when it stops for any reason; that
 * closes the source and everything the chunks were made from, also when nothing was ever pulled.
 */
export interface Chunks<T, Chunk = T> extends AsyncIterable<Chunk>, Cursor<Chunk> {
  readonly fold: Fold<Chunk, T>;
  return(): MaybePromise<unknown>;
}

const BRAND = Symbol.for('pipewright.chunks');

/** A method by which an object that is not chunks itself, such as the stream of a run, gives its chunks with their fold. */
export const AS_CHUNKS = Symbol.for('pipewright.as-chunks');

/** Whether a value is a stream of chunks made by any installed copy of this package. */
export function isChunks(value: unknown): value is Chunks<unknown, unknown> {
  return typeof value === 'object' && value !== null && (value as Record<symbol, unknown>)[BRAND] === true;
}

/**
 * Makes chunks from a function that opens a cursor. `upstream` is closed together with them.
 */
export function chunks<T, Chunk>(
  open: () => Cursor<Chunk>,
  fold: Fold<Chunk, T>,
  upstream?: { return(): unknown },
): Chunks<T, Chunk> {
  return new CursorChunks(open, false, fold, upstream);
}

/** Makes chunks from anything that can be iterated, now or asynchronously; closing them closes it, also if never pulled. */
export function chunksFrom<T, Chunk>(
  source: Iterable<Chunk> | AsyncIterable<Chunk>,
  fold: Fold<Chunk, T>,
  upstream?: { return(): unknown },
): Chunks<T, Chunk> {
  return new CursorChunks(() => cursorOf(source), true, fold, upstream);
}

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };

class CursorChunks<T, Chunk> implements Chunks<T, Chunk> {
  #open: (() => Cursor<Chunk>) | undefined;
  #cursor: Cursor<Chunk> | undefined;
  #closed = false;
  #running = false;
  #iterated = false;
  /** Whether what it opens is there before, and has to be closed even if nothing is pulled. */
  readonly #made: boolean;
  readonly #upstream: { return(): unknown } | undefined;

  constructor(
    open: () => Cursor<Chunk>,
    made: boolean,
    readonly fold: Fold<Chunk, T>,
    upstream: { return(): unknown } | undefined,
  ) {
    this.#open = open;
    this.#made = made;
    this.#upstream = upstream;
  }

  next(): MaybePromise<IteratorResult<Chunk, unknown>> {
    if (this.#closed) return DONE;
    const cursor = this.#opened();
    this.#running = true;
    try {
      return cursor.next();
    } finally {
      this.#running = false;
      // By what it did itself: a generator that is running refuses to be closed.
      if (this.#closed) void closeQuietly({ return: () => cursor.return?.() });
    }
  }

  return(): MaybePromise<unknown> {
    if (this.#closed) return undefined;
    this.#closed = true;
    let own: unknown;
    try {
      if (!this.#running) own = (this.#made ? this.#opened() : this.#cursor)?.return?.();
    } finally {
      own = both(own, this.#upstream?.return());
    }
    return own;
  }

  #opened(): Cursor<Chunk> {
    if (this.#cursor === undefined) {
      this.#cursor = (this.#open as () => Cursor<Chunk>)();
      this.#open = undefined;
    }
    return this.#cursor;
  }

  /** For user generators: the same chunks behind promises. One reader only. */
  [Symbol.asyncIterator](): AsyncIterator<Chunk, unknown> {
    if (this.#iterated)
      throw new StreamConsumedError('These chunks already have a reader; use tee() for two.');
    this.#iterated = true;
    return {
      next: async () => this.next(),
      return: async () => {
        await this.return();
        return DONE;
      },
    };
  }
}
Object.defineProperty(CursorChunks.prototype, BRAND, { value: true });

/** What can be stopped meanwhile. */
export interface Stoppable {
  /** Throws the reason once it was stopped. */
  throwIfAborted(): void;
  /** Calls back when it is stopped, which waits for what the callback gives. The function it gives takes that back. */
  onAbort(callback: () => unknown): () => void;
}

/**
 * Adds chunks up to their whole value and closes them, also when they fail or `run` is stopped meanwhile. A value that
 * is not chunks is returned as it is.
 */
export function whole<T, Chunk>(ready: Ready<T, Chunk>, run?: Stoppable): MaybePromise<T> {
  if (!isChunks(ready)) return ready as T;
  const source = ready as Chunks<T, Chunk>;
  try {
    const total = source.fold();
    for (;;) {
      run?.throwIfAborted();
      const step = source.next();
      if (isPromise(step)) return drain(source, step, total, run);
      if (step.done) return closing(source, total.value());
      total.add(step.value);
    }
  } catch (error) {
    closeQuietly(source);
    throw error;
  }
}

async function drain<T, Chunk>(
  source: Chunks<T, Chunk>,
  first: PromiseLike<IteratorResult<Chunk, unknown>>,
  total: Accumulator<Chunk, T>,
  run: Stoppable | undefined,
): Promise<T> {
  // At once: it may take long until the next chunk would tell.
  const release = run?.onAbort(() => closeQuietly(source));
  try {
    let step = await first;
    for (;;) {
      run?.throwIfAborted();
      if (step.done) return await closing(source, total.value());
      total.add(step.value);
      const next = source.next();
      step = isPromise(next) ? await next : next;
    }
  } catch (error) {
    closeQuietly(source);
    throw error;
  } finally {
    release?.();
  }
}

function closing<T>(source: { return(): unknown }, value: T): MaybePromise<T> {
  const closed = source.return();
  return isPromise(closed) ? closed.then(() => value) : value;
}

/** Closes after a failure: the failure is what the caller hears of, not what its cleanup may add. Gives when that is done. */
export function closeQuietly(source: { return(): unknown }): MaybePromise<unknown> {
  try {
    const closed = source.return();
    return isPromise(closed) ? closed.then(undefined, () => undefined) : undefined;
  } catch {
    // The error that led here is the one to report.
    return undefined;
  }
}

/** Closes the chunks of a flow that nobody will read, also those that are still to come. */
export function discard(flow: Flow<unknown, unknown>): void {
  if (isPromise(flow)) ignore(flow.then(discard));
  else if (isChunks(flow)) void closeQuietly(flow);
}
