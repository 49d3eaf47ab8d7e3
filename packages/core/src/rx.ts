import { Observable } from 'rxjs';
import type { RunnableConfig } from './engine/config.js';
import type { RunEvent } from './engine/events.js';
import type { RunStream } from './engine/run-stream.js';
import type { Runnable } from './runnable.js';

/**
 * The chunks of a run as an Observable. Every subscription is a run of its own; unsubscribing stops the run, and the
 * provider, in the same tick.
 *
 * @example
 * ```ts
 * import { RunnableLambda } from '@pipewright/core';
 * import { observe } from '@pipewright/core/rx';
 *
 * const letters = RunnableLambda.from(function* (text: string) {
 *   yield* text;
 * });
 * const subscription = observe(letters, 'hello').subscribe((letter) => letter);
 * subscription.unsubscribe();
 * ```
 */
export function observe<In, Out, Chunk>(
  runnable: Runnable<In, Out, Chunk>,
  input: In,
  config?: RunnableConfig,
): Observable<Chunk> {
  return fromStream(() => runnable.stream(input, config));
}

/** Everything that happens in a run as an Observable, under the same rules. */
export function observeEvents<In, Out, Chunk>(
  runnable: Runnable<In, Out, Chunk>,
  input: In,
  config?: RunnableConfig,
): Observable<RunEvent> {
  return fromStream(() => runnable.events(input, config));
}

/** Written out, as rxjs's own `from` closes an async iterable only when its next chunk has arrived. */
function fromStream<Chunk>(start: () => RunStream<Chunk, unknown>): Observable<Chunk> {
  return new Observable((subscriber) => {
    const stream = start();
    const pull = (): void => {
      stream.next().then(
        (step) => {
          if (step.done) return subscriber.complete();
          subscriber.next(step.value);
          if (!subscriber.closed) pull();
        },
        (error: unknown) => subscriber.error(error),
      );
    };
    pull();
    return () => {
      // Cleanup that fails after the subscriber has left has nobody to tell.
      stream.cancel().catch(() => {});
    };
  });
}
