import { systemClock, type Clock } from '../engine/clock.js';
import type { RunContext } from '../engine/run-context.js';
import { ConfigError, PipewrightError } from '../errors.js';
import { andThen, type MaybePromise } from '../flow/promise.js';
import { attempts } from './attempts.js';
import type { Interceptor } from './interceptor.js';
import type { RetryBudget } from './retry-budget.js';

export interface RetryOptions {
  /** How often it is tried in all. Default 3. */
  readonly stopAfterAttempt?: number;
  /** Whether an error is worth another attempt. Default: unless it says that trying again cannot help. */
  readonly retryIf?: (error: unknown) => boolean;
  /** Told of every failed attempt, also the last; throws to stop there, with what it throws. */
  readonly onFailedAttempt?: (error: unknown, input: unknown) => MaybePromise<unknown>;
  /** The wait after the first failure, in milliseconds; it doubles with each. Default 500. */
  readonly initialDelayMs?: number;
  /** No wait is longer, in milliseconds. Default 8,000. */
  readonly maxDelayMs?: number;
  /** A random part of each wait: all of it, half of it, or none. Default 'full'. */
  readonly jitter?: 'full' | 'equal' | 'none';
  /** Shared by runnables that call one provider: when it is used up, failures are final. Default: none. */
  readonly budget?: RetryBudget;
  /** Default: the system's. */
  readonly clock?: Clock;
}

const DEFAULT_ATTEMPTS = 3;
const DEFAULT_INITIAL_MS = 500;
const DEFAULT_MAX_MS = 8_000;

/** A provider that asks for a longer wait than this, or for any in a synchronous run, is taken at its word: that is final. */
const LONGEST_RETRY_AFTER_MS = 60_000;

/** Tries again what fails, before anything of its output was seen. */
export function retry(options: RetryOptions = {}): Interceptor {
  const { stopAfterAttempt = DEFAULT_ATTEMPTS, retryIf = mayHelp, budget, clock = systemClock } = options;
  if (!(Number.isInteger(stopAfterAttempt) && stopAfterAttempt >= 1)) {
    throw new ConfigError(
      'stopAfterAttempt',
      `stopAfterAttempt is ${String(stopAfterAttempt)}; give a whole number of at least 1.`,
    );
  }
  return {
    kind: 'Retry',
    // Whose clock it is does not belong to the chain.
    options: { ...options, clock: undefined },
    traced: true,
    around: (inner, input, context) => {
      type Work = typeof inner;
      let failures = 0;
      const counted: Work = (given, within) =>
        failures === 0
          ? inner(given, within)
          : within.within({ tags: [`retry:attempt:${failures + 1}`] }, (tagged) => inner(given, tagged));
      const flow = attempts(counted, input, context, (error, attempt) => {
        failures = attempt;
        return andThen(options.onFailedAttempt?.(error, input), (): MaybePromise<Work> => {
          if (attempt >= stopAfterAttempt || !retryIf(error) || budget?.spend(error) === false) throw error;
          return andThen(pause(error, attempt, options, clock, context), () => counted);
        });
      });
      return andThen(flow, (ready) => {
        budget?.refill();
        return ready;
      });
    },
  };
}

function pause(
  error: unknown,
  attempt: number,
  { initialDelayMs = DEFAULT_INITIAL_MS, maxDelayMs = DEFAULT_MAX_MS, jitter = 'full' }: RetryOptions,
  clock: Clock,
  { signal, sync }: RunContext,
): MaybePromise<void> {
  const asked = (error as { readonly retryAfterMs?: unknown } | null | undefined)?.retryAfterMs;
  if (typeof asked === 'number' && asked > (sync ? 0 : LONGEST_RETRY_AFTER_MS)) throw error;
  if (sync) return undefined;
  const backoff = Math.min(initialDelayMs * 2 ** (attempt - 1), maxDelayMs);
  const fixed = jitter === 'full' ? 0 : jitter === 'equal' ? 0.5 : 1;
  const delay = Math.max(
    backoff * (fixed + (1 - fixed) * clock.random()),
    typeof asked === 'number' ? asked : 0,
  );
  return delay > 0 ? clock.sleep(delay, signal) : undefined;
}

/** Statuses of refused requests that may be granted later. */
const LATER: ReadonlySet<number> = new Set([408, 409, 425, 429]);

/** Our errors say whether trying again can help; of others, those do not help that carry the status of a wrong request. */
function mayHelp(error: unknown): boolean {
  if (PipewrightError.isInstance(error)) return error.retryable;
  const status = (error as { readonly status?: unknown } | null | undefined)?.status;
  return !(typeof status === 'number' && status >= 400 && status < 500 && !LATER.has(status));
}
