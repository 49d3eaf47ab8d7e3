import type { RunContext } from '../engine/run-context.js';
import { begun } from '../flow/begun.js';
import type { Flow, Ready } from '../flow/flow.js';
import { ignore, isPromise, type MaybePromise } from '../flow/promise.js';
import { replayable } from '../flow/share.js';
import type { Inner } from './interceptor.js';

/**
 * Tries one thing after another until one succeeds. An attempt has succeeded when its value is there, or its first
 * chunk: what fails after that is the reader's to see, as two answers must never be glued together. Nothing is tried
 * again once the run is stopped, when the input itself failed, or when a synchronous run would have to wait for it.
 *
 * @param next - what to try after the given attempt, counted from 1, has failed; throws to give up
 */
export function attempts<In, Out, Chunk>(
  first: Inner<In, Out, Chunk>,
  input: Ready<In, unknown>,
  context: RunContext,
  next: (error: unknown, attempt: number) => MaybePromise<Inner<In, Out, Chunk>>,
): Flow<Out, Chunk> {
  const source = replayable(input);
  const release = context.onAbort(() => source.close());
  return attempt(first, 1);

  function attempt(work: Inner<In, Out, Chunk>, count: number): MaybePromise<Ready<Out, Chunk>> {
    const giveUp = (error: unknown): never => {
      release();
      source.close();
      throw error;
    };
    const failed = (error: unknown): MaybePromise<Ready<Out, Chunk>> => {
      if (context.signal.aborted || source.caused(error)) return giveUp(error);
      try {
        const again = next(error, count);
        if (context.sync && isPromise(again)) {
          ignore(again);
          throw error;
        }
        return isPromise(again)
          ? again.then((work) => attempt(work, count + 1), giveUp)
          : attempt(again, count + 1);
      } catch (final) {
        return giveUp(final);
      }
    };
    const succeeded = (ready: Ready<Out, Chunk>): Ready<Out, Chunk> => {
      release();
      source.settle();
      return ready;
    };
    try {
      const flow = work(source.open(), context);
      const ready: MaybePromise<Ready<Out, Chunk>> =
        context.wants === 'chunks' ? begun(flow, context) : context.whole(flow);
      return isPromise(ready) ? ready.then(succeeded, failed) : succeeded(ready);
    } catch (error) {
      return failed(error);
    }
  }
}
