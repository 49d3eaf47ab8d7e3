import type { Runnable } from './runnable.js';

/** Marks runnables, so that those of another installed copy of this package are recognised. */
export const RUNNABLE = Symbol.for('pipewright.runnable');

/** Whether a value can be used as a runnable. */
export function isRunnable(value: unknown): value is Runnable<unknown, unknown, unknown> {
  return typeof value === 'object' && value !== null && (value as Record<symbol, unknown>)[RUNNABLE] === true;
}
