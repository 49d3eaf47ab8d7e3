import type { Chunks } from './chunks.js';
import type { MaybePromise } from './promise.js';

/** A value, or the stream of chunks that adds up to it. */
export type Ready<T, Chunk = T> = T | Chunks<T, Chunk>;

/** What a step gives back: a value, a promise, chunks that carry their own fold, or a promise of chunks. */
export type Flow<T, Chunk = T> = MaybePromise<Ready<T, Chunk>>;
