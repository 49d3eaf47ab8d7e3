/** The longest that setTimeout can wait, in milliseconds. More would be over at once. */
export const MAX_TIMER_MS = 2 ** 31 - 1;

/** Time and chance, as retries and caches see them. A test brings its own and does not wait. */
export interface Clock {
  /** Milliseconds since some fixed moment. Never goes back, also when the system's clock is set. */
  now(): number;
  /** Milliseconds since 1970, as far as the system knows. */
  date(): number;
  /** Waits for some milliseconds; rejects at once with the signal's reason when it aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** A number from 0 up to, not including, 1. */
  random(): number;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  date: () => Date.now(),
  random: () => Math.random(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      const stop = (): void => {
        clearTimeout(timer);
        reject(signal.reason as Error);
      };
      const timer = setTimeout(() => {
        signal.removeEventListener('abort', stop);
        resolve();
      }, ms);
      if (signal.aborted) stop();
      else signal.addEventListener('abort', stop, { once: true });
    }),
};
