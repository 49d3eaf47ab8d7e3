import { runAssign } from './combinators/assign.js';
import { runEach } from './combinators/each.js';
import { adopt } from './combinators/lambda.js';
import { runParallel } from './combinators/parallel.js';
import { runPick } from './combinators/pick.js';
import { runSequence } from './combinators/sequence.js';
import type { EventHandler } from './engine/callbacks.js';
import { batch, batchSync, type BatchOptions } from './engine/batch.js';
import { batchAsCompleted, type Completed } from './engine/batch-as-completed.js';
import type { RunnableConfig } from './engine/config.js';
import type { RunContext } from './engine/run-context.js';
import { events, streamEvents } from './engine/event-stream.js';
import type { RunEvent, RunType } from './engine/events.js';
import type { StreamEvent, StreamEventOptions } from './engine/stream-event.js';
import { invoke, invokeSync, stream, streamSync, transform } from './engine/invoke.js';
import type { RunStream } from './engine/run-stream.js';
import type { Graph } from './graph/graph.js';
import { graphOf } from './graph/graph-of.js';
import { NamedFunction, schemaOption, type Manifest } from './manifest.js';
import type { SerializedRunnable } from './serialization/format.js';
import { toJson } from './serialization/to-json.js';
import { arrayOf } from './array-of.js';
import { describe } from './describe.js';
import { CoercionError, ConfigError } from './errors.js';
import {
  configurableAlternatives,
  configurableFields,
  type ConfigurableAlternatives,
  type ConfigurableField,
} from './interceptors/configurable.js';
import { configured, timeout } from './interceptors/configured.js';
import { fallbacks, type FallbackOptions } from './interceptors/fallbacks.js';
import type { Interceptor } from './interceptors/interceptor.js';
import { listeners } from './interceptors/listeners.js';
import { retry, type RetryOptions } from './interceptors/retry.js';
import type { Flow, Ready } from './flow/flow.js';
import type { ToolCallBlock } from './messages/content.js';
import type { ToolMessage } from './messages/message.js';
import type { PromptValue } from './messages/prompt-value.js';
import type { Schema } from './schema.js';
import { runTool, type ToolFields } from './tools/run-tool.js';
import type { ToolResponseFormat } from './tools/tool-output.js';
import { isRunnable, RUNNABLE } from './is-runnable.js';
import type {
  ChunkOf,
  FirstInput,
  InputOf,
  LastChunk,
  LastOutput,
  OutputOf,
  RunnableFunc,
  RunnableLike,
  Assigned,
  RunnableMapLike,
  StandIn,
} from './runnable-like.js';

/** The named runnables that a runnable is made of. */
export type Children = Readonly<Record<string, Runnable<never, unknown, unknown>>>;

/**
 * A step from an input to an output, and the verbs to run it. A runnable of your own implements one method, `run`; every
 * verb, batching, streaming and cancellation follow from it.
 *
 * @typeParam In - what it takes
 * @typeParam Out - what `invoke` gives
 * @typeParam Chunk - what `stream` yields; its chunks add up to `Out`. A place that takes any chain from `In` to `Out`,
 *   however it streams, is a `Runnable<In, Out, unknown>`.
 *
 * @example
 * ```ts
 * import { Runnable, type RunContext } from '@pipewright/core';
 *
 * class Shout extends Runnable<string, string> {
 *   readonly name = 'Shout';
 *   run(input: string, _context: RunContext) {
 *     return input.toUpperCase();
 *   }
 * }
 * const loud: string = await new Shout().invoke('hello');
 * ```
 */
export abstract class Runnable<in In, out Out, out Chunk = Out> {
  /** Its name in events, graphs and messages. */
  abstract readonly name: string;
  /** The runnables it is made of, by name. */
  get children(): Children {
    return NO_CHILDREN;
  }
  /**
   * What it says of itself besides its name and its children; a getter of the class. Without one it is stored by its name
   * only, as a function is.
   */
  get manifest(): Manifest | undefined {
    return undefined;
  }
  /** Whether `run` wants its input whole, or takes chunks as they come. */
  readonly consumes: 'value' | 'chunks' = 'value';

