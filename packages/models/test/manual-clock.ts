import type { Clock } from '../src/index.js';

/** A clock that stands still until somebody sleeps; then it jumps, and remembers how far. */
export class ManualClock implements Clock {
  readonly slept: number[] = [];
  #now = 0;
  readonly #random: number;

  constructor(random = 0.5) {
    this.#random = random;
  }

  now(): number {
    return this.#now;
  }

  date(): number {
    return Date.UTC(2030, 0, 1) + this.#now;
  }

  random(): number {
    return this.#random;
  }

  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.slept.push(ms);
    this.#now += ms;
  }
}
