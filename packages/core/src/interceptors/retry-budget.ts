import { RateLimitedError } from '../errors.js';

export interface RetryBudgetOptions {
  /** How many tokens there are at most, and at first. Default 500. */
  readonly tokens?: number;
}

const DEFAULT_TOKENS = 500;
/** A rate limit passes by itself; anything else hints at a provider in trouble, which retries make worse. */
const COST_THROTTLED = 5;
const COST_FAILED = 14;
const REFILL = 1;

/**
 * Bounds how much of the traffic may be retries: each retry costs tokens, each success gives one back. During an outage
 * the budget runs out, and calls fail at once instead of all being made several times.
 *
 * @example
 * ```ts
 * import { RetryBudget, RunnableLambda } from '@pipewright/core';
 *
 * const budget = new RetryBudget();
 * const one = RunnableLambda.from((x: number) => x).withRetry({ budget });
 * const other = RunnableLambda.from((x: number) => -x).withRetry({ budget });
 * await one.pipe(other).invoke(1);
 * ```
 */
export class RetryBudget {
  readonly #most: number;
  #left: number;

  constructor({ tokens = DEFAULT_TOKENS }: RetryBudgetOptions = {}) {
    this.#most = tokens;
    this.#left = tokens;
  }

  get left(): number {
    return this.#left;
  }

  /** Takes what a retry after this error costs; false when there is not enough. */
  spend(error: unknown): boolean {
    const cost = RateLimitedError.isInstance(error) ? COST_THROTTLED : COST_FAILED;
    if (cost > this.#left) return false;
    this.#left -= cost;
    return true;
  }

  /** A call has succeeded. */
  refill(): void {
    this.#left = Math.min(this.#left + REFILL, this.#most);
  }
}