  /** What kind of work it does, for those who listen to events. */
  readonly runType: RunType = 'chain';
  /** Its input as a prompt, in a chat model: handlers in LangChain's style are told the messages. */
  asPrompt?(input: In): PromptValue;
  /** Whether it has a run of its own in events. */
  readonly traced: boolean = true;

  /** Holds the type parameters where the compiler compares them strictly. Never there at run time. */
  declare readonly '~types'?: (input: In) => readonly [Out, Chunk];
  /** What it is with behaviour around it: a model stays a model. Never there at run time. */
  declare readonly '~bound'?: Runnable<In, Out, Chunk>;

  /**
   * What this runnable does. Called by the engine only, with a value, or also with `Chunks` if `consumes` is `'chunks'`.
   * Gives back a value, a promise, `Chunks`, or a promise of `Chunks`. Runs its parts through `context.run`.
   */
  abstract run(input: Ready<In, unknown>, context: RunContext): Flow<Out, Chunk>;

  /**
   * Another of its class with other values in some fields, for `configurableFields`. Without it a copy of the own fields
   * is run: enough for a class that works nothing out of them beforehand and has no private members.
   */
  withFields?(fields: Readonly<Record<string, unknown>>): Runnable<In, Out, Chunk>;

  /** Runs on one input. Rejects with what a step threw, or with the signal's reason. */
  invoke(input: In, config?: RunnableConfig | RunContext): Promise<Out> {
    return invoke(this, input, config);
  }

  /**
   * Runs on many inputs, each through the whole chain, at most `maxConcurrency` (default 16) at once. Results are in
   * the order of the inputs. The first failure stops the others and rejects; with `returnExceptions` what was thrown
   * takes that item's place instead.
   *
   * @param config - one config for all, or one for each input
   */
  batch(
    inputs: readonly In[],
    config?: BatchConfig,
    options?: BatchOptions & { returnExceptions?: false },
  ): Promise<Out[]>;
  batch(inputs: readonly In[], config?: BatchConfig, options?: BatchOptions): Promise<(Out | Error)[]>;
  batch(inputs: readonly In[], config?: BatchConfig, options?: BatchOptions): Promise<(Out | Error)[]> {
    return batch(this, inputs, config, options ?? undefined);
  }

  /** Runs on one input and yields the output as it is made. Nothing runs before the first chunk is asked for. */
  stream(input: In, config?: RunnableConfig | RunContext): RunStream<Chunk, Out> {
    return stream(this, input, config);
  }

  /**
   * As `stream`, with an input that arrives in chunks itself. They are added up for a runnable that needs its input
   * whole: texts, arrays and messages append, objects merge key by key, of anything else the last one counts.
   */
  transform(
    input: Iterable<unknown> | AsyncIterable<unknown>,
    config?: RunnableConfig | RunContext,
  ): RunStream<Chunk, Out> {
    return transform(this, input, config);
  }

  /** The same as `invoke`, by Python's name. */
  ainvoke(input: In, config?: RunnableConfig | RunContext): Promise<Out> {
    return this.invoke(input, config);
  }

  /** The same as `batch`, by Python's name. */
  abatch(
    inputs: readonly In[],
    config?: BatchConfig,
    options?: BatchOptions & { returnExceptions?: false },
  ): Promise<Out[]>;
  abatch(inputs: readonly In[], config?: BatchConfig, options?: BatchOptions): Promise<(Out | Error)[]>;
  abatch(inputs: readonly In[], config?: BatchConfig, options?: BatchOptions): Promise<(Out | Error)[]> {
    return this.batch(inputs, config, options);
  }

  /** The same as `stream`, by Python's name. */
  astream(input: In, config?: RunnableConfig | RunContext): RunStream<Chunk, Out> {
    return this.stream(input, config);
  }

