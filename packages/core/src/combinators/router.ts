import type { RunContext } from '../engine/run-context.js';
import { ConfigError } from '../errors.js';
import type { Flow, Ready } from '../flow/flow.js';
import type { Manifest } from '../manifest.js';
import { coerce, Runnable, type AnyRunnable, type Children } from '../runnable.js';
import type { ChunkOf, InputOf, OutputOf, RunnableLike } from '../runnable-like.js';

type RoutesLike = Readonly<Record<string, RunnableLike<never>>>;

/** What a router takes: which runnable, and its input. */
export interface RouterInput<Key extends string = string, In = unknown> {
  readonly key: Key;
  readonly input: In;
}

/**
 * Runs the one of several runnables that the input names.
 *
 * @example
 * ```ts
 * import { RouterRunnable } from '@pipewright/core';
 *
 * const router = RouterRunnable.from({ double: (n: number) => n * 2, negate: (n: number) => -n });
 * const six = await router.invoke({ key: 'double', input: 3 });
 * ```
 */
class RouterRunnable<In extends RouterInput, Out, Chunk = Out> extends Runnable<In, Out, Chunk> {
  readonly name = 'RouterRunnable';
  readonly runnables: Children;

  constructor(fields: { readonly runnables: RoutesLike }) {
    super();
    const entries = Object.entries(fields.runnables).map(([key, like]) => [key, coerce(like, key)] as const);
    this.runnables = Object.fromEntries<AnyRunnable>(entries);
  }

  static from<const Routes extends RoutesLike>(
    runnables: Routes,
  ): RouterRunnable<
    { [Key in keyof Routes & string]: RouterInput<Key, InputOf<Routes[Key]>> }[keyof Routes & string],
    OutputOf<Routes[keyof Routes]>,
    ChunkOf<Routes[keyof Routes]>
  > {
    return new RouterRunnable({ runnables });
  }

  override get children(): Children {
    return this.runnables;
  }

  override get manifest(): Manifest {
    return { kind: this.name, arrangement: 'choice' };
  }

  run(input: Ready<In, unknown>, context: RunContext): Flow<Out, Chunk> {
    const { key, input: routed } = input as In;
    const chosen = Object.hasOwn(this.runnables, key) ? this.runnables[key] : undefined;
    if (chosen === undefined) {
      throw new ConfigError(
        'key',
        `The router has no runnable under ${JSON.stringify(key)}. There are: ${Object.keys(this.runnables).join(', ')}.`,
      );
    }
    return context.run(chosen, routed as never, 'route', key) as Flow<Out, Chunk>;
  }
}

type Router<In extends RouterInput, Out, Chunk = Out> = RouterRunnable<In, Out, Chunk>;
/** Reads its types off the routes also when made with `new`. */
const Router: {
  new <const Routes extends RoutesLike>(fields: {
    readonly runnables: Routes;
  }): ReturnType<typeof RouterRunnable.from<Routes>>;
} & typeof RouterRunnable = RouterRunnable;

export { Router as RouterRunnable };
