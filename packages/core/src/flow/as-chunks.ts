import { chunks, chunksFrom, closeQuietly, isChunks, type Chunks } from './chunks.js';
import type { Flow } from './flow.js';
import { last, type Accumulator, type Fold } from './folds.js';
import { ignore, isPromise } from './promise.js';

/** Any flow as chunks: a plain value is a stream of one chunk, a promise a stream that begins when it is kept. */
export function asChunks<T, Chunk>(flow: Flow<T, Chunk>): Chunks<T, Chunk> {
  if (isChunks(flow)) return flow as Chunks<T, Chunk>;
  if (!isPromise(flow)) return chunksFrom([flow], last) as unknown as Chunks<T, Chunk>;

  let inner: Chunks<T, Chunk> | undefined;
  let closed = false;
  const opened = flow.then((ready) => {
    inner = asChunks<T, Chunk>(ready);
    if (closed) closeQuietly(inner);
    return inner;
  });
  ignore(opened);
  // The fold is known once the promise is kept, which is before the first chunk can be added. Stopped earlier than that,
  // there is nothing to add up.
  const fold: Fold<Chunk, T> = () => {
    let total: Accumulator<Chunk, T> | undefined;
    const known = () => (total ??= (inner as Chunks<T, Chunk>).fold());
    return {
      add: (chunk) => known().add(chunk),
      value: () => (inner === undefined ? (undefined as T) : known().value()),
    };
  };
  return chunks(() => ({ next: () => inner?.next() ?? opened.then((ready) => ready.next()) }), fold, {
    return: () => {
      closed = true;
      return inner?.return();
    },
  });
}
