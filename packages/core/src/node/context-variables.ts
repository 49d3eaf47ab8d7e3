import { ambient } from '../engine/ambient.js';
import { ConfigError } from '../errors.js';

/**
 * Sets a value for the step that is running: it and all that it calls from here on can read it, those around it cannot.
 *
 * @throws ConfigError outside of steps, and unless `enableAmbientContext` was called
 *
 * @example
 * ```ts
 * import { RunnableLambda } from '@pipewright/core';
 * import { enableAmbientContext, getContextVariable, setContextVariable } from '@pipewright/core/node';
 *
 * const disable = enableAmbientContext();
 * const greet = RunnableLambda.from((name: string) => `${getContextVariable('greeting')}, ${name}!`);
 * const politely = RunnableLambda.from((name: string) => {
 *   setContextVariable('greeting', 'Good day');
 *   return greet;
 * });
 * const greeting = await politely.invoke('Ada'); // 'Good day, Ada!'
 * disable();
 * ```
 */
export function setContextVariable(name: string, value: unknown): void {
  const around = ambient();
  if (around?.setVariable(name, value) === true) return;
  throw new ConfigError(
    name,
    around === undefined
      ? 'Context variables need the ambient context. Call enableAmbientContext() when the program starts.'
      : `The context variable ${JSON.stringify(name)} was set outside of a step, where nothing could read it.`,
  );
}

/**
 * The value that the step that is running, or one around it, has set under a name; undefined if none has.
 *
 * @typeParam T - what the value is, which nobody checks
 */
export function getContextVariable<T = unknown>(name: string): T | undefined {
  return ambient()?.variable(name) as T | undefined;
}
