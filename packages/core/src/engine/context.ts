import { ConfigError, RecursionLimitError } from '../errors.js';
import type { Flow } from '../flow/flow.js';
import { whole } from '../flow/chunks.js';
import { collect, isPromise, type MaybePromise } from '../flow/promise.js';
import type { Runnable } from '../runnable.js';
import { checkConfig, mergeConfigs, type RunnableConfig } from './config.js';
import { execute } from './execute.js';
import { DEFAULT_CONCURRENCY, Pool } from './pool.js';
import { Scope } from './scope.js';

/** Whether a run is asked for its value or for its chunks; a model picks the cheaper request by it. */
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
  /** Every inherited option, model options included. */
  readonly config: RunnableConfig;
  readonly wants: Wants;
  /** True inside `invokeSync`, `batchSync` and `streamSync`. */
  readonly sync: boolean;
  /** How many runnables have started one another to get here. */
  readonly depth: number;

  /** Runs a part of this runnable, synchronously as far as it goes. */
  run<In, Out, Chunk>(child: Runnable<In, Out, Chunk>, input: Flow<In, unknown>): Flow<Out, Chunk>;
  /** Runs a runnable that a step made while running; counts against the recursion limit. */
  start<In, Out, Chunk>(child: Runnable<In, Out, Chunk>, input: Flow<In, unknown>): Flow<Out, Chunk>;
  /** The value of a flow: chunks are added up, for as long as the run is not stopped. */
  whole<Out, Chunk>(flow: Flow<Out, Chunk>): MaybePromise<Out>;
  /** The same run, asked for a value or for chunks. */
  wanting(wants: Wants): RunContext;
  /** The same run with further options, as `withConfig` binds them. */
  configured(config: RunnableConfig): RunContext;
  /** A part of this run that can be stopped alone. */
  fork(): Fork;
  /** Whether a concurrency limit holds for the parts of this run. */
  readonly limited: boolean;
  /**
   * Calls `work` for 0 to count - 1, within the concurrency limit that the caller of the root set; without one, all at
   * once. Rejects with the first failure, after which nothing more is started.
   */
  spread(count: number, work: (index: number) => MaybePromise<unknown>): MaybePromise<void>;
}

/** A part of a run that can be stopped alone. */
export interface Fork {
  readonly context: RunContext;
  abort(reason: unknown): void;
  /** Call it when the part has ended, however. */
  end(): void;
}

const DEFAULT_RECURSION_LIMIT = 25;
const NO_OPTIONS: RunnableConfig = Object.freeze({});
const NO_TAGS: readonly string[] = Object.freeze([]);
const NO_RECORD: Readonly<Record<string, unknown>> = Object.freeze({});

/** How a context travels inside a spread copy of itself. */
const SELF = Symbol.for('pipewright.context');

interface Fields {
  readonly config: RunnableConfig;
  readonly scope: Scope;
  readonly pool: Pool | undefined;
  readonly wants: Wants;
  readonly sync: boolean;
  readonly depth: number;
}

/** The engine's side of a RunContext. Never changed once made; what differs is a new one. */
export class Context implements RunContext {
  readonly [SELF]: Context = this;
  readonly #fields: Fields;

  private constructor(fields: Fields) {
    this.#fields = fields;
  }

  /** The context of a new run: a root, or a run inside another when `config` is, or was spread from, a context. */
  static begin(config: RunnableConfig | RunContext | undefined, wants: Wants, sync = false): Context {
    if (config === undefined || config === null) {
      return new Context({ config: NO_OPTIONS, scope: new Scope(), pool: undefined, wants, sync, depth: 0 });
    }
    if (typeof config !== 'object') {
      throw new ConfigError('config', `The config is a ${typeof config}; give an object such as { signal }.`);
    }
    const outer = (config as { readonly [SELF]?: Context })[SELF];
    const call: RunnableConfig = outer === config ? NO_OPTIONS : (config as RunnableConfig);
    const scope = outer?.scope.child() ?? new Scope();
    const options = arm(scope, call, outer?.config);
    const outerPool = outer?.pool;
    return new Context({
      config: options,
      scope,
      pool: call.maxConcurrency === undefined ? outerPool : new Pool(call.maxConcurrency, 'all', outerPool),
      wants,
      sync: sync || outer?.sync === true,
      depth: outer === undefined ? 0 : outer.#deeper(),
    });
  }

