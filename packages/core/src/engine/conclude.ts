import { chunks, closeQuietly, isChunks, type Chunks } from '../flow/chunks.js';
import type { Flow, Ready } from '../flow/flow.js';
import { andThen, ignore, isPromise, type MaybePromise } from '../flow/promise.js';
import type { Observer } from './observer.js';
import type { Scope } from './scope.js';

/** What a run holds until its end. */
export interface Held {
  readonly scope: Scope;
  /** Whether the scope is this run's own, to be let go of with it. */
  readonly ownsScope: boolean;
  /** The listeners that this run brought, to be waited for with it. */
  readonly ownObserver: Observer | undefined;
}

/**
 * Sees a run to its end: gives up at once when its scope is aborted, lets go of the scope, and then waits for what its
 * asynchronous listeners have begun.
 */
export function conclude<T, Chunk>(start: () => Flow<T, Chunk>, held: Held): Flow<T, Chunk> {
  let flow: Flow<T, Chunk>;
  try {
    flow = start();
  } catch (error) {
    if (!isBusy(held)) throw release(held, error);
    return ended(held).then(
      () => Promise.reject(error as Error),
      () => Promise.reject(error as Error),
    );
  }
  // Nothing can stop it and nobody listens: there is nothing to see to.
  if (!held.scope.exposed && held.ownObserver === undefined) return flow;
  if (isPromise(flow)) return later(flow, held);
  if (isChunks(flow)) return guarded(flow as Chunks<T, Chunk>, held);
  release(held);
  return isBusy(held) ? ended(held).then(() => flow) : flow;
}

async function later<T, Chunk>(flow: PromiseLike<Ready<T, Chunk>>, held: Held): Promise<Ready<T, Chunk>> {
  let ready: Ready<T, Chunk>;
  try {
    ready = await held.scope.race(flow);
  } catch (error) {
    // Stopped before there was anything to close: what still comes of it has no reader, and is closed.
    ignore(flow.then((late) => isChunks(late) && closeQuietly(late)));
    await ended(held).catch(() => {});
    throw error;
  }
  if (isChunks(ready)) return guarded(ready as Chunks<T, Chunk>, held);
  await ended(held);
  return ready;
}

/** Chunks that end with the run: a pull that waits is answered at once when the run is stopped. */
function guarded<T, Chunk>(source: Chunks<T, Chunk>, held: Held): Chunks<T, Chunk> {
  type Step = IteratorResult<Chunk, unknown>;
  const fail = async (error: unknown): Promise<never> => {
    await ended(held).catch(() => {});
    throw error;
  };
  const accept = (step: Step): MaybePromise<Step> =>
    step.done ? andThen(isBusy(held) ? ended(held) : release(held), () => step) : step;
  const next = (): MaybePromise<Step> => {
    try {
      held.scope.throwIfAborted();
      const step = source.next();
      return isPromise(step) ? held.scope.race(step).then(accept, fail) : accept(step);
    } catch (error) {
      if (!isBusy(held)) throw release(held, error);
      return fail(error);
    }
  };
  return chunks(() => ({ next }), source.fold, {
    return: () => {
      release(held);
      return source.return();
    },
  });
}

function isBusy({ ownObserver }: Held): boolean {
  return ownObserver?.busy === true;
}

/** Lets go of the scope; passes on what it is given. */
function release<T>({ scope, ownsScope }: Held, given?: T): T {
  if (ownsScope) scope.dispose();
  return given as T;
}

async function ended(held: Held): Promise<void> {
  release(held);
  if (isBusy(held)) await held.ownObserver?.settled();
}