  /** Runs without a promise or a microtask. Throws SyncInvocationError, naming the step, when one is asynchronous. */
  invokeSync(input: In, config?: RunnableConfig | RunContext): Out {
    return invokeSync(this, input, config);
  }

  /** `invokeSync` on each input in turn. */
  batchSync(
    inputs: readonly In[],
    config?: BatchConfig,
    options?: BatchOptions & { returnExceptions?: false },
  ): Out[];
  batchSync(inputs: readonly In[], config?: BatchConfig, options?: BatchOptions): (Out | Error)[];
  batchSync(inputs: readonly In[], config?: BatchConfig, options?: BatchOptions): (Out | Error)[] {
    return batchSync(this, inputs, config, options ?? undefined);
  }

  /** The chunks of a chain whose every step is synchronous, as a plain generator. */
  streamSync(input: In, config?: RunnableConfig | RunContext): Generator<Chunk, Out> {
    return streamSync(this, input, config);
  }

  /** This runnable, then another: a runnable, a function, or an object of these that all get the same input. */
  pipe<NextOut, NextChunk>(next: Runnable<Out, NextOut, NextChunk>): Runnable<In, NextOut, NextChunk>;
  pipe<Next extends RunnableLike<Out>>(next: Next): Runnable<In, OutputOf<Next, Out>, ChunkOf<Next, Chunk>>;
  pipe(next: RunnableLike<Out>): Runnable<In, never, never> {
    return joined(this, coerce(next));
  }

  /** This runnable with behaviour around it, the last one outermost. */
  with(...interceptors: readonly Interceptor[]): Bound<this> {
    return interceptors.reduce<Runnable<In, Out, Chunk>>(
      (bound, around) => new RunnableBinding({ bound, around }),
      this,
    ) as Bound<this>;
  }

  /** Binds options, which hold wherever a call leaves them open. */
  withConfig(config: RunnableConfig): Bound<this> {
    return this.with(configured(config));
  }

  /** The same as `withConfig`, by Python's name. */
  bind(config: RunnableConfig): Bound<this> {
    return this.withConfig(config);
  }

  /** Tries again what fails, before its first chunk; without waiting where the run is synchronous. */
  withRetry(options?: RetryOptions): Bound<this> {
    return this.with(retry(options));
  }

  /** Tries others when this one fails before its first chunk. When all fail, the first error is thrown. */
  withFallbacks(others: Fallbacks<StandIn<In, Out, Chunk>>): Bound<this>;
  withFallbacks<Other extends RunnableLike<In>>(
    others: Fallbacks<Other>,
  ): Runnable<In, Out | OutputOf<Other>, Chunk | ChunkOf<Other>>;
  withFallbacks(others: Fallbacks<RunnableLike<In>>): AnyRunnable {
    const { fallbacks: list, ...options } = isPlainObject(others) ? others : { fallbacks: others };
    return this.with(
      fallbacks(
        arrayOf(list, 'fallbacks').map((other) => coerce(other)),
        options,
      ),
    );
  }

  /** Limits each run, in milliseconds; what runs longer is stopped with a TimeoutError. */
  withTimeout(timeoutMs: number): Bound<this> {
    return this.with(timeout(timeoutMs));
  }

  /** Listens to its runs, and not to those of its parts. */
  withListeners(handler: EventHandler): Bound<this> {
    return this.with(listeners(handler));
  }

  /** Lets calls set fields of this runnable, each under its id in `configurable`. */
  configurableFields(
    fields: Readonly<Partial<Record<keyof this & string, ConfigurableField | string>>>,
  ): Bound<this> {
    return this.with(
      configurableFields(this, fields as Readonly<Record<string, ConfigurableField | string>>),
    );
  }

