import type { Cursor } from './chunks.js';

/** A cursor over anything that can be iterated, now or asynchronously. */
export function cursorOf<Chunk>(source: Iterable<Chunk> | AsyncIterable<Chunk>): Cursor<Chunk> {
  if (isReadableStream(source)) return readerOf(source as ReadableStream<Chunk>);
  return Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
}

export function isReadableStream(value: object): value is ReadableStream<unknown> {
  // Platforms load web streams when their name is first mentioned.
  return 'getReader' in value && typeof ReadableStream === 'function' && value instanceof ReadableStream;
}

/** Not by its own iterator, which some platforms lack: asked to close, that waits for a chunk that is on its way. */
function readerOf<Chunk>(stream: ReadableStream<Chunk>): Cursor<Chunk> {
  const reader = stream.getReader();
  return {
    next: () => reader.read() as Promise<IteratorResult<Chunk, unknown>>,
    return: () => reader.cancel(),
  };
}
