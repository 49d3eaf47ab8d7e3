import type { RunContext } from '../engine/run-context.js';
import { ConfigError } from '../errors.js';
import type { MaybePromise } from '../flow/promise.js';
import type { Runnable } from '../runnable.js';
import { gather } from './gather.js';

/** Runs on every item of an array, as many at once as a batch does. When one fails, the others are stopped. */
export function runEach(
  bound: Runnable<unknown, unknown, unknown>,
  input: unknown,
  context: RunContext,
): MaybePromise<unknown[]> {
  if (!Array.isArray(input)) {
    throw new ConfigError(
      'map',
      `map() runs on the items of an array; its input is ${input === null ? 'null' : `a ${typeof input}`}.`,
    );
  }
  const items: readonly unknown[] = input;
  const fork = context.wanting('value').fork();
  const start = (index: number) => fork.context.run(bound, items[index], 'item', index);
  return gather(items.length, start, fork, (count, work) => fork.context.spreadItems(count, work));
}