  /** Lets calls put another runnable in this one's place, by its key under an id in `configurable`. */
  configurableAlternatives(
    which: ConfigurableAlternatives,
    alternatives: Readonly<Record<string, StandIn<In, Out, Chunk>>>,
  ): Bound<this>;
  configurableAlternatives<Other extends RunnableLike<In>>(
    which: ConfigurableAlternatives,
    alternatives: Readonly<Record<string, Other>>,
  ): Runnable<In, Out | OutputOf<Other>, Chunk | ChunkOf<Other>>;
  configurableAlternatives(
    which: ConfigurableAlternatives,
    alternatives: Readonly<Record<string, RunnableLike<In>>>,
  ): AnyRunnable {
    const others = Object.entries(alternatives).map(([key, like]) => [key, coerce(like, key)] as const);
    return this.with(configurableAlternatives(which, Object.fromEntries(others)));
  }

  /** Adds keys to the output, which is an object: each is computed from the whole of it. */
  assign<const Steps extends RunnableMapLike<Out>>(
    mapping: Steps,
  ): Runnable<In, Assigned<Out, Steps>, Partial<Assigned<Out, Steps>>> {
    return this.pipe(new RunnableAssign({ mapper: new RunnableParallel({ steps: mapping }) })) as never;
  }

  /** Takes one key's value out of the output, or an object of several keys. */
  pick<Key extends keyof Out & string>(key: Key): Runnable<In, Out[Key]>;
  pick<Key extends keyof Out & string>(keys: readonly Key[]): Runnable<In, Pick<Out, Key>>;
  pick(keys: string | readonly string[]): AnyRunnable {
    return this.pipe(new RunnablePick(keys) as never);
  }

  /** Runs on every item of an array. */
  map(): Runnable<readonly In[], Out[]> {
    return new RunnableEach<In, Out>({ bound: this });
  }

  /**
   * Runs on inputs of any number, of an array, a generator or a stream, and yields each result as it is there: what an
   * item gave or what it threw. Inputs are taken only as results are read.
   */
  batchAsCompleted(
    inputs: Iterable<In> | AsyncIterable<In>,
    config?: RunnableConfig | RunContext,
    options?: BatchOptions,
  ): AsyncGenerator<Completed<Out>, undefined> {
    return batchAsCompleted(this, inputs, config, options ?? undefined);
  }

  /**
   * This runnable for models to call: as `tool` makes one of a function. The name is its own if none is given. The schema
   * may be left out where it takes a text, which is what models are told then.
   */
  asTool(fields: AsToolFields & { readonly schema: Schema<In> }): Tool<In, Out, Chunk>;
  asTool(
    this: Runnable<string, Out, Chunk>,
    fields: AsToolFields & { readonly schema?: undefined },
  ): Tool<string, Out, Chunk>;
  asTool(fields: AsToolFields & { readonly schema?: Schema<In> | undefined }): Tool<never, Out, Chunk> {
    return new Tool({ ...fields, name: fields.name ?? this.name, bound: this });
  }

  /** Everything that happens in a run, as it happens; nothing runs before the first event is asked for. */
  events(input: In, config?: RunnableConfig | RunContext): RunStream<RunEvent, RunEvent[]> {
    return events(this, input, config);
  }

  /** The events of a run in the shape that LangChain gives them, with its filters and its encoding. */
  streamEvents(
    input: In,
    options: StreamEventOptions & RunnableConfig & { readonly encoding: 'text/event-stream' },
  ): RunStream<Uint8Array, Uint8Array[]>;
  streamEvents(
    input: In,
    options: StreamEventOptions & RunnableConfig,
  ): RunStream<StreamEvent, StreamEvent[]>;
  streamEvents(
    input: In,
    options: StreamEventOptions & RunnableConfig,
  ): RunStream<StreamEvent, StreamEvent[]> | RunStream<Uint8Array, Uint8Array[]> {
    return streamEvents(this, input, options);
  }

  /** The name shown in events and graphs. */
  getName(): string {
    return this.name;
  }

  /** Its steps and what leads from one to the next, as data, to be drawn with `drawMermaid()` and `drawAscii()`. */
  getGraph(): Graph {
    return graphOf(this);
  }

