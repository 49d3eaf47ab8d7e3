import { asChunks } from './as-chunks.js';
import { chunks, closeQuietly, type Chunks, type Cursor } from './chunks.js';
import type { Flow } from './flow.js';
import { byKey, own } from './folds.js';
import { isPromise, type MaybePromise } from './promise.js';

/** A chunk of one branch: an object with that branch's key only. */
export type Keyed = Readonly<Record<string, unknown>>;

/**
 * Several flows as one stream of one-key objects, in the order their chunks arrive. Each flow is asked for its next
 * chunk only after its last one was taken. Folds to an object with every key, in the order given.
 *
 * When one flow fails, `onFailure` is told at once, the others are closed, and the error follows the chunks that were
 * there before it.
 */
export function merge(
  flows: ReadonlyMap<string, Flow<unknown, unknown>>,
  onFailure: (error: unknown) => void,
): Chunks<Record<string, unknown>, Keyed> {
  const lanes = [...flows].map(([key, flow]): Lane => ({ key, source: asChunks(flow), state: 'idle' }));
  const byName = new Map(lanes.map((lane) => [lane.key, lane]));
  const fold = byKey([...flows.keys()], (key) => (byName.get(key) as Lane).source.fold);
  return chunks(() => new MergeCursor(lanes, onFailure), fold, { return: () => closeAll(lanes) });
}

interface Lane {
  readonly key: string;
  readonly source: Chunks<unknown, unknown>;
  state: 'idle' | 'pulling' | 'done';
}

type Arrival = { readonly chunk: Keyed } | { readonly error: unknown };

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };

class MergeCursor implements Cursor<Keyed> {
  readonly #lanes: readonly Lane[];
  readonly #onFailure: (error: unknown) => void;
  #arrivals: Arrival[] = [];
  #failed = false;
  #wake: (() => void) | undefined;

  constructor(lanes: readonly Lane[], onFailure: (error: unknown) => void) {
    this.#lanes = lanes;
    this.#onFailure = onFailure;
  }

  next(): MaybePromise<IteratorResult<Keyed, undefined>> {
    if (this.#arrivals.length === 0 && !this.#failed) {
      for (const lane of this.#lanes) if (lane.state === 'idle' && !this.#failed) this.#pull(lane);
    }
    const arrival = this.#arrivals.shift();
    if (arrival !== undefined) {
      if ('error' in arrival) throw arrival.error;
      return { done: false, value: arrival.chunk };
    }
    if (this.#failed || this.#lanes.every((lane) => lane.state === 'done')) return DONE;
    return new Promise<void>((resolve) => {
      this.#wake = resolve;
    }).then(() => this.next());
  }

  #pull(lane: Lane): void {
    lane.state = 'pulling';
    try {
      const step = lane.source.next();
      if (isPromise(step)) {
        step.then(
          (result) => this.#arrive(lane, result),
          (error: unknown) => this.#fail(error),
        );
      } else {
        this.#arrive(lane, step);
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  #arrive(lane: Lane, result: IteratorResult<unknown, unknown>): void {
    if (result.done) {
      lane.state = 'done';
      closeQuietly(lane.source);
      if (this.#lanes.every((other) => other.state === 'done')) this.#stir();
      return;
    }
    lane.state = 'idle';
    const chunk: Record<string, unknown> = {};
    own(chunk, lane.key, result.value);
    this.#arrivals.push({ chunk });
    this.#stir();
  }

  #fail(error: unknown): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#arrivals.push({ error });
    this.#onFailure(error);
    for (const lane of this.#lanes) closeQuietly(lane.source);
    this.#stir();
  }

  #stir(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}

function closeAll(lanes: readonly Lane[]): MaybePromise<unknown> {
  const closing = lanes.map((lane) => lane.source.return()).filter(isPromise);
  return closing.length > 0 ? Promise.all(closing) : undefined;
}
