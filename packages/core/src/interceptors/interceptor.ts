import type { RunContext } from '../engine/run-context.js';
import type { Flow, Ready } from '../flow/flow.js';
import type { Manifest } from '../manifest.js';
import type { Children } from '../runnable.js';

/** Runs what is inside a wrapper; may be called again. */
export type Inner<In, Out, Chunk> = (input: Ready<In, unknown>, context: RunContext) => Flow<Out, Chunk>;

/**
 * Behaviour around a runnable, as `runnable.with(interceptor)` adds it. One function around `run` serves every verb.
 *
 * @example
 * ```ts
 * import { RunnableLambda, type Interceptor } from '@pipewright/core';
 *
 * const seen: unknown[] = [];
 * const spy: Interceptor = {
 *   kind: 'Spy',
 *   around(inner, input, context) {
 *     seen.push(input);
 *     return inner(input, context);
 *   },
 * };
 * const chain = RunnableLambda.from((x: number) => x + 1).with(spy);
 * const two = await chain.invoke(1);
 * ```
 */
export interface Interceptor extends Manifest {
  /** Further runnables that it may run. */
  readonly children?: Children;
  /** Whether it has a run of its own in events. Default false. */
  readonly traced?: boolean;

  around<In, Out, Chunk>(
    inner: Inner<In, Out, Chunk>,
    input: Ready<In, unknown>,
    context: RunContext,
  ): Flow<Out, Chunk>;
}