  /**
   * What it is made of, as JSON; equal runnables give equal JSON. Functions stand in it by their names. To store it, use
   * `dumps`, which sees to it that it can be loaded. Throws SerializationError, naming the place of what is not plain data.
   */
  toJSON(): SerializedRunnable {
    return toJson(this);
  }
}
Object.defineProperty(Runnable.prototype, RUNNABLE, { value: true });

type Fallbacks<Other> = readonly Other[] | ({ readonly fallbacks: readonly Other[] } & FallbackOptions);
type BatchConfig = RunnableConfig | RunContext | readonly RunnableConfig[];
type AsToolFields = Omit<ToolFields, 'name' | 'schema'> & { readonly name?: string };
/** A runnable of some kind, with behaviour around it. */
type Bound<Kind extends { readonly '~bound'?: unknown }> = NonNullable<Kind['~bound']>;
export type AnyRunnable = Runnable<never, unknown, unknown>;

const NO_CHILDREN: Children = Object.freeze({});
const SEQUENCE = 'RunnableSequence';

interface SequenceOptions {
  readonly name?: string;
  readonly omitSequenceTags?: boolean;
}

interface SequenceFields extends SequenceOptions {
  readonly first?: undefined;
  readonly steps: readonly AnyRunnable[];
}

/** The steps in LangChain's form. */
interface SequenceParts<In, Out, Chunk> extends SequenceOptions {
  readonly steps?: undefined;
  readonly first: Runnable<In, unknown, unknown>;
  readonly middle?: readonly AnyRunnable[];
  readonly last: Runnable<never, Out, Chunk>;
}

/** Steps one after the other, as `a.pipe(b)` makes them. */
export class RunnableSequence<In, Out, Chunk = Out> extends Runnable<In, Out, Chunk> {
  readonly name: string;
  readonly steps: readonly AnyRunnable[];
  /** Whether the tags `seq:step:1` and so on are left off its steps' runs. */
  readonly omitSequenceTags: boolean;
  override readonly consumes: 'value' | 'chunks';

  constructor(fields: SequenceFields | SequenceParts<In, Out, Chunk>) {
    super();
    const steps =
      fields?.first === undefined
        ? arrayOf(fields?.steps, 'steps')
        : [fields.first, ...(fields.middle ?? []), fields.last];
    const [first, second] = steps;
    if (first === undefined || second === undefined) {
      throw new ConfigError('steps', 'A sequence needs at least two steps: { steps } or { first, last }.');
    }
    this.name = fields.name ?? SEQUENCE;
    this.steps = steps;
    this.omitSequenceTags = fields.omitSequenceTags ?? false;
    this.consumes = first.consumes;
  }

  /**
   * Makes a sequence of at least two steps: runnables, functions and objects of these. Functions say what they take;
   * `pipe` infers it.
   */
  static from<
    const Steps extends readonly [RunnableLike<never>, RunnableLike<never>, ...RunnableLike<never>[]],
  >(
    steps: Steps,
    nameOrFields: string | SequenceOptions = {},
  ): RunnableSequence<FirstInput<Steps>, LastOutput<Steps>, LastChunk<Steps>> {
    const fields = typeof nameOrFields === 'string' ? { name: nameOrFields } : nameOrFields;
    return new RunnableSequence({
      ...fields,
      steps: arrayOf<unknown>(steps, 'steps').map((step, index) => coerce(step, `step:${index + 1}`)),
    });
  }

  override get children(): Children {
    return Object.fromEntries(this.steps.map((step, index) => [`step:${index + 1}`, step]));
  }

  override get manifest(): Manifest {
    const { name, omitSequenceTags } = this;
    return {
      kind: SEQUENCE,
      options: { name, omitSequenceTags: omitSequenceTags || undefined },
      arrangement: 'sequence',
    };
  }

