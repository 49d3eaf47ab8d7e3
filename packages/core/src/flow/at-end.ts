import { chunks, type Chunks } from './chunks.js';
import { isPromise, andThen, type MaybePromise } from './promise.js';

/** The same chunks. At their clean end, and before anybody sees it, `tell` gets the whole that they add up to. */
export function atEnd<T, Chunk>(
  source: Chunks<T, Chunk>,
  tell: (whole: T) => MaybePromise<unknown>,
): Chunks<T, Chunk> {
  type Step = IteratorResult<Chunk, unknown>;
  const total = source.fold();
  let told = false;
  const tellOnce = (): MaybePromise<unknown> => {
    told = true;
    return tell(total.value());
  };
  const see = (step: Step): MaybePromise<Step> => {
    if (step.done) return told ? step : andThen(tellOnce(), () => step);
    total.add(step.value);
    return step;
  };
  const next = (): MaybePromise<Step> => {
    const step = source.next();
    return isPromise(step) ? step.then(see) : see(step);
  };
  return chunks(() => ({ next }), source.fold, source);
}
