import { ignore, isPromise, type MaybePromise } from '../flow/promise.js';

/** For each owner, the last piece of work begun under each key that has not ended. */
const lines = new WeakMap<object, Map<string, PromiseLike<unknown>>>();

/** Does work after all earlier work under the same owner and key has ended: at once when there is none. */
export function inTurn<T>(owner: object, key: string, work: () => MaybePromise<T>): MaybePromise<T> {
  const line = lines.get(owner) ?? new Map<string, PromiseLike<unknown>>();
  lines.set(owner, line);
  const before = line.get(key);
  // Whether the work before failed is for those to know who asked for it.
  const flow = before === undefined ? work() : before.then(work, work);
  if (!isPromise(flow)) return flow;
  const leave = (): void => {
    if (line.get(key) === flow) line.delete(key);
  };
  line.set(key, flow);
  ignore(flow.then(leave, leave));
  return flow;
}