  get signal(): AbortSignal {
    return this.#fields.scope.signal;
  }
  get config(): RunnableConfig {
    return this.#fields.config;
  }
  get tags(): readonly string[] {
    return this.#fields.config.tags ?? NO_TAGS;
  }
  get metadata(): Readonly<Record<string, unknown>> {
    return this.#fields.config.metadata ?? NO_RECORD;
  }
  get configurable(): Readonly<Record<string, unknown>> {
    return this.#fields.config.configurable ?? NO_RECORD;
  }
  get recursionLimit(): number {
    return this.#fields.config.recursionLimit ?? DEFAULT_RECURSION_LIMIT;
  }
  get wants(): Wants {
    return this.#fields.wants;
  }
  get sync(): boolean {
    return this.#fields.sync;
  }
  get depth(): number {
    return this.#fields.depth;
  }
  get limited(): boolean {
    return this.pool?.covers === 'all' && !this.sync;
  }
  /** What stops this run. */
  get scope(): Scope {
    return this.#fields.scope;
  }

  run<In, Out, Chunk>(child: Runnable<In, Out, Chunk>, input: Flow<In, unknown>): Flow<Out, Chunk> {
    return execute(child, input, this);
  }

  start<In, Out, Chunk>(child: Runnable<In, Out, Chunk>, input: Flow<In, unknown>): Flow<Out, Chunk> {
    return execute(child, input, new Context({ ...this.#fields, depth: this.#deeper() }));
  }

  #deeper(): number {
    if (this.depth >= this.recursionLimit) throw new RecursionLimitError(this.recursionLimit);
    return this.depth + 1;
  }

  wanting(wants: Wants): Context {
    return wants === this.wants ? this : new Context({ ...this.#fields, wants });
  }

  configured(config: RunnableConfig): Context {
    return new Context({ ...this.#fields, config: mergeConfigs(this.config, config) });
  }

  fork(): Fork & { readonly context: Context } {
    const scope = this.scope.child();
    return {
      context: new Context({ ...this.#fields, scope }),
      abort: (reason) => scope.abort(reason),
      end: () => scope.dispose(),
    };
  }

  /** For a batch: the same run with slots for its items, `limit` of them when one was given. */
  pooled(limit: number | undefined): Context & { readonly pool: Pool } {
    const outer = this.#fields.pool;
    const pool =
      limit === undefined ? (outer ?? new Pool(DEFAULT_CONCURRENCY, 'items')) : new Pool(limit, 'all', outer);
    return new Context({ ...this.#fields, pool }) as Context & { readonly pool: Pool };
  }

  /** An item of a batch: a run of its own, stopped with the batch. */
  item(config: RunnableConfig | undefined): Context {
    const scope = this.scope.child();
    const options = config === undefined ? this.config : arm(scope, config, this.config);
    return new Context({ ...this.#fields, scope, config: options });
  }

  get pool(): Pool | undefined {
    return this.#fields.pool;
  }

  spread(count: number, work: (index: number) => MaybePromise<unknown>): MaybePromise<void> {
    if (this.limited) return (this.pool as Pool).each(count, work);
    const running = collect(count, work).filter(isPromise);
    return running.length === 0 ? undefined : Promise.all(running).then(() => undefined);
  }

  whole<Out, Chunk>(flow: Flow<Out, Chunk>): MaybePromise<Out> {
    return isPromise(flow)
      ? flow.then((ready) => whole<Out, Chunk>(ready, this.scope))
      : whole<Out, Chunk>(flow, this.scope);
  }

  /** Brings a run to its value, gives up at once when it is stopped, and lets go of what the run held. */
  settle<T, Chunk>(start: () => Flow<T, Chunk>): MaybePromise<T> {
    let result: MaybePromise<T>;
    try {
      result = this.whole<T, Chunk>(start());
    } catch (error) {
      this.end();
      throw error;
    }
    if (isPromise(result)) return this.scope.exposed ? this.scope.race(result, () => this.end()) : result;
    this.end();
    return result;
  }

  /** Lets go of the signal, the timer and the run around. */
  end(): void {
    this.scope.dispose();
  }
}

/** Checks the options of a new run, lets its scope follow the signal and the timeout, and gives what is inherited. */
function arm(scope: Scope, call: RunnableConfig, outer: RunnableConfig | undefined): RunnableConfig {
  checkConfig(call);
  const { signal, timeout, runName: _runName, runId: _runId, ...options } = call;
  if (signal !== undefined) scope.followSignal(signal);
  if (timeout !== undefined) scope.expireAfter(timeout);
  return outer === undefined ? options : mergeConfigs(outer, options);
}
