import { chunks, type Chunks } from '../flow/chunks.js';
import { list } from '../flow/folds.js';
import { isPromise, type MaybePromise } from '../flow/promise.js';
import type { RunEvent } from './events.js';

/**
 * The events of a run as a stream that drives the run: it goes on only as events are read. An event is there as soon as
 * it happens, also while the run is still working on its next chunk.
 */
export class EventQueue {
  readonly #waiting: RunEvent[] = [];
  #wake: (() => void) | undefined;
  #pulling = false;
  #outcome: { readonly error?: unknown } | undefined;

  /** For the run to tell its events to. */
  readonly notify = (event: RunEvent): void => {
    this.#waiting.push(event);
    this.#stir();
  };

  /** The events of the run that `start` starts, when the first one is asked for. */
  driving(start: () => Chunks<unknown, unknown>): Chunks<RunEvent[], RunEvent> {
    let run: Chunks<unknown, unknown> | undefined;
    const pull = (): MaybePromise<IteratorResult<unknown, unknown>> => {
      run ??= start();
      return run.next();
    };
    return chunks<RunEvent[], RunEvent>(() => ({ next: () => this.#next(pull) }), list, {
      return: () => run?.return(),
    });
  }

  #next(
    pull: () => MaybePromise<IteratorResult<unknown, unknown>>,
  ): MaybePromise<IteratorResult<RunEvent, unknown>> {
    for (;;) {
      if (this.#waiting.length === 0 && !this.#pulling && this.#outcome === undefined) this.#advance(pull);
      const event = this.#waiting.shift();
      if (event !== undefined) return { done: false, value: event };
      if (this.#outcome !== undefined) {
        if ('error' in this.#outcome) throw this.#outcome.error;
        return { done: true, value: undefined };
      }
      if (this.#pulling) {
        return new Promise<void>((resolve) => {
          this.#wake = resolve;
        }).then(() => this.#next(pull));
      }
    }
  }

  /** Lets the run make its next chunk. */
  #advance(pull: () => MaybePromise<IteratorResult<unknown, unknown>>): void {
    const settle = (step: IteratorResult<unknown, unknown>): void => {
      this.#pulling = false;
      if (step.done) this.#outcome = {};
      this.#stir();
    };
    const fail = (error: unknown): void => {
      this.#pulling = false;
      this.#outcome = { error };
      this.#stir();
    };
    try {
      const step = pull();
      if (!isPromise(step)) return settle(step);
      this.#pulling = true;
      step.then(settle, fail);
    } catch (error) {
      fail(error);
    }
  }

  #stir(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
