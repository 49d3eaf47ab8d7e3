import { MAX_TIMER_MS } from '../engine/clock.js';
import { isPromise, type MaybePromise } from '../flow/promise.js';
import { CacheError, type LlmCacheOperation } from './cache-error.js';
import { tell } from './cache-event.js';
import type { CacheUse } from './cache-options.js';
import { stateOf, type CacheState } from './cache-state.js';

/** How long a cache may take before the call goes on without it, in milliseconds. */
const DEADLINE_MS = 250;
/** How many failures in a row disable a cache, and for how long it is left alone, in milliseconds. */
const MAX_FAILURES = 5;
const DISABLED_MS = 10_000;
/** While it is left alone, an asynchronous cache is asked in the background this often: it is back when it answers. */
const PROBE_EVERY_MS = 1_000;

/** What a cache gave, or that it could not be asked: only strict callers are told why. */
export type Outcome<T> = { readonly value: T } | { readonly failed: true; readonly error: CacheError };

/** Which cache is asked, and how. */
export type AttemptOptions = Pick<CacheUse, 'cache' | 'deadline' | 'strict' | 'onEvent'>;

/**
 * Asks a cache something in a way that cannot fail the call: its failure, or taking longer than the deadline, is an
 * outcome. A cache that keeps failing is not asked for a while.
 */
export function attempt<T>(
  use: AttemptOptions,
  operation: LlmCacheOperation,
  work: () => MaybePromise<T>,
): MaybePromise<Outcome<T>> {
  const health = stateOf(use.cache);
  if (health.disabledUntil > 0 && !use.strict && isLeftAlone(health)) {
    if (operation === 'lookup') probe(use, health, work);
    return { failed: true, error: health.failure as CacheError };
  }
  return run(use, operation, work);
}

function isLeftAlone(health: CacheState): boolean {
  const now = performance.now();
  if (now < health.disabledUntil) return true;
  // This call finds out for everybody else.
  health.disabledUntil = now + DISABLED_MS;
  health.probedAt = now;
  return false;
}

/** Asks without making the call wait. Not where asking blocks everything, as it does for a synchronous cache. */
function probe(use: AttemptOptions, health: CacheState, work: () => MaybePromise<unknown>): void {
  const now = performance.now();
  if (!health.asynchronous || now < health.probedAt + PROBE_EVERY_MS) return;
  health.probedAt = now;
  void run(use, 'lookup', work);
}

function run<T>(
  use: AttemptOptions,
  operation: LlmCacheOperation,
  work: () => MaybePromise<T>,
): MaybePromise<Outcome<T>> {
  try {
    const value = work();
    return isPromise(value) ? inTime(use, operation, value) : succeeded(use, value);
  } catch (error) {
    return failed(use, operation, error);
  }
}

function inTime<T>(
  use: AttemptOptions,
  operation: LlmCacheOperation,
  value: PromiseLike<T>,
): Promise<Outcome<T>> {
  const deadline = Math.min(use.deadline ?? DEADLINE_MS, MAX_TIMER_MS);
  return new Promise((resolve) => {
    // What comes after the deadline counts for nothing: a cache that slow is no better than none.
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      resolve(failed(use, operation, new Error(`The cache took longer than ${deadline} ms.`), true));
    }, deadline);
    value.then(
      (found) => {
        if (late) return;
        clearTimeout(timer);
        resolve(succeeded(use, found));
      },
      (error: unknown) => {
        if (late) return;
        clearTimeout(timer);
        resolve(failed(use, operation, error, true));
      },
    );
  });
}

function succeeded<T>(use: AttemptOptions, value: T): Outcome<T> {
  const health = stateOf(use.cache);
  if (health.failures > 0) {
    health.failures = 0;
    health.disabledUntil = 0;
    tell(use, { type: 'recovered' });
  }
  return { value };
}

function failed(
  use: AttemptOptions,
  operation: LlmCacheOperation,
  cause: unknown,
  asynchronous = false,
): Outcome<never> {
  const health = stateOf(use.cache);
  health.failures += 1;
  health.asynchronous = asynchronous;
  if (health.failures === 1) tell(use, { type: 'failing', operation, error: cause });
  if (health.failures === MAX_FAILURES) tell(use, { type: 'disabled', error: cause });
  if (health.failures >= MAX_FAILURES) health.disabledUntil = performance.now() + DISABLED_MS;
  const detail = cause instanceof Error ? cause.message : String(cause);
  const message = `The cache failed at ${operation}: ${detail} Leave "strict" out to go on without it.`;
  health.failure = new CacheError(operation, message, { cause });
  return { failed: true, error: health.failure };
}
