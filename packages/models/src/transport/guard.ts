import { TimeoutError, type TimeoutPhase } from '@pipewright/core';
import type { TimeLimits } from './time-limits.js';

type Phase = Extract<TimeoutPhase, 'firstEvent' | 'idle' | 'total'>;
const PHASES: readonly Phase[] = ['total', 'firstEvent', 'idle'];

/** What a guard needs to know of the request it watches over. */
export interface GuardOptions {
  readonly caller: AbortSignal;
  readonly host: string;
  readonly limits: TimeLimits;
  /** What is left of the total, in milliseconds. */
  readonly remaining: number;
  readonly streamed: boolean;
}

/**
 * Watches over one request: stops it when the caller aborts or a time limit runs out, and settles the wait that is then
 * under way at once, whatever the platform's fetch does. One timer serves all limits.
 */
export class Guard {
  readonly #options: GuardOptions;
  readonly #controller = new AbortController();
  readonly #deadlines: Record<Phase, number>;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #firesAt = Number.POSITIVE_INFINITY;
  #stopped: { readonly reason: unknown } | undefined;
  #rejectWait: ((reason: unknown) => void) | undefined;

  constructor(options: GuardOptions) {
    const { caller, limits, remaining, streamed } = options;
    const now = performance.now();
    this.#options = options;
    this.#deadlines = {
      total: now + remaining,
      firstEvent: streamed ? now + limits.firstEvent : Number.POSITIVE_INFINITY,
      idle: Number.POSITIVE_INFINITY,
    };
    if (caller.aborted) this.#stop(caller.reason);
    else {
      caller.addEventListener('abort', this.#onAbort, { once: true });
      this.#schedule();
    }
  }

  /** For fetch. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Set once the request was stopped: by the caller's own reason, or by a TimeoutError. */
  get stopped(): { readonly reason: unknown } | undefined {
    return this.#stopped;
  }

  /** Settles as the promise does, or rejects with the reason as soon as the request is stopped. One wait at a time. */
  wait<T>(promise: PromiseLike<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const stop = (reason: unknown): void => reject(reason as Error);
      if (this.#stopped === undefined) this.#rejectWait = stop;
      else stop(this.#stopped.reason);
      promise.then(
        (value) => {
          this.#rejectWait = undefined;
          resolve(value);
        },
        (error: unknown) => {
          this.#rejectWait = undefined;
          reject(error as Error);
        },
      );
    });
  }

  /** The first event is there. */
  answered(): void {
    this.#deadlines.firstEvent = Number.POSITIVE_INFINITY;
  }

  /** Waits for bytes; a consumer that takes its time between two reads is no silence of the provider's. */
  async waitForBytes<T>(promise: PromiseLike<T>): Promise<T> {
    this.#deadlines.idle = performance.now() + this.#options.limits.idle;
    if (this.#deadlines.idle < this.#firesAt) this.#schedule();
    try {
      return await this.wait(promise);
    } finally {
      this.#deadlines.idle = Number.POSITIVE_INFINITY;
    }
  }

  /** Lets go of the caller's signal and of the timer. */
  end(): void {
    clearTimeout(this.#timer);
    this.#firesAt = Number.NEGATIVE_INFINITY;
    this.#options.caller.removeEventListener('abort', this.#onAbort);
  }

  /** Ends, and closes the connection. */
  abandon(reason: unknown): void {
    this.end();
    this.#controller.abort(reason);
  }

  readonly #onAbort = (): void => this.#stop(this.#options.caller.reason);

  #stop(reason: unknown): void {
    this.#stopped = { reason };
    this.#rejectWait?.(reason);
    this.abandon(reason);
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    this.#firesAt = Math.min(...PHASES.map((phase) => this.#deadlines[phase]));
    if (this.#firesAt === Number.POSITIVE_INFINITY) return;
    this.#timer = setTimeout(this.#onTimer, Math.max(1, Math.ceil(this.#firesAt - performance.now())));
  }

  /** Deadlines move on while bytes arrive; the timer is only looked at again when it fires. */
  readonly #onTimer = (): void => {
    const now = performance.now();
    const expired = PHASES.find((phase) => this.#deadlines[phase] <= now);
    if (expired === undefined) this.#schedule();
    else this.#stop(this.#timeout(expired));
  };

  #timeout(phase: Phase): TimeoutError {
    const { host, limits } = this.#options;
    const limit = limits[phase];
    const what = {
      total: `The call to ${host} took longer than its timeout of ${limit} ms. Raise "timeout", or ask for less at once.`,
      firstEvent: `${host} sent no first event within ${limit} ms. Raise "firstEventTimeout" if the model is that slow.`,
      idle: `${host} was silent for ${limit} ms in the middle of its answer. Raise "idleTimeout" if the model pauses that long.`,
    }[phase];
    return new TimeoutError(phase, limit, what);
  }
}
