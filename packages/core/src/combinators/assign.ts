import type { RunContext } from '../engine/run-context.js';
import { asChunks } from '../flow/as-chunks.js';
import { chunks, isChunks, type Chunks } from '../flow/chunks.js';
import type { Flow, Ready } from '../flow/flow.js';
import type { Accumulator, Fold } from '../flow/folds.js';
import type { Keyed } from '../flow/merge.js';
import { transduce } from '../flow/machine.js';
import { andThen, isPromise, type MaybePromise } from '../flow/promise.js';
import { share } from '../flow/share.js';
import { objectInput } from '../object-input.js';
import type { Runnable } from '../runnable.js';

type Mapper = Runnable<unknown, Readonly<Record<string, unknown>>, unknown>;

/**
 * The input, which is an object, with the mapper's keys added or replaced. The mapper sees the whole input. As a stream:
 * first the keys that stay, as they come, then the mapper's chunks.
 */
export function runAssign(
  mapper: Mapper,
  keys: ReadonlySet<string>,
  input: unknown,
  context: RunContext,
): Flow<Record<string, unknown>, Keyed> {
  if (context.wants === 'chunks') return streamed(mapper, keys, input, context);
  return andThen(context.whole(input as Ready<unknown, unknown>), (value) => {
    const rest = without(value, keys);
    return andThen(context.whole(context.run(mapper, value)), (added) => ({ ...rest, ...added }));
  });
}

function streamed(
  mapper: Mapper,
  keys: ReadonlySet<string>,
  input: unknown,
  context: RunContext,
): Chunks<Record<string, unknown>, Keyed> {
  const [kept, seen] = isChunks(input) ? share(input, 2) : [asChunks(once(input, keys)), input];
  const whole = kept as Chunks<unknown, unknown>;
  const push = (chunk: unknown): readonly Keyed[] => {
    const value = without(chunk, keys);
    return Object.keys(value).length === 0 ? [] : [value];
  };
  const staying = transduce(whole, { push, end: () => [] }, whole.fold, 'chunks') as Chunks<unknown, Keyed>;
  const adding = asChunks(context.run(mapper, seen)) as Chunks<Keyed, Keyed>;
  let added = false;
  const next = (): MaybePromise<IteratorResult<Keyed, unknown>> => {
    if (added) return adding.next();
    const step = staying.next();
    return isPromise(step) ? step.then(pass) : pass(step);
  };
  const pass = (step: IteratorResult<Keyed, unknown>): MaybePromise<IteratorResult<Keyed, unknown>> => {
    added = step.done === true;
    return added ? adding.next() : step;
  };
  return chunks(
    () => ({ next }),
    bothFolds(staying.fold, () => adding.fold, keys),
    {
      return: () => Promise.all([staying.return(), adding.return()]),
    },
  );
}

/** Refuses a value at once that is no object, instead of when its stream is read. */
function once(value: unknown, keys: ReadonlySet<string>): unknown {
  without(value, keys);
  return value;
}

function bothFolds(
  staying: Fold<unknown, unknown>,
  adding: () => Fold<Keyed, Keyed>,
  keys: ReadonlySet<string>,
): Fold<Keyed, Record<string, unknown>> {
  return () => {
    const rest = staying();
    let begun = false;
    let added: Accumulator<Keyed, Keyed> | undefined;
    const addedTotal = (): Accumulator<Keyed, Keyed> => (added ??= adding()());
    return {
      add: (chunk) => {
        if (Object.keys(chunk).some((key) => keys.has(key))) addedTotal().add(chunk);
        else {
          begun = true;
          rest.add(chunk);
        }
      },
      value: () => ({ ...(begun ? without(rest.value(), keys) : {}), ...addedTotal().value() }),
    };
  };
}

function without(value: unknown, keys: ReadonlySet<string>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(objectInput('assign', value)).filter(([key]) => !keys.has(key)));
}
