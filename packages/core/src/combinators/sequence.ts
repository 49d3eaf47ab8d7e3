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
  let index = 0;
  let flow: AnyFlow = input;
  const advance = (): void => {
    while (index < steps.length && !isPromise(flow)) {
      flow = run(index, flow);
      index += 1;
    }
  };
  advance();
  if (!isPromise(flow)) return flow;

  // Callbacks, since await takes three turns of the queue for a promise that is not the platform's own.
  return new Promise((resolve, reject) => {
    const onward = (ready: unknown): void => {
      flow = ready;
      try {
        advance();
      } catch (error) {
        reject(error as Error);
        return;
      }
      if (isPromise(flow)) flow.then(onward, reject);
      else resolve(flow);
    };
    (flow as PromiseLike<unknown>).then(onward, reject);
  });
}

/** The first step whose chunks can reach the end: every step after it works on chunks. The ones before give values. */
function firstStreaming(steps: readonly Step[]): number {
  return Math.max(
    steps.findLastIndex((step) => step.consumes === 'value'),
    0,
  );
}
