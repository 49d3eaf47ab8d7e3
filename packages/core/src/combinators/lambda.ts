import type { RunContext } from '../engine/run-context.js';
import { AS_CHUNKS, chunks, chunksFrom, isChunks, type Chunks } from '../flow/chunks.js';
import { natural } from '../flow/folds.js';
import type { Flow } from '../flow/flow.js';
import { isSubscribable, observableChunks } from '../flow/observable.js';
import { isPromise } from '../flow/promise.js';
import { isRunnable } from '../is-runnable.js';

/**
 * What a user function gave back, as a flow. A runnable is run on the same input; generators, async iterables and
 * ReadableStreams and Observables become chunks; arrays, sets and strings stay values.
 */
export function adopt(result: unknown, input: unknown, context: RunContext): Flow<unknown, unknown> {
  if (typeof result !== 'object' || result === null) return result;
  if (isPromise(result)) return result.then((value) => adopt(value, input, context));
  if (isRunnable(result)) return context.start(result, input);
  if (isChunks(result)) return result;
  if (AS_CHUNKS in result) return (result[AS_CHUNKS] as () => Chunks<unknown, unknown>)();
  if (Symbol.asyncIterator in result) return chunksFrom(result as AsyncIterable<unknown>, natural);
  if (isGenerator(result)) return chunksFrom(result, natural);
  if (isSubscribable(result)) return observableChunks(result);
  if (typeof ReadableStream === 'function' && result instanceof ReadableStream) return readAll(result);
  return result;
}

function isGenerator(value: object): value is Iterable<unknown> {
  return Symbol.iterator in value && typeof (value as { next?: unknown }).next === 'function';
}

/** For platforms whose ReadableStream cannot be iterated. */
function readAll(stream: ReadableStream<unknown>): Chunks<unknown, unknown> {
  return chunks(() => {
    const reader = stream.getReader();
    return {
      next: () => reader.read() as Promise<IteratorResult<unknown, unknown>>,
      return: () => reader.cancel(),
    };
  }, natural);
}
