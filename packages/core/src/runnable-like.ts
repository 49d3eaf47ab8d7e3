import type { RunContext } from './engine/run-context.js';
import type { RunStream } from './engine/run-stream.js';
import type { MaybePromise } from './flow/promise.js';
import type { Runnable } from './runnable.js';

/** A function as a step. Its second argument is the context, which is a valid config for the runnables it calls. */
export type RunnableFunc<In, Result> = (input: In, context: RunContext) => Result;

/** An object as a step: every value gets the same input, and the result has the same keys. */
export interface RunnableMapLike<In> {
  readonly [key: string]: RunnableLike<In>;
}

/** Whatever is accepted as a step. */
export type RunnableLike<In> =
  | Runnable<In, unknown, unknown>
  | RunnableFunc<In, unknown>
  | RunnableMapLike<In>;

/** A step that gives nothing else than another, chunks included, and so can take its place. */
export type StandIn<In, Out, Chunk> = Runnable<In, Out, Chunk> | RunnableFunc<In, MaybePromise<Out & Chunk>>;

/** An object with the keys of others added or replaced; of several forms that it may have, each by itself. */
export type Assigned<Of, Steps> = (Of extends unknown ? Omit<Of, keyof Steps> : never) & OutputOf<Steps, Of>;

/** What a step gives from `invoke`. A passthrough gives the type of its input, if that is said. */
export type OutputOf<Like, In = unknown> =
  Like extends Runnable<never, infer Out, unknown>
    ? Like extends Passing
      ? Passed<In, Out>
      : Out
    : Like extends (...input: never) => infer Result
      ? ReturnedOutput<Awaited<Result>>
      : { -readonly [Key in keyof Like]: OutputOf<Like[Key], In> };

/** What a step yields from `stream`. A passthrough yields the type of the chunks that it takes, if that is said. */
export type ChunkOf<Like, InChunk = unknown> =
  Like extends Runnable<never, unknown, infer Chunk>
    ? Like extends Passing
      ? Passed<InChunk, Chunk>
      : Chunk
    : Like extends (...input: never) => infer Result
      ? ReturnedChunk<Awaited<Result>>
      : { -readonly [Key in keyof Like]?: ChunkOf<Like[Key], InChunk> };

/** What the first of several steps takes. */
export type FirstInput<Steps extends readonly unknown[]> = InputOf<Steps[0]>;

/** What several steps one after the other give. Of an open number of them, only the last counts, if it is known. */
export type LastOutput<Steps extends readonly unknown[], In = FirstInput<Steps>> = Steps extends readonly [
  infer First,
  ...infer Rest,
]
  ? LastOutput<Rest, OutputOf<First, In>>
  : Steps extends readonly []
    ? In
    : OutputOf<LastOf<Steps>>;

/** What several steps one after the other yield. */
export type LastChunk<
  Steps extends readonly unknown[],
  InChunk = FirstInput<Steps>,
> = Steps extends readonly [infer First, ...infer Rest]
  ? LastChunk<Rest, ChunkOf<First, InChunk>>
  : Steps extends readonly []
    ? InChunk
    : ChunkOf<LastOf<Steps>>;

type LastOf<Steps extends readonly unknown[]> = Steps extends readonly [...unknown[], infer Last]
  ? Last
  : Steps[number];

/** What a step takes. */
export type InputOf<Like> =
  Like extends Runnable<infer In, unknown, unknown>
    ? Like extends Passing
      ? Passed<unknown, In>
      : In
    : Like extends (input: infer In, ...rest: never) => unknown
      ? In
      : // What is refused counts as any object of steps, which has no end.
        RunnableMapLike<never> extends Like
        ? unknown
        : { [Key in keyof Like]: (input: InputOf<Like[Key]>) => void }[keyof Like] extends (
              input: infer In,
            ) => void
          ? In
          : never;

/** A RunnablePassthrough. */
interface Passing {
  readonly name: 'RunnablePassthrough';
}

/**
 * A passthrough gives what it is given. Its own type counts where nothing is known of that; the compiler makes it `never`
 * if it is not written and any step may stand there.
 */
type Passed<Given, Own> = unknown extends Given ? ([Own] extends [never] ? unknown : Own) : Given;

type ReturnedOutput<Result> =
  Result extends Runnable<never, infer Out, unknown>
    ? Out
    : Result extends RunStream<infer _Chunk, infer Out>
      ? Out
      : Result extends Streaming<infer Chunk>
        ? Chunk
        : Result;

type ReturnedChunk<Result> =
  Result extends Runnable<never, unknown, infer Chunk>
    ? Chunk
    : Result extends Streaming<infer Chunk>
      ? Chunk
      : Result;

/** What a function may return to stream: generators, async iterables and web streams. */
type Streaming<Chunk> =
  | Emitting<Chunk>
  | AsyncIterable<Chunk>
  | Generator<Chunk, unknown, never>
  | ReadableStream<Chunk>;

/** An Observable, of whatever library. */
interface Emitting<Chunk> {
  subscribe(observer: { next: (value: Chunk) => void }): { unsubscribe(): void };
  readonly source?: unknown;
  readonly operator?: unknown;
}
