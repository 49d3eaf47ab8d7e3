import type { Flow } from '../flow/flow.js';
import type { MaybePromise } from '../flow/promise.js';
import type { Runnable } from '../runnable.js';
import type { Callback } from './callbacks.js';
import type { ModelCallOptions, RunnableConfig } from './config.js';

/** Whether a run is asked for its value or for its chunks. */
export type Wants = 'value' | 'chunks';

/**
 * What a step sees of its run. It is itself a valid config: `child.invoke(x, context)` belongs to the same run, stops
 * with it and inherits its options, and so does `child.invoke(x, { ...context, tags: ['mine'] })`.
 */
export interface RunContext {
  /** Aborted when the run is stopped: hand it to whatever takes a signal. */
  readonly signal: AbortSignal;
  readonly tags: readonly string[];
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly configurable: Readonly<Record<string, unknown>>;
  readonly recursionLimit: number;
  /** Those who listen, to be handed on: `child.invoke(x, { callbacks: context.callbacks })` belongs to the same run too. */
  readonly callbacks: readonly Callback[];
  /** Every inherited option, model options included. */
  readonly config: RunnableConfig;
  readonly wants: Wants;
  /** Whether somebody has use for chunks: the caller, or a listener to events. A model streams then. */
  readonly streams: boolean;
  /** True inside `invokeSync`, `batchSync` and `streamSync`. */
  readonly sync: boolean;
  /** How many runnables have started one another to get here. */
  readonly depth: number;
  /** Whether a concurrency limit holds for the parts of this run. */
  readonly limited: boolean;

  /**
   * Runs a part of this runnable, synchronously as far as it goes. In events the part's run is tagged with its role and
   * key, as in `seq:step:1`.
   */
  run<In, Out, Chunk>(
    child: Runnable<In, Out, Chunk>,
    input: Flow<In, unknown>,
    role?: string,
    key?: string | number,
  ): Flow<Out, Chunk>;
  /** Runs a runnable that a step made while running; counts against the recursion limit. */
  start<In, Out, Chunk>(child: Runnable<In, Out, Chunk>, input: Flow<In, unknown>): Flow<Out, Chunk>;
  /** The value of a flow: chunks are added up, for as long as the run is not stopped. */
  whole<Out, Chunk>(flow: Flow<Out, Chunk>): MaybePromise<Out>;
  /** The same run, asked for a value or for chunks. */
  wanting(wants: Wants): RunContext;
  /**
   * Does a part of this run with options of its own, as bound by `withConfig`: what the call says wins over them, their
   * signal and timeout stop that part alone, their callbacks hear of it alone.
   */
  within<Out, Chunk>(
    config: RunnableConfig,
    work: (context: RunContext) => Flow<Out, Chunk>,
  ): Flow<Out, Chunk>;
  /** The same run with options for its models that win over those it has, wherever those came from. */
  telling(options: ModelCallOptions): RunContext;
  /** A part of this run that can be stopped alone. */
  fork(): Fork;
  /** A part of this run that outlives it: only its own `abort` stops it. For work that several runs wait for together. */
  detach(): Fork;
  /**
   * Calls back once when the run is stopped, without making a signal for it. Who stops it and waits for its end waits for
   * what the callback gives. The function it gives takes the callback back.
   */
  onAbort(callback: (reason: unknown) => unknown): () => void;
  /** Whether this run is, or belongs to, the part that was detached as `other`. */
  belongsTo(other: RunContext): boolean;
  /**
   * Calls `work` for 0 to count - 1, within the concurrency limit that the caller of the root set; without one, all at
   * once. Rejects with the first failure, after which nothing more is started.
   */
  spread(count: number, work: (index: number) => MaybePromise<unknown>): MaybePromise<void>;
  /** As `spread`, for items as those of a batch: without a limit of the caller's, at most 16 at once. */
  spreadItems(count: number, work: (index: number) => MaybePromise<unknown>): MaybePromise<void>;
  /** Tells listeners of something that happened in the step that is running. */
  dispatch(name: string, data: unknown): void;
}

/** A part of a run that can be stopped alone. */
export interface Fork {
  readonly context: RunContext;
  /** Gives when what it had open is closed, if that takes time. */
  abort(reason: unknown): MaybePromise<unknown>;
  /** Call it when the part has ended, however. */
  end(): void;
}
