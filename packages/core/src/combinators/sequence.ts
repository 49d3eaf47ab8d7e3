import type { RunContext } from '../engine/run-context.js';
import type { Flow } from '../flow/flow.js';
import { isPromise } from '../flow/promise.js';
import type { Runnable } from '../runnable.js';

type Step = Runnable<never, unknown, unknown>;
type AnyFlow = Flow<unknown, unknown>;

/** Hands the flow of each step to the next. A step starts when the one before has its value, or its stream, ready. */
export function runSequence(
  steps: readonly Step[],
  input: unknown,
  context: RunContext,
  tag: string | undefined,
): AnyFlow {
  const streamsFrom = context.wants === 'chunks' ? firstStreaming(steps) : 0;
  const upTo = streamsFrom === 0 ? context : context.wanting('value');
  const run = (index: number, flow: AnyFlow): AnyFlow =>
    (index < streamsFrom ? upTo : context).run(steps[index] as Step, flow as never, tag, index + 1);
  let flow: AnyFlow = input;
  for (let index = 0; index < steps.length; index += 1) {
    flow = run(index, flow);
    if (isPromise(flow)) return continued(index + 1, flow);
  }
  return flow;

  async function continued(from: number, pending: PromiseLike<unknown>): Promise<unknown> {
    let ready = await pending;
    for (let index = from; index < steps.length; index += 1) {
      const next = run(index, ready);
      ready = isPromise(next) ? await next : next;
    }
    return ready;
  }
}

/** The first step whose chunks can reach the end: every step after it works on chunks. The ones before give values. */
function firstStreaming(steps: readonly Step[]): number {
  return Math.max(
    steps.findLastIndex((step) => step.consumes === 'value'),
    0,
  );
}
