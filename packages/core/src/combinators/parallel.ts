import type { Fork, RunContext } from '../engine/run-context.js';
import { AbortedError } from '../errors.js';
import { chunks, closeQuietly, discard, isChunks, type Chunks } from '../flow/chunks.js';
import type { Flow } from '../flow/flow.js';
import { asChunks } from '../flow/as-chunks.js';
import { own } from '../flow/folds.js';
import { merge, type Keyed } from '../flow/merge.js';
import { collect, ignore, isPromise } from '../flow/promise.js';
import { share } from '../flow/share.js';
import type { Runnable } from '../runnable.js';
import { gather } from './gather.js';

type Branches = Readonly<Record<string, Runnable<never, unknown, unknown>>>;
type StartBranch = (index: number) => Flow<unknown, unknown>;

/**
 * Gives every branch the same input. The result has the branches' keys in their order; as a stream it is one-key
 * objects in the order their chunks arrive. When a branch fails, the others are stopped.
 */
export function runParallel(
  branches: Branches,
  input: unknown,
  context: RunContext,
): Flow<Record<string, unknown>, Keyed> {
  const keys = Object.keys(branches);
  const inputs: unknown[] = isChunks(input) ? share(input, keys.length) : keys.map(() => input);
  const fork = context.fork();
  const start: StartBranch = (index) =>
    fork.context.run(
      branches[keys[index] as string] as Runnable<unknown, unknown, unknown>,
      inputs[index],
      'map:key',
      keys[index],
    );
  const stop = (error: unknown): void => {
    fork.abort(error);
    for (const branchInput of inputs) if (isChunks(branchInput)) closeQuietly(branchInput);
  };
  const fail = (error: unknown): never => {
    stop(error);
    throw error;
  };
  const keyed = (values: readonly unknown[]): Record<string, unknown> => {
    const result: Record<string, unknown> = {};
    for (const [index, key] of keys.entries()) own(result, key, values[index]);
    return result;
  };
  try {
    if (context.wants === 'chunks') return streamed(keys, start, stop, fork);
    const values = gather(keys.length, start, fork, (count, work) => fork.context.spread(count, work));
    return isPromise(values) ? values.then(keyed, fail) : keyed(values);
  } catch (error) {
    return fail(error);
  }
}

function streamed(
  keys: readonly string[],
  start: StartBranch,
  stop: (error: unknown) => void,
  fork: Fork,
): Chunks<Record<string, unknown>, Keyed> {
  const flows = fork.context.limited
    ? inSlots(keys.length, start, fork.context)
    : collect(keys.length, start, discard);
  const merged = merge(new Map(keys.map((key, index) => [key, flows[index]])), stop);
  return chunks(() => merged, merged.fold, {
    return: () => {
      fork.abort(new AbortedError('The parallel branches were closed.'));
      return merged.return();
    },
  });
}

/** Starts each branch when a slot is free for it, and keeps the slot until the branch's stream has ended. */
function inSlots(count: number, start: StartBranch, context: RunContext): Flow<unknown, unknown>[] {
  const begin: ((flow: Flow<unknown, unknown>) => void)[] = [];
  const flows = Array.from({ length: count }, () => new Promise((resolve) => begin.push(resolve)));
  const spread = context.spread(
    count,
    (index) =>
      new Promise<void>((release) => {
        let source: Chunks<unknown, unknown>;
        try {
          source = asChunks(start(index));
        } catch (error) {
          source = asChunks(Promise.reject(error as Error));
        }
        const releasing = () => (release(), source.return());
        begin[index]?.(chunks(() => source, source.fold, { return: releasing }));
      }),
  );
  ignore(spread);
  return flows;
}
