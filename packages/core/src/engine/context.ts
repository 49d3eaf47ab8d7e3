import { RecursionLimitError } from '../errors.js';
import { whole } from '../flow/chunks.js';
import type { Flow } from '../flow/flow.js';
import { collect, isPromise, type MaybePromise } from '../flow/promise.js';
import type { Runnable } from '../runnable.js';
import { ambient, type Ambient } from './ambient.js';
import { listenersOf, type Callback } from './callbacks.js';
import { conclude, type Held } from './conclude.js';
import { checkConfig, mergeConfigs, type ModelCallOptions, type RunnableConfig } from './config.js';
import { execute } from './execute.js';
import { Observer } from './observer.js';
import { DEFAULT_CONCURRENCY, Pool } from './pool.js';
import { Run } from './run.js';
import type { Fork, RunContext, Wants } from './run-context.js';
import { Scope } from './scope.js';

const DEFAULT_RECURSION_LIMIT = 25;
const NO_OPTIONS: RunnableConfig = Object.freeze({});
const NO_TAGS: readonly string[] = Object.freeze([]);
const NO_RECORD: Readonly<Record<string, unknown>> = Object.freeze({});

/** How a context travels inside a spread copy of itself. */
const SELF = Symbol.for('pipewright.context');

interface Fields {
  readonly config: RunnableConfig;
  readonly scope: Scope;
  readonly ownsScope: boolean;
  readonly pool: Pool | undefined;
  readonly wants: Wants;
  readonly sync: boolean;
  readonly depth: number;
  readonly observer: Observer | undefined;
  /** Whether the observer came with this run, and not from around it. */
  readonly ownsObserver: boolean;
  /** The observed run that this context belongs to. */
  readonly run: Run | undefined;
  /** How steps have their context around them, where that is enabled. */
  readonly ambient: Ambient | undefined;
  /** What the next run to be opened is called and tagged with, where its runnable does not say. */
  readonly next: NextRun | undefined;
}

interface NextRun {
  readonly name?: string | undefined;
  readonly id?: string | undefined;
  readonly tag?: string | undefined;
}

/** How a run is asked for. */
export interface RunMode {
  readonly wants: Wants;
  readonly sync?: boolean;
  /** Whether it has to be stoppable alone, and not only with the run around it. */
  readonly alone?: boolean;
}

// Fields are written out here and below: object spread costs more than everything else that a short run does.
function rootFields({ wants, sync = false }: RunMode): Fields {
  return {
    config: NO_OPTIONS,
    scope: new Scope(),
    ownsScope: false,
    pool: undefined,
    wants,
    sync,
    depth: 0,
    observer: undefined,
    ownsObserver: false,
    run: undefined,
    ambient: ambient(),
    next: undefined,
  };
}

function changed(fields: Fields, changes: Partial<Fields>): Fields {
  return {
    config: changes.config ?? fields.config,
    scope: changes.scope ?? fields.scope,
    ownsScope: changes.ownsScope ?? fields.ownsScope,
    pool: changes.pool ?? fields.pool,
    wants: changes.wants ?? fields.wants,
    sync: changes.sync ?? fields.sync,
    depth: changes.depth ?? fields.depth,
    observer: changes.observer ?? fields.observer,
    ownsObserver: changes.ownsObserver ?? fields.ownsObserver,
    run: changes.run ?? fields.run,
    ambient: fields.ambient,
    next: 'next' in changes ? changes.next : fields.next,
  };
}

/** The engine's side of a RunContext. Never changed once made; what differs is a new one. */
export class Context implements RunContext, Held {
  readonly [SELF]: Context = this;
  readonly #fields: Fields;

  private constructor(fields: Fields) {
    this.#fields = fields;
  }

  /** The context of a new run: a root, or a run inside another when `config` is, or was spread from, a context. */
  static begin(config: RunnableConfig | RunContext | undefined, mode: RunMode): Context {
    const options = config ?? NO_OPTIONS;
    const outer = Context.surrounding(options);
    if (outer !== undefined) return outer.begin(isContext(options) ? NO_OPTIONS : options, mode);
    const root = rootFields(mode);
    return new Context(options === NO_OPTIONS ? root : withOptions(root, options));
  }