  run(input: Ready<In, unknown>, context: RunContext): Flow<Out, Chunk> {
    return runSequence(this.steps, input, context, this.omitSequenceTags ? undefined : 'seq:step') as Flow<
      Out,
      Chunk
    >;
  }
}

/**
 * A function as a step. It may return a value, a promise, another runnable (which then runs on the same input), or
 * something that streams: a generator, an async iterable, a ReadableStream.
 *
 * @example
 * ```ts
 * import { RunnableLambda } from '@pipewright/core';
 *
 * const length = RunnableLambda.from((text: string) => text.length);
 * const five = length.invokeSync('hello');
 * ```
 */
class RunnableLambda<In, Out, Chunk = Out> extends Runnable<In, Out, Chunk> {
  readonly name: string;
  readonly func: RunnableFunc<In, unknown>;

  constructor(fields: { readonly func: RunnableFunc<In, unknown>; readonly name?: string }) {
    super();
    if (typeof fields?.func !== 'function') {
      throw new CoercionError(`RunnableLambda needs { func }, a function; got ${describe(fields?.func)}.`);
    }
    this.func = fields.func;
    this.name = fields.name ?? (fields.func.name || 'RunnableLambda');
  }

  /** Makes a step of a function; its types are read off the function. */
  static from<In, Result>(
    func: RunnableFunc<In, Result>,
  ): RunnableLambda<In, OutputOf<RunnableFunc<In, Result>>, ChunkOf<RunnableFunc<In, Result>>> {
    return new RunnableLambda({ func });
  }

  override get manifest(): Manifest {
    const { func, name } = this;
    const kind = 'RunnableLambda';
    return { kind, options: { func: new NamedFunction(name === kind ? func.name : name, func), name } };
  }

  run(input: Ready<In, unknown>, context: RunContext): Flow<Out, Chunk> {
    return adopt(this.func(input as In, context), input, context) as Flow<Out, Chunk>;
  }
}

/** Several runnables on the same input, side by side; the result is an object with their keys, in their order. */
class RunnableParallel<In, Out, Chunk = Partial<Out>> extends Runnable<In, Out, Chunk> {
  readonly name: string;
  readonly steps: Children;
  override readonly consumes: 'value' | 'chunks';

  constructor(fields: { readonly steps: RunnableMapLike<In>; readonly name?: string }) {
    super();
    const steps = Object.entries(fields.steps).map(([key, like]) => [key, coerce(like, key)] as const);
    this.name = fields.name ?? 'RunnableParallel';
    this.steps = Object.fromEntries(steps);
    this.consumes = steps.some(([, step]) => step.consumes === 'chunks') ? 'chunks' : 'value';
  }

  /** Makes a parallel of an object of runnables, functions and objects of these. Functions say what they take. */
  static from<const Steps extends RunnableMapLike<never>>(
    steps: Steps,
  ): RunnableParallel<InputOf<Steps>, OutputOf<Steps, InputOf<Steps>>, ChunkOf<Steps, InputOf<Steps>>> {
    return new RunnableParallel({ steps }) as never;
  }

  override get children(): Children {
    return this.steps;
  }

  override get manifest(): Manifest {
    return { kind: 'RunnableParallel', options: { name: this.name }, arrangement: 'parallel' };
  }

  run(input: Ready<In, unknown>, context: RunContext): Flow<Out, Chunk> {
    return runParallel(this.steps, input, context) as Flow<Out, Chunk>;
  }
}

/**
 * Two runnables as one sequence. A sequence on the left grows, keeping its name and options; one on the right becomes
 * part of it, unless it was given a name of its own.
 */
function joined<In, Out, Chunk>(left: AnyRunnable, right: AnyRunnable): RunnableSequence<In, Out, Chunk> {
  const [before, options] = left instanceof RunnableSequence ? [left.steps, left] : [[left], undefined];
  const after = right instanceof RunnableSequence && right.name === SEQUENCE ? right.steps : [right];
  return new RunnableSequence({
    steps: [...before, ...after],
    name: options?.name ?? SEQUENCE,
    omitSequenceTags: options?.omitSequenceTags ?? false,
  });
}

