import type { RunContext } from '../engine/run-context.js';
import { atEnd } from '../flow/at-end.js';
import { isChunks, type Chunks } from '../flow/chunks.js';
import type { Flow, Ready } from '../flow/flow.js';
import { andThen, isPromise, type MaybePromise } from '../flow/promise.js';

/** A flow whose result is kept when it has ended well, and before anybody sees that it has. */
export function keptAtItsEnd<Out, Chunk>(
  flow: Flow<Out, Chunk>,
  keep: (output: Out) => MaybePromise<unknown>,
  context: RunContext,
): Flow<Out, Chunk> {
  const keepReady = (ready: Ready<Out, Chunk>): Flow<Out, Chunk> => {
    if (isChunks(ready) && context.wants === 'chunks') return atEnd(ready as Chunks<Out, Chunk>, keep);
    return andThen(context.whole(ready), (output) => andThen(keep(output), () => output));
  };
  return isPromise(flow) ? flow.then(keepReady) : keepReady(flow);
}
