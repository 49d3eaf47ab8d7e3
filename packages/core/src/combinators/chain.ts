import { RunnableLambda } from '../runnable.js';
import type { ChunkOf, OutputOf, RunnableFunc } from '../runnable-like.js';

/**
 * A function as a runnable, with the runs that it starts inside its own: hand its context on to each.
 *
 * @example
 * ```ts
 * import { chain, RunnableLambda } from '@pipewright/core';
 *
 * const double = RunnableLambda.from((x: number) => x * 2);
 * const twice = chain(async function twice(x: number, context) {
 *   return double.invoke(await double.invoke(x, context), context);
 * });
 * const four = await twice.invoke(1);
 * ```
 */
export function chain<In, Result>(
  func: RunnableFunc<In, Result>,
  name?: string,
): RunnableLambda<In, OutputOf<RunnableFunc<In, Result>>, ChunkOf<RunnableFunc<In, Result>>> {
  return new RunnableLambda({ func, ...(name !== undefined && { name }) });
}