/** Adds keys to an object, as `assign` makes it. The mapper sees the whole input and wins where keys meet. */
export class RunnableAssign<In, Out = In, Chunk = Partial<Out>> extends Runnable<In, Out, Chunk> {
  readonly name = 'RunnableAssign';
  readonly mapper: RunnableParallel<In, Readonly<Record<string, unknown>>, unknown>;
  override readonly consumes = 'chunks';

  constructor(fields: { readonly mapper: RunnableParallel<In, Readonly<Record<string, unknown>>, unknown> }) {
    super();
    this.mapper = fields.mapper;
  }

  override get children(): Children {
    return { mapper: this.mapper };
  }

  override get manifest(): Manifest {
    return { kind: this.name };
  }

  run(input: Ready<In, unknown>, context: RunContext): Flow<Out, Chunk> {
    const keys = new Set(Object.keys(this.mapper.steps));
    return runAssign(this.mapper as never, keys, input, context) as Flow<Out, Chunk>;
  }
}

/** Takes keys out of an object, as `pick` makes it: one key's value, or an object of those that are there. */
export class RunnablePick<In, Out = unknown, Chunk = Out> extends Runnable<In, Out, Chunk> {
  readonly name = 'RunnablePick';
  override readonly consumes = 'chunks';

  constructor(readonly keys: string | readonly string[]) {
    super();
  }

  override get manifest(): Manifest {
    return { kind: this.name, options: { keys: this.keys } };
  }

  run(input: Ready<In, unknown>, context: RunContext): Flow<Out, Chunk> {
    return runPick(this.keys, input, context) as Flow<Out, Chunk>;
  }
}

/** Runs another on every item of an array, as `map` makes it. */
export class RunnableEach<In, Out> extends Runnable<readonly In[], Out[]> {
  readonly name = 'RunnableEach';
  readonly bound: Runnable<In, Out, unknown>;

  constructor(fields: { readonly bound: Runnable<In, Out, unknown> }) {
    super();
    this.bound = fields.bound;
  }

  override get children(): Children {
    return { bound: this.bound };
  }

  override get manifest(): Manifest {
    return { kind: this.name };
  }

  run(input: Ready<readonly In[], unknown>, context: RunContext): Flow<Out[]> {
    return runEach(this.bound as never, input, context) as Flow<Out[]>;
  }
}

/** A runnable with behaviour around it, as `with` and the methods after it make them. */
export class RunnableBinding<In, Out, Chunk = Out> extends Runnable<In, Out, Chunk> {
  readonly name: string;
  readonly bound: Runnable<In, Out, Chunk>;
  readonly around: Interceptor;
  override readonly consumes: 'value' | 'chunks';
  override readonly traced: boolean;

  constructor(fields: { readonly bound: Runnable<In, Out, Chunk>; readonly around: Interceptor }) {
    super();
    this.bound = fields.bound;
    this.around = fields.around;
    this.traced = fields.around.traced ?? false;
    this.consumes = fields.bound.consumes;
    this.name = this.traced ? `${fields.around.kind}<${fields.bound.name}>` : fields.bound.name;
  }

  override get children(): Children {
    return { bound: this.bound, ...this.around.children };
  }

  override get manifest(): Manifest {
    return this.around;
  }

  run(input: Ready<In, unknown>, context: RunContext): Flow<Out, Chunk> {
    return this.around.around((given, within) => within.run(this.bound, given), input, context);
  }
}

/**
 * A runnable that models can call, as `tool` and `asTool` make them. Gives a plain input's raw result, and a ToolMessage
 * for a tool call, as a message's `tool_calls` are. A call without an id, which no message could answer, gives the raw
 * result whatever its type.
 */
export class Tool<Args, Out, Chunk = Out> extends Runnable<
  Args | ToolCallBlock,
  Out | ToolMessage,
  Chunk | ToolMessage
