import { AbortedError, PipewrightError, StreamConsumedError } from '../errors.js';
import { AS_CHUNKS, chunks, closeQuietly, type Chunks } from '../flow/chunks.js';
import type { Accumulator } from '../flow/folds.js';
import { ignore, isPromise } from '../flow/promise.js';
import { share } from '../flow/share.js';
import { letGo } from './conclude.js';
import type { Context } from './context.js';
import { callersReason, isCallersReason } from './scope.js';

/**
 * The chunks of one run, for one reader. Nothing runs before the first chunk is asked for, and nothing runs ahead of the
 * reader. `break`, `return()`, `cancel()` and an aborted signal stop the run at once. A failure is thrown to the reader,
 * with what had been produced as its `partial` when it is one of our errors.
 *
 * @typeParam Chunk - what the stream yields
 * @typeParam Out - what the chunks add up to
 */
export interface RunStream<Chunk, Out = Chunk> extends AsyncIterableIterator<Chunk, undefined> {
  /**
   * The whole output, as `invoke` would give it. Reading it without a reader on the stream runs it to its end; chunks
   * are then kept for a reader that comes later. Rejects as the stream does.
   */
  readonly final: Promise<Out>;
  /** Stops the run. */
  cancel(reason?: unknown): Promise<void>;
  return(value?: undefined): Promise<IteratorReturnResult<undefined>>;
  /** The same chunks as a web stream; it becomes the only reader. */
  toReadableStream(): ReadableStream<Chunk>;
  getReader(): ReadableStreamDefaultReader<Chunk>;
  pipeThrough<T>(pair: Through<T, Chunk>, options?: PipeOptions): ReadableStream<T>;
  pipeTo(destination: WritableStream<Chunk>, options?: PipeOptions): Promise<void>;
  /**
   * Two streams of the same chunks. The one that falls more than 64 chunks behind the other ends with a
   * LimitExceededError.
   */
  tee(): [RunStream<Chunk, Out>, RunStream<Chunk, Out>];
  [Symbol.asyncDispose](): Promise<void>;
}

// Node's types have the streams among their globals, but not these two, which the DOM's have.
interface Through<T, Chunk> {
  readonly readable: ReadableStream<T>;
  readonly writable: WritableStream<Chunk>;
}
type PipeOptions = Parameters<ReadableStream['pipeTo']>[1];

const TEE_LAG = 64;
const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };

/** A run that a stream reads from. */
export interface StreamedRun<Out, Chunk> {
  readonly source: Chunks<Out, Chunk>;
  readonly context?: Context;
}

/** Makes the stream of a run that `begin` starts at the first pull. If none comes, it is `input` that has to be closed. */
export function runStream<Out, Chunk>(
  begin: () => StreamedRun<Out, Chunk>,
  input?: { return(): unknown },
): RunStream<Chunk, Out> {
  return new EngineStream(begin, input);
}

type Step<Chunk> = IteratorResult<Chunk, undefined>;
type Outcome<Out> = { readonly value: Out } | { readonly error: unknown };

class EngineStream<Out, Chunk> implements RunStream<Chunk, Out> {
  readonly #begin: () => StreamedRun<Out, Chunk>;
  readonly #input: { return(): unknown } | undefined;
  #run: StreamedRun<Out, Chunk> | undefined;
  #total: Accumulator<Chunk, Out> | undefined;
  #begun = false;
  #outcome: Outcome<Out> | undefined;
  /** A failure between two pulls, which the next one reports. */
  #untold: (() => Promise<never>) | undefined;
  /** The pull under way, and how to settle it before its time. */
  #inFlight: Promise<Step<Chunk>> | undefined;
  #cut: { end(): void; fail(error: unknown): void } | undefined;
  #releaseAbort: (() => void) | undefined;
  #reading = false;
  #claimed = false;
  #final: { readonly promise: Promise<Out>; settle(outcome: Outcome<Out>): void } | undefined;
  /** Chunks that ran ahead because `final` was asked for first. */
  readonly #kept: Chunk[] = [];

