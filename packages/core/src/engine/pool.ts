import pLimit, { type LimitFunction } from 'p-limit';
import { isPromise, type MaybePromise } from '../flow/promise.js';

/** How many items of a batch run at once when nobody says. */
export const DEFAULT_CONCURRENCY = 16;

/**
 * The slots that a run and everything inside it share. Whoever has work to spread always does some of it in the slot
 * it is running in already, and takes further slots only as they are free, so nesting cannot deadlock.
 */
export class Pool {
  readonly #limit: number;
  readonly #outer: Pool | undefined;
  readonly #spare: LimitFunction | undefined;

  /**
   * `limit` counts the slot of the run that opens the pool. It holds for the items of batches only, or for parallel
   * branches too. The slots of `outer` are needed as well.
   */
  constructor(
    limit: number,
    readonly covers: 'items' | 'all',
    outer?: Pool,
  ) {
    this.#limit = limit;
    this.#outer = outer;
    this.#spare = limit > 1 ? pLimit(limit - 1) : undefined;
  }

  /**
   * Calls `work` with 0 to count - 1, in order of start. Resolves when all have ended. On the first failure nothing
   * more is started and that failure rejects, at once.
   */
  each(count: number, work: (index: number) => MaybePromise<unknown>): Promise<void> {
    return new Promise((resolve, reject) => {
      let started = 0;
      let ended = 0;
      let failed = false;
      const worker = async (): Promise<void> => {
        while (started < count && !failed) {
          try {
            const result = work(started++);
            if (isPromise(result)) await result;
          } catch (error) {
            failed = true;
            reject(error as Error);
            return;
          }
          ended += 1;
        }
        if (ended === count) resolve();
      };
      void worker();
      for (let free = Math.min(this.#limit, count - started + 1); free > 1; free -= 1)
        void this.#lend(worker);
    });
  }

  #lend(worker: () => Promise<void>): Promise<void> {
    const outer = this.#outer;
    const inner = outer === undefined ? worker : () => outer.#lend(worker);
    return (this.#spare as LimitFunction)(inner);
  }
}
