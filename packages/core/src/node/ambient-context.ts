import { AsyncLocalStorage } from 'node:async_hooks';
import { ambient, setAmbient, type Ambient } from '../engine/ambient.js';
import type { RunContext } from '../engine/run-context.js';

/** What is around a step. */
interface Surroundings {
  readonly context: RunContext | undefined;
  variables: ReadonlyMap<string, unknown> | undefined;
}

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
  const storage = new AsyncLocalStorage<Surroundings>();
  const given: Ambient = {
    current: () => storage.getStore()?.context,
    inside: (context) => {
      const variables = context === undefined ? undefined : storage.getStore()?.variables;
      const own: Surroundings = { context, variables };
      return (work) => storage.run(own, work);
    },
    variable: (name) => storage.getStore()?.variables?.get(name),
    setVariable: (name, value) => {
      const own = storage.getStore();
      if (own?.context === undefined) return false;
      // What a step sets is not seen by those around it, nor by those that it has called before.
      own.variables = new Map(own.variables).set(name, value);
      return true;
    },
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
  return around === undefined ? work() : around.inside(undefined)(work);
}
