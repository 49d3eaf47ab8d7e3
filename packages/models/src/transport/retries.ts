import { ProviderError, RateLimitedError, TimeoutError, type PipewrightError } from '@pipewright/core';
import type { Clock } from '@pipewright/core';

/** A wait that the provider asks for is kept up to here; a longer one is the caller's to plan. */
const LONGEST_WAIT_MS = 60_000;

export interface RetryOptions {
  /** Further tries after the first. */
  readonly maxRetries: number;
  readonly clock: Clock;
  /** When the call's total runs out, by the clock. */
  readonly deadline: number;
}

/** The tries of one call. */
export class Retries {
  readonly #options: RetryOptions;
  #failures = 0;

  constructor(options: RetryOptions) {
    this.#options = options;
  }

  /** Returns when it is time for another try. Throws the error when there is to be none, and the reason on abort. */
  async another(error: unknown, signal: AbortSignal): Promise<void> {
    const { maxRetries, clock, deadline } = this.#options;
    if (signal.aborted) throw signal.reason;
    if (this.#failures >= maxRetries || !isTransient(error)) throw error;
    const wait = waitAfter(error, this.#failures, clock.random());
    this.#failures += 1;
    if (wait > LONGEST_WAIT_MS || clock.now() + wait >= deadline) throw error;
    await clock.sleep(wait, signal);
  }
}

/**
 * Failures that another try may mend at no extra cost. After the time limits of a request that was being answered it
 * would cost: whether to pay again is for `withRetry`.
 */
function isTransient(error: unknown): error is PipewrightError {
  if (error instanceof TimeoutError) return error.phase === 'connect';
  return error instanceof ProviderError && error.retryable;
}

/**
 * As long as the provider asks. Else growing and random, to spread the callers of one outage; where the rate is limited,
 * never less than half, as limits are counted per minute.
 */
function waitAfter(error: PipewrightError, failures: number, random: number): number {
  const asked = error instanceof ProviderError ? error.retryAfterMs : undefined;
  if (asked !== undefined) return asked;
  if (error instanceof RateLimitedError) {
    const most = Math.min(20_000, 1000 * 2 ** failures);
    return most / 2 + (random * most) / 2;
  }
  return random * Math.min(8000, 500 * 2 ** failures);
}
