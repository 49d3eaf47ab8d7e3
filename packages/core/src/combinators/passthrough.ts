import type { RunContext } from '../engine/run-context.js';
import { atEnd } from '../flow/at-end.js';
import { isChunks, type Chunks } from '../flow/chunks.js';
import type { Flow, Ready } from '../flow/flow.js';
import { andThen, type MaybePromise } from '../flow/promise.js';
import type { Manifest } from '../manifest.js';
import { Runnable, RunnableAssign, RunnableParallel } from '../runnable.js';
import type { Assigned, RunnableMapLike } from '../runnable-like.js';

type Watch<T> = (value: T, context: RunContext) => MaybePromise<unknown>;

/**
 * Gives its input on unchanged, chunks as chunks. A function, if given, sees the whole value and cannot change it. Inside
 * a chain it needs no type of its own: it has that of the step before, or of what else takes the input.
 *
 * @example
 * ```ts
 * import { RunnablePassthrough } from '@pipewright/core';
 *
 * const counted = RunnablePassthrough.assign({ length: (input: { text: string }) => input.text.length });
 * const both = await counted.invoke({ text: 'hello' }); // { text: 'hello', length: 5 }
 * ```
 */
export class RunnablePassthrough<T, Chunk = T> extends Runnable<T, T, Chunk> {
  readonly name = 'RunnablePassthrough';
  override readonly consumes = 'chunks';
  readonly func: Watch<T> | undefined;

  constructor(fields: { readonly func?: Watch<T> } = {}) {
    super();
    this.func = fields.func;
  }

  /** Adds keys to an object: each is computed from the whole input. */
  static assign<In extends object, const Steps extends RunnableMapLike<In>>(
    mapping: Steps & RunnableMapLike<In>,
  ): RunnableAssign<In, Assigned<In, Steps>> {
    return new RunnableAssign({ mapper: new RunnableParallel({ steps: mapping }) as never });
  }

  override get manifest(): Manifest {
    return { kind: this.name, options: { func: this.func } };
  }

  run(input: Ready<T, unknown>, context: RunContext): Flow<T, Chunk> {
    const { func } = this;
    if (func === undefined) return input as Ready<T, Chunk>;
    if (!isChunks(input)) return andThen(func(input as T, context), () => input as T);
    return atEnd(input as Chunks<T, Chunk>, (value) => func(value, context));
  }
}