  /** The context that a config is, or was spread from; else that of the step under way, where steps have it around them. */
  static surrounding(config: RunnableConfig | RunContext): Context | undefined {
    const carried = contextOf(config) ?? (config as RunnableConfig).callbacks?.find?.(isContext);
    return (carried ?? ambient()?.current()) as Context | undefined;
  }

  /** The context of a run inside this one. A method, since this context may be of another copy of the package. */
  begin(options: RunnableConfig, { wants, sync = false, alone = false }: RunMode): Context {
    const inner = changed(this.#fields, {
      scope: alone ? this.scope.child() : this.scope,
      ownsScope: alone,
      wants,
      sync: sync || this.sync,
      depth: this.#deeper(),
      ownsObserver: false,
    });
    return new Context(withOptions(inner, options));
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
  get callbacks(): readonly Callback[] {
    return [this as object];
  }
  get wants(): Wants {
    return this.#fields.wants;
  }
  get streams(): boolean {
    return this.#fields.wants === 'chunks' || this.#fields.observer?.wantsChunks === true;
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
  get pool(): Pool | undefined {
    return this.#fields.pool;
  }
  /** How steps have their context around them, where that is enabled. */
  get ambient(): Ambient | undefined {
    return this.#fields.ambient;
  }
  /** Who listens, if anybody does. */
  get observer(): Observer | undefined {
    return this.#fields.observer;
  }

  run<In, Out, Chunk>(
    child: Runnable<In, Out, Chunk>,
    input: Flow<In, unknown>,
    role?: string,
    key?: string | number,
  ): Flow<Out, Chunk> {
    if (role === undefined || this.observer === undefined) return execute(child, input, this);
    return execute(child, input, this.#with({ next: { tag: `${role}:${key}` } }));
  }

  start<In, Out, Chunk>(child: Runnable<In, Out, Chunk>, input: Flow<In, unknown>): Flow<Out, Chunk> {
    return execute(child, input, this.#with({ depth: this.#deeper() }));
  }

  whole<Out, Chunk>(flow: Flow<Out, Chunk>): MaybePromise<Out> {
    return isPromise(flow)
      ? flow.then((ready) => whole<Out, Chunk>(ready, this.scope))
      : whole<Out, Chunk>(flow, this.scope);
  }

  wanting(wants: Wants): Context {
    return wants === this.wants ? this : this.#with({ wants });
  }

  within<Out, Chunk>(config: RunnableConfig, work: (context: Context) => Flow<Out, Chunk>): Flow<Out, Chunk> {
    const inner = changed(this.#fields, { ownsScope: false, ownsObserver: false });
    const context = new Context(withOptions(inner, config, 'bound'));
    const holds = context.ownsScope || context.ownObserver !== undefined;
    return holds ? conclude(() => work(context), context) : work(context);
  }

  telling(options: ModelCallOptions): Context {
    return this.#with({ config: mergeConfigs(this.config, options) });
  }

  fork(): Fork & { readonly context: Context } {
    const scope = this.scope.child();
    return {
      context: this.#with({ scope }),
      abort: (reason) => scope.abort(reason),
      end: () => scope.dispose(),
    };
  }

  detach(): Fork & { readonly context: Context } {
    const scope = this.scope.detached();
    return {
      context: this.#with({ scope }),
      abort: (reason) => scope.abort(reason),
      end: () => scope.dispose(),
    };
  }

  onAbort(callback: (reason: unknown) => unknown): () => void {
    return this.scope.onAbort(callback);
  }

  belongsTo(other: Context): boolean {
    return this.scope.isWithin(other.scope);
  }

  /** For a batch: the same run, stoppable alone, with slots for its items: `limit` of them when one was given. */
  pooled(limit: number | undefined): Context & { readonly pool: Pool } {
    const outer = this.pool;
    const pool =
      limit == null ? (outer ?? new Pool(DEFAULT_CONCURRENCY, 'items')) : new Pool(limit, 'all', outer);
    const scope = this.ownsScope ? this.scope : this.scope.child();
    return this.#with({ pool, scope, ownsScope: true }) as Context & { readonly pool: Pool };
  }

  /** An item of a batch: a run of its own, stopped with the batch. */
  item(config: RunnableConfig | undefined): Context {
    const item = changed(this.#fields, { ownsScope: false, ownsObserver: false });
    // A context as it is says nothing that is not so already.
    return new Context(config == null || isContext(config) ? item : withOptions(item, config));
  }

  spread(count: number, work: (index: number) => MaybePromise<unknown>): MaybePromise<void> {
    if (this.limited) return (this.pool as Pool).each(count, work);
    const running = collect(count, work).filter(isPromise);
    return running.length === 0 ? undefined : Promise.all(running).then(() => undefined);
  }

  spreadItems(count: number, work: (index: number) => MaybePromise<unknown>): MaybePromise<void> {
    return (this.pool ?? new Pool(DEFAULT_CONCURRENCY, 'items')).each(count, work);
  }

  dispatch(name: string, data: unknown): void {
    this.#fields.run?.custom(name, data);
  }

  /** The observed run of a runnable that is about to be entered. */
  open(node: Runnable<never, unknown, unknown>): Run {
    const { run: parent, next } = this.#fields;
    return new Run({
      name: next?.name ?? node.getName(),
      type: node.runType,
      tags: next?.tag === undefined ? this.tags : [...this.tags, next.tag],
      metadata: this.metadata,
      parent,
      id: next?.id,
      observer: this.observer as Observer,
      asPrompt: node.asPrompt?.bind(node),
    });
  }

  /** The context inside an observed run. */
  inside(run: Run): Context {
    return this.#with({ run, next: undefined });
  }

  /** The context inside a run that nobody observes: what it was to be called is not for its steps. */
  unnamed(): Context {
    return this.#with({ next: undefined });
  }
  get named(): boolean {
    return this.#fields.next !== undefined;
  }

  get ownsScope(): boolean {
    return this.#fields.ownsScope;
  }
  /** Those who listen, if they came with this run and not from around it. */
  get ownObserver(): Observer | undefined {
    return this.#fields.ownsObserver ? this.#fields.observer : undefined;
  }

  /** Brings a run to its value, gives up at once when it is stopped, and lets go of what the run held. */
  settle<T, Chunk>(start: () => Flow<T, Chunk>): MaybePromise<T> {
    return conclude(() => this.whole(start()), this) as MaybePromise<T>;
  }

  #with(changes: Partial<Fields>): Context {
    return new Context(changed(this.#fields, changes));
  }

  #deeper(): number {
    if (this.depth >= this.recursionLimit) throw new RecursionLimitError(this.recursionLimit);
    return this.depth + 1;
  }
}

/** The context that something is, or was spread from. */
function contextOf(given: unknown): RunContext | undefined {
  return (given as { readonly [SELF]?: RunContext } | null)?.[SELF];
}

function isContext(given: unknown): boolean {
  return given !== undefined && contextOf(given) === given;
}

/** Fields as options change them: those of a call, which win over what holds around it, or bound ones, which do not. */
function withOptions(fields: Fields, given: RunnableConfig, as: 'call' | 'bound' = 'call'): Fields {
  checkConfig(given);
  const { signal, timeout, runName, runId, callbacks, ...options } = given;
  const [under, over] = as === 'call' ? [fields.config, options] : [options, fields.config];
  const changes: { -readonly [Field in keyof Fields]?: Fields[Field] } = {
    config: under === NO_OPTIONS ? over : mergeConfigs(under, over),
  };
  if (signal != null || timeout != null) {
    const scope = fields.ownsScope ? fields.scope : fields.scope.child();
    if (signal != null) scope.followSignal(signal);
    if (timeout != null) scope.expireAfter(timeout);
    changes.scope = scope;
    changes.ownsScope = true;
  }
  if (given.maxConcurrency != null) changes.pool = new Pool(given.maxConcurrency, 'all', fields.pool);
  const heard = callbacks?.length ? callbacks.filter((callback) => !isContext(callback)) : [];
  if (heard.length > 0) {
    changes.observer = new Observer(listenersOf(heard), fields.observer);
    changes.ownsObserver = true;
  }
  if (runName !== undefined || runId !== undefined) {
    const [name, id] = [fields.next?.name, fields.next?.id];
    changes.next =
      as === 'call'
        ? { ...fields.next, name: runName ?? name, id: runId ?? id }
        : { ...fields.next, name: name ?? runName, id: id ?? runId };
  }
  return changed(fields, changes);
}
