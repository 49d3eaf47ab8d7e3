import type { RunContext } from './engine/run-context.js';
import type { RunStream } from './engine/run-stream.js';
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

/** What a step gives from `invoke`. */
export type OutputOf<Like> =
  Like extends Runnable<never, infer Out, unknown>
    ? Out
    : Like extends (...input: never) => infer Result
      ? ReturnedOutput<Awaited<Result>>
      : { -readonly [Key in keyof Like]: OutputOf<Like[Key]> };

/** What a step yields from `stream`. */
export type ChunkOf<Like> =
  Like extends Runnable<never, unknown, infer Chunk>
    ? Chunk
    : Like extends (...input: never) => infer Result
      ? ReturnedChunk<Awaited<Result>>
      : { -readonly [Key in keyof Like]?: ChunkOf<Like[Key]> };

/** What the first of several steps takes. */
export type FirstInput<Steps extends readonly unknown[]> = InputOf<Steps[0]>;

/** The last of several steps. */
export type LastOf<Steps extends readonly unknown[]> = Steps extends readonly [...unknown[], infer Last]
  ? Last
  : never;

/** What a step takes. */
export type InputOf<Like> =
  Like extends Runnable<infer In, unknown, unknown>
    ? In
    : Like extends (input: infer In, ...rest: never) => unknown
      ? In
      : { [Key in keyof Like]: (input: InputOf<Like[Key]>) => void }[keyof Like] extends (
            input: infer In,
          ) => void
        ? In
        : never;

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
