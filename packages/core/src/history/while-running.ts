import type { RunContext } from '../engine/run-context.js';
import { isPromise, type MaybePromise } from '../flow/promise.js';

/** Does work for as long as the run goes on: rejects at once when it is stopped, whatever the work comes to later. */
export function whileRunning<T>(work: () => MaybePromise<T>, context: RunContext): MaybePromise<T> {
  if (context.signal.aborted) throw context.signal.reason;
  const flow = work();
  if (!isPromise(flow)) return flow;
  return new Promise<T>((resolve, reject) => {
    const release = context.onAbort(reject);
    flow.then(resolve, reject).then(release, release);
  });
}
