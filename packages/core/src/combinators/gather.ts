import type { Fork } from '../engine/run-context.js';
import type { Flow } from '../flow/flow.js';
import { andThen, isPromise, type MaybePromise } from '../flow/promise.js';

/**
 * The values of several flows, side by side in a part of the run that is stopped when one of them fails.
 *
 * @param start - starts one of them
 * @param spread - calls it for each
 */
export function gather(
  count: number,
  start: (index: number) => Flow<unknown, unknown>,
  fork: Fork,
  spread: Fork['context']['spread'],
): MaybePromise<unknown[]> {
  const values: unknown[] = new Array(count);
  const keep = (index: number): MaybePromise<void> =>
    andThen(fork.context.whole(start(index)), (value) => {
      values[index] = value;
    });
  const stop = (error: unknown): never => {
    fork.abort(error);
    throw error;
  };
  const finish = (): unknown[] => {
    fork.end();
    return values;
  };
  try {
    const spreading = spread(count, keep);
    return isPromise(spreading) ? spreading.then(finish, stop) : finish();
  } catch (error) {
    return stop(error);
  }
}
