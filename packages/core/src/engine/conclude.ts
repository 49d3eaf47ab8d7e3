import { chunks, discard, isChunks, type Chunks } from '../flow/chunks.js';
import type { Flow, Ready } from '../flow/flow.js';
import { andThen, isPromise, type MaybePromise } from '../flow/promise.js';
import type { Observer } from './observer.js';
import { report } from './report.js';
import type { Scope } from './scope.js';

/** What a run holds until its end. */
export interface Held {
  readonly scope: Scope;
  /** Whether the scope is this run's own, to be let go of with it. */
  readonly ownsScope: boolean;
  /** Whether it can wait for nothing. */
  readonly sync: boolean;
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
    return failed(held, error);
  }
  // Nothing can stop it and nobody listens: there is nothing to see to.
  if (!held.scope.exposed && held.ownObserver === undefined) return flow;
  if (isPromise(flow)) return later(flow, held);
  if (isChunks(flow)) return guarded(flow as Chunks<T, Chunk>, held);
  const told = letGo(held);
  return told === undefined ? flow : told.then(() => flow);
}

async function later<T, Chunk>(flow: PromiseLike<Ready<T, Chunk>>, held: Held): Promise<Ready<T, Chunk>> {
  let ready: Ready<T, Chunk>;
  try {
    ready = await held.scope.race(flow);
  } catch (error) {
    // Stopped before there was anything to close: what still comes of it has no reader, and is closed.
    discard(flow);
    return failed(held, error);
  }
  if (isChunks(ready)) return guarded(ready as Chunks<T, Chunk>, held);
  await letGo(held);
  return ready;
}

/** Chunks that end with the run: a pull that waits is answered at once when the run is stopped. */
function guarded<T, Chunk>(source: Chunks<T, Chunk>, held: Held): Chunks<T, Chunk> {
  type Step = IteratorResult<Chunk, unknown>;
  const fail = (error: unknown): Promise<never> => failed(held, error);
  const accept = (step: Step): MaybePromise<Step> => (step.done ? andThen(letGo(held), () => step) : step);
  const next = (): MaybePromise<Step> => {
    try {
      held.scope.throwIfAborted();
      const step = source.next();
      return isPromise(step) ? held.scope.race(step).then(accept, fail) : accept(step);
    } catch (error) {
      return fail(error);
    }
  };
  const close = (): MaybePromise<unknown> => {
    try {
      const closed = source.return();
      return isPromise(closed) ? closed.then(() => letGo(held), fail) : letGo(held);
    } catch (error) {
      return fail(error);
    }
  };
  return chunks(() => ({ next }), source.fold, { return: close });
}

/** Lets go of the scope. Gives when asynchronous listeners are done, if they are not; rejects as one that raises its errors. */
export function letGo({ scope, ownsScope, ownObserver, sync }: Held): Promise<void> | undefined {
  if (ownsScope) scope.dispose();
  if (ownObserver?.busy !== true) return undefined;
  const told = ownObserver.settled();
  if (!sync) return told;
  told.catch((error: unknown) => report('a callback failed after the synchronous run it was told of', error));
  return undefined;
}

/** Fails as the run did: now, or once its listeners are done. */
function failed(held: Held, error: unknown): Promise<never> {
  const told = letGo(held);
  if (told === undefined) throw error;
  const fail = (): Promise<never> => Promise.reject(error as Error);
  return told.then(fail, fail);
}
