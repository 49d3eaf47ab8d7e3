import type { RunContext } from '../engine/run-context.js';
import { isChunks } from '../flow/chunks.js';
import type { Ready } from '../flow/flow.js';
import { last, type Accumulator, type Fold } from '../flow/folds.js';
import { transduce, type Machine } from '../flow/machine.js';

/** What to take out of an object: one key's value, or an object of the keys that are there. */
export type Picked = string | readonly string[];

/** Takes keys out of an object, or out of each object of a stream; chunks without any of them are left out. */
export function runPick(keys: Picked, input: unknown, { wants }: RunContext): Ready<unknown, unknown> {
  const machine: Machine<unknown, unknown> = {
    push: (chunk) => {
      const value = pick(chunk, keys);
      return value === undefined ? [] : [value];
    },
    end: () => [],
  };
  const fold = isChunks(input) ? pickedFold(keys, input.fold as Fold<unknown, unknown>) : last;
  return transduce(input as Ready<unknown>, machine, fold, wants);
}

/** What was picked adds up as it would have in the object it was taken from. */
function pickedFold(keys: Picked, whole: Fold<unknown, unknown>): Fold<unknown, unknown> {
  return (): Accumulator<unknown, unknown> => {
    const total = whole();
    return {
      add: (value) => total.add(typeof keys === 'string' ? { [keys]: value } : value),
      value: () => pick(total.value(), keys),
    };
  };
}

function pick(value: unknown, keys: Picked): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  if (typeof keys === 'string') return Object.hasOwn(value, keys) ? Reflect.get(value, keys) : undefined;
  const found = keys
    .filter((key) => Object.hasOwn(value, key))
    .map((key) => [key, Reflect.get(value, key)] as const);
  return found.length === 0 ? undefined : Object.fromEntries(found);
}
