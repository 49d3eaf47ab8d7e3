import type { Cursor } from '../flow/chunks.js';
import { cursorOf } from '../flow/cursor-of.js';
import { ignore } from '../flow/promise.js';
import { AbortedError, ConfigError } from '../errors.js';
import type { Runnable } from '../runnable.js';
import { limitOf, type BatchOptions } from './batch.js';
import { checkConcurrency, type RunnableConfig } from './config.js';
import { Context } from './context.js';
import { execute } from './execute.js';
import type { Pool } from './pool.js';
import type { RunContext } from './run-context.js';

/** The result of one item: what it gave, or what it threw. */
export type Completed<Out> =
  | { readonly index: number; readonly output: Out }
  | { readonly index: number; readonly error: unknown };

/**
 * Runs on inputs of any number and yields each result as it is there. Inputs are taken only as slots are free, and
 * slots become free only as results are read, so memory stays flat whichever side is slower.
 */
export async function* batchAsCompleted<In, Out, Chunk>(
  node: Runnable<In, Out, Chunk>,
  inputs: Iterable<In> | AsyncIterable<In>,
  config: RunnableConfig | RunContext | undefined,
  options: BatchOptions = {},
): AsyncGenerator<Completed<Out>, undefined> {
  if (options.maxConcurrency !== undefined) checkConcurrency(options.maxConcurrency);
  const { timeout, runId, ...common } = (config ?? {}) as RunnableConfig;
  const others = timeout === undefined ? undefined : { timeout };
  const first = runId === undefined ? others : { ...others, runId };
  const shared = Context.begin(common, { wants: 'value', alone: true }).pooled(
    limitOf(node, common, options),
  );
  const source = iteratorOf(inputs);
  const results = new Results<Completed<Out>>(shared.pool);

  let index = -1;
  let asking = false;
  const take = async (): Promise<(() => Promise<void>) | undefined> => {
    await results.room();
    shared.scope.throwIfAborted();
    asking = true;
    const step = await source.next();
    asking = false;
    if (step.done) return undefined;
    index += 1;
    return item(index, step.value);
  };
  const item = (place: number, input: In) => async (): Promise<void> => {
    const context = shared.item(place === 0 ? first : others);
    try {
      results.add({ index: place, output: await context.settle(() => execute(node, input, context)) });
    } catch (error) {
      if (shared.scope.aborted) throw error;
      results.add({ index: place, error });
    }
  };
  const taking = inTurn(take);
  const running = Promise.resolve(shared.pool.spread(taking));
  running.then(
    () => results.end(),
    (error: unknown) => results.fail(error),
  );
  const release = shared.scope.onAbort((reason) => results.fail(reason));
  try {
    yield* results;
  } finally {
    release();
    shared.scope.abort(new AbortedError('The results were not read to their end.'));
    results.end();
    const closed = (async () => source.return?.())();
    // A generator that is asked for an input closes only after giving it, which may be never.
    if (asking) ignore(closed);
    else await closed;
  }
  return undefined;
}

function iteratorOf<In>(inputs: Iterable<In> | AsyncIterable<In>): Cursor<In> {
  const given = Object(inputs) as object;
  if (Symbol.asyncIterator in given || Symbol.iterator in given) return cursorOf(given as AsyncIterable<In>);
  throw new ConfigError(
    'inputs',
    'batchAsCompleted() needs something to iterate over; for a single input call invoke().',
  );
}

/** Calls one after the other has settled: an input is asked for only when the one before it is there. */
function inTurn<T>(call: () => Promise<T>): () => Promise<T> {
  let previous: Promise<unknown> = Promise.resolve();
  return () => {
    const next = previous.then(call);
    previous = next.catch(() => {});
    return next;
  };
}

/** So many results may wait to be read, also when there is no limit to how many items run. */
const MOST_UNREAD = 1_000;

/** Results between those who make them and the one who reads them. */
class Results<T> implements AsyncIterable<T> {
  readonly #most: number;
  readonly #ready: T[] = [];
  #ended = false;
  #failure: { readonly error: unknown } | undefined;
  #wakeReader: (() => void) | undefined;
  #wakeMakers: (() => void)[] = [];

  constructor({ limit }: Pool) {
    this.#most = Math.min(limit, MOST_UNREAD);
  }

  /** Resolves when there is room for another result. */
  async room(): Promise<void> {
    while (this.#ready.length >= this.#most && !this.#ended) {
      await new Promise<void>((resolve) => this.#wakeMakers.push(resolve));
    }
  }

  add(result: T): void {
    this.#ready.push(result);
    this.#wakeReader?.();
  }

  end(): void {
    this.#ended = true;
    this.#wakeReader?.();
    this.#wakeAll();
  }

  fail(error: unknown): void {
    this.#failure ??= { error };
    this.end();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, undefined> {
    for (;;) {
      while (this.#ready.length > 0) {
        const batch = this.#ready.splice(0);
        this.#wakeAll();
        yield* batch;
      }
      if (this.#failure !== undefined) throw this.#failure.error;
      if (this.#ended) return undefined;
      await new Promise<void>((resolve) => {
        this.#wakeReader = resolve;
      });
    }
  }

  #wakeAll(): void {
    const makers = this.#wakeMakers;
    this.#wakeMakers = [];
    for (const wake of makers) wake();
  }
}
