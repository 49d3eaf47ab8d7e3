import type { RunContext } from '../engine/run-context.js';
import { chunks, isChunks, type Chunks } from '../flow/chunks.js';
import type { Flow, Ready } from '../flow/flow.js';
import { andThen, isPromise, type MaybePromise } from '../flow/promise.js';

/** A flow whose result is kept when it has ended well, and before anybody sees that it has. */
export function keptAtItsEnd<Out, Chunk>(
  flow: Flow<Out, Chunk>,
  keep: (output: Out) => MaybePromise<unknown>,
  context: RunContext,
): Flow<Out, Chunk> {
  const keepReady = (ready: Ready<Out, Chunk>): Flow<Out, Chunk> => {
    if (isChunks(ready) && context.wants === 'chunks') return keptStream(ready as Chunks<Out, Chunk>, keep);
    return andThen(context.whole(ready), (output) => andThen(keep(output), () => output));
  };
  return isPromise(flow) ? flow.then(keepReady) : keepReady(flow);
}

function keptStream<Out, Chunk>(
  source: Chunks<Out, Chunk>,
  keep: (output: Out) => MaybePromise<unknown>,
): Chunks<Out, Chunk> {
  type Step = IteratorResult<Chunk, unknown>;
  const total = source.fold();
  let ended = false;
  const keepOnce = (): MaybePromise<unknown> => {
    ended = true;
    return keep(total.value());
  };
  const see = (step: Step): MaybePromise<Step> => {
    if (step.done) return ended ? step : andThen(keepOnce(), () => step);
    total.add(step.value);
    return step;
  };
  const next = (): MaybePromise<Step> => {
    const step = source.next();
    return isPromise(step) ? step.then(see) : see(step);
  };
  return chunks(() => ({ next }), source.fold, source);
}
