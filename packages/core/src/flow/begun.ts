import { chunks, closeQuietly, isChunks, type Chunks, type Stoppable } from './chunks.js';
import type { Flow, Ready } from './flow.js';
import { isPromise, type MaybePromise } from './promise.js';

/**
 * Waits until a flow has its value, or its first chunk: the last moment at which a failure can still be made good
 * without anybody having seen a part of another answer.
 */
export function begun<T, Chunk>(
  flow: Flow<T, Chunk>,
  run: Pick<Stoppable, 'onAbort'>,
): MaybePromise<Ready<T, Chunk>> {
  if (isPromise(flow)) return flow.then((ready) => begun<T, Chunk>(ready, run));
  return isChunks(flow) ? firstPulled(flow as Chunks<T, Chunk>, run) : flow;
}

function firstPulled<T, Chunk>(
  source: Chunks<T, Chunk>,
  run: Pick<Stoppable, 'onAbort'>,
): MaybePromise<Chunks<T, Chunk>> {
  const fail = (error: unknown): never => {
    closeQuietly(source);
    throw error;
  };
  try {
    const step = source.next();
    if (!isPromise(step)) return putBack(step, source);
    const release = run.onAbort(() => closeQuietly(source));
    return step.then(
      (first) => {
        release();
        return putBack(first, source);
      },
      (error: unknown) => {
        release();
        return fail(error);
      },
    );
  } catch (error) {
    return fail(error);
  }
}

function putBack<T, Chunk>(
  first: IteratorResult<Chunk, unknown>,
  source: Chunks<T, Chunk>,
): Chunks<T, Chunk> {
  let given = false;
  const next = (): MaybePromise<IteratorResult<Chunk, unknown>> => {
    if (given) return source.next();
    given = true;
    return first;
  };
  return chunks(() => ({ next }), source.fold, source);
}
