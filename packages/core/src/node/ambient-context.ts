import { AsyncLocalStorage } from 'node:async_hooks';
import { ambient, setAmbient } from '../engine/ambient.js';
import type { RunContext } from '../engine/run-context.js';

/**
 * From now on, what a step calls knows the step's context without being handed it: `child.invoke(x)` inside a step
 * belongs to the step's run, stops with it and inherits its options, and `dispatchCustomEvent(name, data)` reaches its
 * listeners. A context that is passed on explicitly wins. Holds for the whole process, for every installed copy of this
 * package; each step costs somewhat more.
 *
 * @returns a function that ends it
 *
 * @example
 * ```ts
 * import { RunnableLambda } from '@pipewright/core';
 * import { enableAmbientContext } from '@pipewright/core/node';
 *
 * const disable = enableAmbientContext();
 * const inner = RunnableLambda.from((text: string, { tags }) => `${text} ${tags.join()}`);
 * const outer = RunnableLambda.from(async (text: string) => inner.invoke(text));
 * const answer = await outer.invoke('hello', { tags: ['greeting'] }); // 'hello greeting'
 * disable();
 * ```
 */
export function enableAmbientContext(): () => void {
  const before = ambient();
  if (before !== undefined) return () => {};
  const storage = new AsyncLocalStorage<RunContext | undefined>();
  const given = {
    current: () => storage.getStore(),
    run: <T>(context: RunContext | undefined, work: () => T): T => storage.run(context, work),
  };
  setAmbient(given);
  return () => {
    if (ambient() !== given) return;
    setAmbient(undefined);
    storage.disable();
  };
}

/** The context of the step that is running; undefined outside of steps, and unless `enableAmbientContext` was called. */
export function currentContext(): RunContext | undefined {
  return ambient()?.current();
}

/** Does work that is to outlive the step it is started in: runs in it are runs of their own. */
export function withoutContext<T>(work: () => T): T {
  const around = ambient();
  return around === undefined ? work() : around.run(undefined, work);
}