  constructor(begin: () => StreamedRun<Out, Chunk>, input: { return(): unknown } | undefined) {
    this.#begin = begin;
    this.#input = input;
  }

  next(): Promise<Step<Chunk>> {
    this.#reading = true;
    if (this.#inFlight !== undefined) {
      const again = (): Promise<Step<Chunk>> => this.next();
      return this.#inFlight.then(again, again);
    }
    if (this.#kept.length > 0) return Promise.resolve({ done: false, value: this.#kept.shift() as Chunk });
    return this.#advance((step) => step);
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    await this.#stop(new AbortedError('The stream was closed before its end.'));
    return DONE;
  }

  async throw(error: unknown): Promise<never> {
    await this.#stop(error);
    throw error;
  }

  async cancel(reason?: unknown): Promise<void> {
    await this.#stop(callersReason(reason) ?? new AbortedError('The stream was cancelled.'));
  }

  [Symbol.asyncIterator](): this {
    this.#claim();
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  get final(): Promise<Out> {
    if (this.#final === undefined) {
      this.#final = deferred();
      if (this.#outcome !== undefined) this.#final.settle(this.#outcome);
      else queueMicrotask(() => void this.#runAhead());
    }
    return this.#final.promise;
  }

  toReadableStream(): ReadableStream<Chunk> {
    this.#claim();
    return new ReadableStream<Chunk>(
      {
        pull: async (controller) => {
          const step = await this.next();
          if (step.done) controller.close();
          else controller.enqueue(step.value);
        },
        cancel: (reason) => this.cancel(reason),
      },
      { highWaterMark: 0 },
    );
  }

  getReader(): ReadableStreamDefaultReader<Chunk> {
    return this.toReadableStream().getReader();
  }

  pipeThrough<T>(pair: Through<T, Chunk>, options?: PipeOptions): ReadableStream<T> {
    return this.toReadableStream().pipeThrough(pair, options);
  }

  pipeTo(destination: WritableStream<Chunk>, options?: PipeOptions): Promise<void> {
    return this.toReadableStream().pipeTo(destination, options);
  }

  tee(): [RunStream<Chunk, Out>, RunStream<Chunk, Out>] {
    const [left, right] = share(this[AS_CHUNKS](), 2, TEE_LAG).map((source) => runStream(() => ({ source })));
    return [left, right] as [RunStream<Chunk, Out>, RunStream<Chunk, Out>];
  }

  /** For the runnable that this stream is returned from, or split by `tee`. */
  [AS_CHUNKS](): Chunks<Out, Chunk> {
    this.#claim();
    // The run's own fold is known once it has started, which is before the first chunk can be added.
    const fold = (): Accumulator<Chunk, Out> => {
      let total: Accumulator<Chunk, Out> | undefined;
      const known = (): Accumulator<Chunk, Out> => (total ??= this.#started().source.fold());
      return { add: (chunk) => known().add(chunk), value: () => known().value() };
    };
    return chunks(() => this, fold, { return: () => this.return() });
  }

  #claim(): void {
    if (this.#claimed) {
      throw new StreamConsumedError(
        'This stream already has a reader. Call stream() again for another run, or tee() for two readers of this one.',
      );
    }
    this.#claimed = true;
    this.#reading = true;
  }

  #started(): StreamedRun<Out, Chunk> {
    if (this.#run === undefined) {
      const run = this.#begin();
      this.#run = run;
      this.#total = run.source.fold();
      this.#releaseAbort = run.context?.scope.onAbort((reason) => this.#interrupt(reason));
    }
    return this.#run;
  }

  /** The next step, for `take` as soon as it is there. */
  #advance(take: (step: Step<Chunk>) => Step<Chunk>): Promise<Step<Chunk>> {
    const over = this.#over();
    if (over !== undefined) return over;
    try {
      const step = this.#started().source.next();
      if (isPromise(step)) return this.#await(step, take);
      // A step may stop the run that it is in.
      return this.#over() ?? Promise.resolve(take(this.#accept(step)));
    } catch (error) {
      return this.#over() ?? Promise.reject(this.#fail(error) as Error);
    }
  }

  /** What a pull of a run that has ended gives. */
  #over(): Promise<Step<Chunk>> | undefined {
    const untold = this.#untold;
    this.#untold = undefined;
    return untold?.() ?? (this.#outcome && Promise.resolve(DONE));
  }

  #await(
    step: PromiseLike<IteratorResult<Chunk, unknown>>,
    take: (step: Step<Chunk>) => Step<Chunk>,
  ): Promise<Step<Chunk>> {
    const inFlight = new Promise<Step<Chunk>>((resolve, reject) => {
      this.#cut = { end: () => resolve(DONE), fail: reject };
      step.then(
        (result) => {
          if (this.#outcome !== undefined) return;
          this.#inFlight = undefined;
          try {
            resolve(take(this.#accept(result)));
          } catch (error) {
            reject(this.#fail(error) as Error);
          }
        },
        (error: unknown) => {
          if (this.#outcome === undefined) reject(this.#fail(error) as Error);
        },
      );
    });
    this.#inFlight = inFlight;
    return inFlight;
  }

  #accept(step: IteratorResult<Chunk, unknown>): Step<Chunk> {
    const total = this.#total as Accumulator<Chunk, Out>;
    if (!step.done) {
      total.add(step.value);
      this.#begun = true;
      return step;
    }
    this.#end({ value: total.value() });
    return DONE;
  }

  #fail(error: unknown): unknown {
    if (this.#outcome !== undefined) return error;
    // The outermost stream knows most. A reason that the caller gave is not for one run to write on.
    if (this.#begun && PipewrightError.isInstance(error) && !isCallersReason(error)) {
      error.partial = this.#total?.value();
    }
    this.#end({ error });
    return error;
  }

  #end(outcome: Outcome<Out>): void {
    this.#outcome = outcome;
    this.#inFlight = undefined;
    this.#releaseAbort?.();
    if (this.#run !== undefined) closeQuietly(this.#run.source);
    this.#run?.context?.scope.dispose();
    this.#final?.settle(outcome);
  }

  /** The run was aborted from outside. */
  #interrupt(reason: unknown): void {
    const waiting = this.#inFlight !== undefined;
    this.#fail(reason);
    const told = this.#run?.context && letGo(this.#run.context);
    const fail = (): Promise<never> => Promise.reject(reason as Error);
    const failed = (): Promise<never> => (told === undefined ? fail() : told.then(fail, fail));
    if (waiting) failed().catch((error: unknown) => this.#cut?.fail(error));
    else this.#untold = failed;
  }

  /** The reader wants no more. */
  async #stop(reason: unknown): Promise<void> {
    this.#kept.length = 0;
    if (this.#outcome !== undefined) {
      this.#untold = undefined;
      return;
    }
    const run = this.#run;
    this.#releaseAbort?.();
    this.#releaseAbort = undefined;
    // The signal first: a source that is waiting for its provider can only be closed once that wait has ended.
    const aborted = run?.context?.scope.abort(reason);
    const closed = (run === undefined ? this.#input : run.source)?.return();
    const waiting = this.#inFlight !== undefined;
    this.#fail(reason);
    if (waiting) this.#cut?.end();
    await closed;
    await aborted;
  }

  async #runAhead(): Promise<void> {
    const keep = (step: Step<Chunk>): Step<Chunk> => {
      if (!step.done) this.#kept.push(step.value);
      return step;
    };
    while (this.#outcome === undefined && !this.#reading) {
      try {
        await this.#advance(keep);
      } catch (error) {
        // `final` rejects with it; a reader that comes later is told as well.
        this.#untold = () => Promise.reject(error as Error);
      }
    }
  }
}

function deferred<Out>(): { readonly promise: Promise<Out>; settle(outcome: Outcome<Out>): void } {
  let settle: (outcome: Outcome<Out>) => void = () => {};
  const promise = new Promise<Out>((resolve, reject) => {
    settle = (outcome) => ('error' in outcome ? reject(outcome.error as Error) : resolve(outcome.value));
  });
  // Whoever reads the stream is told of its failure there.
  ignore(promise);
  return { promise, settle };
}
