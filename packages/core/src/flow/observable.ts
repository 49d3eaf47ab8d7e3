import { chunks, type Chunks, type Cursor } from './chunks.js';
import { natural } from './folds.js';
import type { MaybePromise } from './promise.js';

/** What every library of observables offers. */
export interface Subscribable<T> {
  subscribe(observer: {
    next(value: T): void;
    error(error: unknown): void;
    complete(): void;
  }): { unsubscribe(): void } | (() => void);
}

const OBSERVABLE = '@@observable';

export function isSubscribable(value: object): value is Subscribable<unknown> {
  const marked =
    OBSERVABLE in value || ((Symbol as { observable?: symbol }).observable ?? OBSERVABLE) in value;
  return marked && typeof (value as Partial<Subscribable<unknown>>).subscribe === 'function';
}

/**
 * What an Observable emits, as chunks. It is subscribed to when the first one is asked for. An Observable cannot be held
 * back, so what it emits ahead of the reader is kept.
 */
export function observableChunks(source: Subscribable<unknown>): Chunks<unknown, unknown> {
  return chunks(() => new ObservableCursor(source), natural);
}

type Step = IteratorResult<unknown, undefined>;
const DONE: Step = { done: true, value: undefined };

class ObservableCursor implements Cursor<unknown> {
  readonly #source: Subscribable<unknown>;
  readonly #emitted: unknown[] = [];
  #subscription: ReturnType<Subscribable<unknown>['subscribe']> | undefined;
  #outcome: { readonly error?: unknown } | undefined;
  #wake: (() => void) | undefined;

  constructor(source: Subscribable<unknown>) {
    this.#source = source;
  }

  next(): MaybePromise<Step> {
    this.#subscription ??= this.#source.subscribe({
      next: (value) => {
        this.#emitted.push(value);
        this.#stir();
      },
      error: (error) => {
        this.#outcome = { error };
        this.#stir();
      },
      complete: () => {
        this.#outcome = {};
        this.#stir();
      },
    });
    if (this.#emitted.length > 0) return { done: false, value: this.#emitted.shift() };
    if (this.#outcome !== undefined) {
      if ('error' in this.#outcome) throw this.#outcome.error;
      return DONE;
    }
    return new Promise<void>((resolve) => {
      this.#wake = resolve;
    }).then(() => this.next());
  }

  return(): void {
    this.#outcome ??= {};
    this.#emitted.length = 0;
    if (typeof this.#subscription === 'function') this.#subscription();
    else this.#subscription?.unsubscribe();
    this.#stir();
  }

  #stir(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