> {
  override readonly runType: RunType = 'tool';
  readonly name: string;
  readonly description: string | undefined;
  readonly schema: Schema | undefined;
  readonly responseFormat: ToolResponseFormat;
  readonly returnDirect: boolean;
  /** What it runs, on input that fits the schema. */
  readonly bound: AnyRunnable;

  constructor(fields: ToolFields & { readonly bound: AnyRunnable }) {
    super();
    if (typeof fields.name !== 'string' || fields.name === '') {
      throw new ConfigError('name', 'A tool needs a name that models can call it by.');
    }
    this.name = fields.name;
    this.description = fields.description;
    this.schema = fields.schema;
    this.responseFormat = fields.responseFormat ?? 'content';
    this.returnDirect = fields.returnDirect ?? false;
    this.bound = fields.bound;
  }

  override get children(): Children {
    return { bound: this.bound };
  }

  override get manifest(): Manifest {
    const { name, description, schema, responseFormat, returnDirect } = this;
    return {
      kind: 'Tool',
      options: {
        name,
        description,
        schema: schemaOption(name, schema),
        responseFormat: responseFormat === 'content' ? undefined : responseFormat,
        returnDirect: returnDirect || undefined,
      },
      // Of one step, so that graphs show it under the tool's name.
      arrangement: 'sequence',
    };
  }

  override invoke(call: ToolCallBlock, config?: RunnableConfig | RunContext): Promise<ToolMessage>;
  override invoke(input: Args, config?: RunnableConfig | RunContext): Promise<Out>;
  override invoke(
    input: Args | ToolCallBlock,
    config?: RunnableConfig | RunContext,
  ): Promise<Out | ToolMessage>;
  override invoke(
    input: Args | ToolCallBlock,
    config?: RunnableConfig | RunContext,
  ): Promise<Out | ToolMessage> {
    return super.invoke(input, config);
  }

  run(
    input: Ready<Args | ToolCallBlock, unknown>,
    context: RunContext,
  ): Flow<Out | ToolMessage, Chunk | ToolMessage> {
    return runTool(this, input, context) as Flow<Out | ToolMessage, Chunk | ToolMessage>;
  }
}

/** Makes a runnable of whatever is accepted as a step; refuses anything else, saying where it stood. */
export function coerce(like: unknown, where?: string): AnyRunnable {
  if (isRunnable(like)) return like;
  if (typeof like === 'function') return new RunnableLambda({ func: like as RunnableFunc<never, unknown> });
  if (isPlainObject(like)) return new RunnableParallel({ steps: like as RunnableMapLike<never> });
  const place = where === undefined ? 'This step' : `The step under "${where}"`;
  throw new CoercionError(
    `${place} is ${describe(like)}; a step is a runnable, a function, or an object of these. ` +
      'For a constant, write a function that returns it.',
  );
}

function isPlainObject<Value>(value: Value): value is Exclude<Value & object, readonly unknown[]> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

// What `new` makes reads its types off what it is given, as what `from` makes does. A class cannot say so of itself: its
// constructor has its type parameters and no others.
type Lambda<In, Out, Chunk = Out> = RunnableLambda<In, Out, Chunk>;
const Lambda: {
  new <In, Result>(fields: {
    readonly func: RunnableFunc<In, Result>;
    readonly name?: string;
  }): ReturnType<typeof RunnableLambda.from<In, Result>>;
} & typeof RunnableLambda = RunnableLambda;

type Parallel<In, Out, Chunk = Partial<Out>> = RunnableParallel<In, Out, Chunk>;
const Parallel: {
  new <const Steps extends RunnableMapLike<never>>(fields: {
    readonly steps: Steps;
    readonly name?: string;
  }): ReturnType<typeof RunnableParallel.from<Steps>>;
} & typeof RunnableParallel = RunnableParallel as never;

export { Lambda as RunnableLambda, Parallel as RunnableParallel };
