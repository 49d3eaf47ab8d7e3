import { AbortedError } from '../errors.js';
import { chunks, isChunks, type Chunks, type Cursor } from '../flow/chunks.js';
import type { Flow, Ready } from '../flow/flow.js';
import type { Accumulator } from '../flow/folds.js';
import { isPromise, type MaybePromise } from '../flow/promise.js';
import type { Runnable } from '../runnable.js';
import type { Context } from './context.js';
import type { Run } from './run.js';

type Enter<In, Out, Chunk> = (input: Ready<In, unknown>, context: Context) => Flow<Out, Chunk>;

/** Runs a node while somebody listens: tells of its start, its chunks and its one end. Entered only in that case. */
export function observe<In, Out, Chunk>(
  node: Runnable<In, Out, Chunk>,
  input: Ready<In, unknown>,
  context: Context,
  enter: Enter<In, Out, Chunk>,
): Flow<Out, Chunk> {
  const run = context.open(node);
  const arriving = isChunks(input) ? new ArrivingInput(input as Chunks<In, unknown>) : undefined;
  const given = (): unknown => (arriving === undefined ? input : arriving.value());
  // Stopping a run closes it at once, also when its step does not listen and never comes back.
  const release = context.scope.onAbort((reason) => run.cancel(reason));
  const fail = (error: unknown): never => {
    release();
    run.error(error, arrived(given));
    throw error;
  };
  const deliver = (ready: Ready<Out, Chunk>): Ready<Out, Chunk> => {
    if (isChunks(ready)) return observedChunks(ready as Chunks<Out, Chunk>, run, given, release, fail);
    release();
    if (context.streams) run.chunk(ready);
    run.end(given(), ready);
    return ready;
  };
  try {
    run.start(arriving === undefined ? { input } : {});
    const flow = enter(arriving?.chunks ?? input, context.inside(run));
    return isPromise(flow) ? flow.then(deliver, fail) : deliver(flow);
  } catch (error) {
    return fail(error);
  }
}

/** Chunks of an input, added up as they pass: the end of the run names the whole input. */
class ArrivingInput<In> implements Cursor<unknown> {
  readonly chunks: Chunks<In, unknown>;
  readonly #source: Chunks<In, unknown>;
  readonly #total: Accumulator<unknown, In>;

  constructor(source: Chunks<In, unknown>) {
    this.#source = source;
    this.#total = source.fold();
    this.chunks = chunks(() => this, source.fold, source);
  }

  next(): MaybePromise<IteratorResult<unknown, unknown>> {
    const step = this.#source.next();
    return isPromise(step) ? step.then(this.#add) : this.#add(step);
  }

  readonly #add = (step: IteratorResult<unknown, unknown>): IteratorResult<unknown, unknown> => {
    if (!step.done) this.#total.add(step.value);
    return step;
  };

  value(): In {
    return this.#total.value();
  }
}

/** What there is of an input whose step failed. Adding up a part of it may fail in its turn, and must not hide that. */
function arrived(given: () => unknown): unknown {
  try {
    return given();
  } catch {
    return undefined;
  }
}

function observedChunks<Out, Chunk>(
  source: Chunks<Out, Chunk>,
  run: Run,
  given: () => unknown,
  release: () => void,
  fail: (error: unknown) => never,
): Chunks<Out, Chunk> {
  let total: Accumulator<Chunk, Out> | undefined;
  const accept = (step: IteratorResult<Chunk, unknown>): IteratorResult<Chunk, unknown> => {
    total ??= source.fold();
    if (step.done) {
      release();
      run.end(given(), total.value());
    } else {
      total.add(step.value);
      run.chunk(step.value);
    }
    return step;
  };
  const next = (): MaybePromise<IteratorResult<Chunk, unknown>> => {
    try {
      const step = source.next();
      return isPromise(step) ? step.then(accept).then(undefined, fail) : accept(step);
    } catch (error) {
      return fail(error);
    }
  };
  return chunks(() => ({ next }), source.fold, {
    return: () => {
      release();
      const closed = source.return();
      if (!run.closed) run.cancel(new AbortedError('What it streamed was not needed any more.'));
      return closed;
    },
  });
}
