import pLimit, { type LimitFunction } from 'p-limit';
import { isPromise, type MaybePromise } from '../flow/promise.js';

/** How many items of a batch run at once when nobody says. */
export const DEFAULT_CONCURRENCY = 16;

/** Gives the next piece of work, or undefined when there is none left. */
export type Take = () => MaybePromise<(() => MaybePromise<unknown>) | undefined>;

/**
 * The slots that a run and everything inside it share. Whoever has work to spread always does some of it in the slot
 * it is running in already, and takes further slots only as they are free, so nesting cannot deadlock.
 */
export class Pool {
  readonly limit: number;
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
    this.limit = Math.min(limit, outer?.limit ?? limit);
    this.#outer = outer;
    this.#spare = this.limit > 1 ? pLimit(this.limit - 1) : undefined;
  }

  /**
   * Does the work that `take` gives, at most `limit` pieces of it at once, started in that order. Ends when all has
   * ended: at once if none of it is asynchronous. On the first failure nothing more is started and that failure is
   * thrown.
   */
  spread(take: Take): MaybePromise<void> {
    let early = false;
    let join = (): void => {
      early = true;
    };
    const first = untilAsynchronous(take, () => join());
    if (first === undefined) return undefined;
    return this.#spreadOn(first, take, (others) => {
      join = others;
      if (early) others();
    });
  }

  /** Calls `work` with 0 to count - 1. */
  each(count: number, work: (index: number) => MaybePromise<unknown>): MaybePromise<void> {
    let started = 0;
    return this.spread(() => {
      if (started >= count) return undefined;
      const index = started++;
      return () => work(index);
    });
  }

  #spreadOn(
    first: PromiseLike<boolean>,
    take: Take,
    onFirstStarted: (join: () => void) => void,
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      // The one in the slot that is held already, and those that were sent for. A slot may come too late for those.
      let crew = 1;
      let live = 0;
      let failed = false;
      // Whoever has started something sends for another: there are never more than there is work for.
      const join = (): void => {
        if (crew >= this.limit || failed) return;
        crew += 1;
        void this.#lend(() => worker(undefined));
      };
      const worker = async (begun: PromiseLike<boolean> | undefined): Promise<void> => {
        live += 1;
        try {
          let more = begun === undefined || (await begun);
          while (more && !failed) {
            const pending = untilAsynchronous(take, join);
            more = pending !== undefined && (await pending);
          }
        } catch (error) {
          failed = true;
          reject(error as Error);
        }
        live -= 1;
        if (live === 0) resolve();
      };
      void worker(first);
      onFirstStarted(join);
    });
  }

  #lend(worker: () => Promise<void>): Promise<void> {
    const outer = this.#outer;
    const inner = outer === undefined ? worker : () => outer.#lend(worker);
    return (this.#spare as LimitFunction)(inner);
  }
}

/**
 * Does work for as long as it is synchronous. Undefined when there is none left; else a promise that the piece under way
 * has ended, true if there may be more. `onStarted` is told when a piece goes on by itself.
 */
function untilAsynchronous(take: Take, onStarted: () => void): PromiseLike<boolean> | undefined {
  for (;;) {
    const work = take();
    if (isPromise(work)) {
      return work.then((taken) => {
        if (taken === undefined) return false;
        onStarted();
        return Promise.resolve(taken()).then(() => true);
      });
    }
    if (work === undefined) return undefined;
    const done = work();
    if (isPromise(done)) {
      onStarted();
      return done.then(() => true);
    }
  }
}
