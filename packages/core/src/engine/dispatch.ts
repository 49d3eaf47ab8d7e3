import { ConfigError } from '../errors.js';
import type { RunnableConfig } from './config.js';
import { Context } from './context.js';
import type { RunContext } from './run-context.js';

/**
 * Tells listeners of something of your own that happened in a step. Pass the step's context; it may be left out where
 * steps have it around them (`enableAmbientContext`). Once the step has ended, nobody is told any more.
 *
 * @throws ConfigError outside a run
 *
 * @example
 * ```ts
 * import { dispatchCustomEvent, RunnableLambda } from '@pipewright/core';
 *
 * const step = RunnableLambda.from((text: string, context) => {
 *   dispatchCustomEvent('progress', { done: 0.5 }, context);
 *   return text;
 * });
 * const told: unknown[] = [];
 * await step.invoke('hi', { callbacks: [{ onCustom: (event) => told.push(event.data) }] });
 * ```
 */
export function dispatchCustomEvent(
  name: string,
  payload: unknown,
  config: RunContext | RunnableConfig = {},
): void {
  const context = Context.surrounding(config);
  if (context === undefined) {
    throw new ConfigError(
      'config',
      `dispatchCustomEvent(${JSON.stringify(name)}, ...) was called outside a run. Pass the context that the step was given.`,
    );
  }
  context.dispatch(name, payload);
}
