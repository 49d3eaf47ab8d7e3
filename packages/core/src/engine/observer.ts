import { isPromise } from '../flow/promise.js';
import { ambient } from './ambient.js';
import type { RunEvent } from './events.js';
import { report } from './report.js';

/** Is told every event. May be asynchronous: the root run ends after it. */
export interface Listener {
  readonly notify: (event: RunEvent) => unknown;
  /** Whether it has use for chunks; models stream for it even where only a value is wanted. */
  readonly wantsChunks: boolean;
  /** Whether its failure is the run's. Otherwise it is reported and the run goes on. */
  readonly raiseError: boolean;
}

/**
 * Those who listen to a run and everything in it. They are called in line, one after the other; what asynchronous ones
 * still have to do is waited for at the end of the run that brought them, so that no run waits for another's.
 */
export class Observer {
  readonly #listeners: readonly Listener[];
  readonly #outer: Observer | undefined;
  readonly #pending: Set<PromiseLike<void>>;
  readonly wantsChunks: boolean;
  #failure: { readonly error: unknown } | undefined;

  constructor(listeners: readonly Listener[], outer?: Observer) {
    this.#listeners = listeners;
    this.#outer = outer;
    this.#pending = new Set();
    this.wantsChunks = outer?.wantsChunks === true || listeners.some((listener) => listener.wantsChunks);
  }

  /** Tells everybody. Then fails as the first one did that raises its errors. */
  emit(event: RunEvent): void {
    const around = ambient();
    if (around === undefined) this.#tell(event);
    // What a listener runs is no part of the run it listens to.
    else around.inside(undefined)(() => this.#tell(event));
  }

  #tell(event: RunEvent): void {
    let failure: { readonly error: unknown } | undefined;
    try {
      this.#outer?.emit(event);
    } catch (error) {
      failure = { error };
    }
    for (const listener of this.#listeners) {
      try {
        const result = listener.notify(event);
        if (isPromise(result)) this.#wait(result, listener);
      } catch (error) {
        // A run that was stopped fails with the reason for that.
        if (listener.raiseError && event.type !== 'run-cancel') failure ??= { error };
        else reportIgnored(error);
      }
    }
    if (failure !== undefined) throw failure.error;
  }

  #wait(result: PromiseLike<unknown>, listener: Listener): void {
    const settled = result.then(
      () => void this.#pending.delete(settled),
      (error: unknown) => {
        this.#pending.delete(settled);
        if (listener.raiseError) this.#failure ??= { error };
        else reportIgnored(error);
      },
    );
    this.#pending.add(settled);
  }

  /** Whether there is anything to wait for, or to fail with. */
  get busy(): boolean {
    return this.#pending.size > 0 || this.#failure !== undefined;
  }

  /** Waits for what asynchronous listeners have begun. Rejects when one of them failed that raises its errors. */
  async settled(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending);
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}

function reportIgnored(error: unknown): void {
  report('a callback failed and was ignored. Set raiseError on it to fail the run instead', error);
}
