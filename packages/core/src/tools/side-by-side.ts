import type { RunContext } from '../engine/run-context.js';
import type { Cursor } from '../flow/chunks.js';
import { andThen, isPromise, type MaybePromise } from '../flow/promise.js';

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };

/** Pieces of work side by side, within the run's concurrency limit, as a stream of their results in order of arrival. */
export class SideBySide<Result> implements Cursor<Result> {
  readonly #count: number;
  readonly #work: (index: number) => MaybePromise<Result>;
  readonly #context: RunContext;
  readonly #arrived: Result[] = [];
  #state: 'new' | 'running' | 'ended' = 'new';
  #failure: { readonly error: unknown } | undefined;
  #wake: (() => void) | undefined;

  constructor(count: number, work: (index: number) => MaybePromise<Result>, context: RunContext) {
    this.#count = count;
    this.#work = work;
    this.#context = context;
  }

  next(): MaybePromise<IteratorResult<Result, undefined>> {
    if (this.#state === 'new') this.#start();
    if (this.#arrived.length > 0) return { done: false, value: this.#arrived.shift() as Result };
    if (this.#failure !== undefined) throw this.#failure.error;
    if (this.#state === 'ended') return DONE;
    return new Promise<void>((resolve) => {
      this.#wake = resolve;
    }).then(() => this.next());
  }

  #start(): void {
    this.#state = 'running';
    const spreading = this.#context.spread(this.#count, (index) =>
      andThen(this.#work(index), (result) => {
        this.#arrived.push(result);
        this.#stir();
      }),
    );
    if (!isPromise(spreading)) this.#state = 'ended';
    else {
      spreading.then(
        () => this.#end(undefined),
        (error: unknown) => this.#end({ error }),
      );
    }
  }

  #end(failure: { readonly error: unknown } | undefined): void {
    this.#state = 'ended';
    this.#failure = failure;
    this.#stir();
  }

  #stir(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
