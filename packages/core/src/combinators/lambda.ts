import type { RunContext } from '../engine/run-context.js';
import { AS_CHUNKS, chunksFrom, isChunks, type Chunks } from '../flow/chunks.js';
import { isReadableStream } from '../flow/cursor-of.js';
import { natural } from '../flow/folds.js';
import type { Flow } from '../flow/flow.js';
import { isSubscribable, observableChunks } from '../flow/observable.js';
import { isPromise } from '../flow/promise.js';
import { isRunnable } from '../is-runnable.js';

/**
 * What a user function gave back, as a flow. A runnable is run on the same input; generators, async iterables and
 * ReadableStreams and Observables become chunks; arrays, sets and strings stay values.
 */
export function adopt(result: unknown, input: unknown, context: RunContext): Flow<unknown, unknown> {
  if (typeof result !== 'object' || result === null) return result;
  if (result instanceof Promise) return new Adopted(result, input, context);
  // Others may begin their work anew each time that somebody waits for them, as queries do.
  if (isPromise(result)) return result.then((value) => adopt(value, input, context));
  if (isRunnable(result)) return context.start(result, input);
  if (isChunks(result)) return result;
  if (AS_CHUNKS in result) return (result[AS_CHUNKS] as () => Chunks<unknown, unknown>)();
  if (Symbol.asyncIterator in result || isGenerator(result) || isReadableStream(result)) {
    return chunksFrom(result as AsyncIterable<unknown>, natural);
  }
  return isSubscribable(result) ? observableChunks(result) : result;
}

type Kept = ((flow: unknown) => unknown) | null | undefined;
type Broken = ((error: unknown) => unknown) | null | undefined;

/**
 * What a function's promise comes to, as a flow. It is looked at where it is waited for: a promise of its own for that
 * would cost an asynchronous step as much again as the step itself.
 */
class Adopted implements PromiseLike<unknown> {
  readonly #result: Promise<unknown>;
  readonly #input: unknown;
  readonly #context: RunContext;
  #adopted: { readonly flow: Flow<unknown, unknown> } | undefined;

  constructor(result: Promise<unknown>, input: unknown, context: RunContext) {
    this.#result = result;
    this.#input = input;
    this.#context = context;
  }

  // oxlint-disable-next-line unicorn/no-thenable -- a promise is what it is to everybody else
  then(onKept?: Kept, onBroken?: Broken): Promise<never> {
    return this.#result.then((value) => {
      const flow = typeof value === 'object' && value !== null ? this.#adopt(value) : value;
      if (isPromise(flow)) return flow.then(onKept, onBroken);
      return onKept ? onKept(flow) : flow;
    }, onBroken) as Promise<never>;
  }

  /** Once, however many wait: it may start a run. */
  #adopt(value: object): Flow<unknown, unknown> {
    if (this.#adopted === undefined) {
      let flow: Flow<unknown, unknown>;
      try {
        flow = adopt(value, this.#input, this.#context);
      } catch (error) {
        flow = Promise.reject(error as Error);
      }
      this.#adopted = { flow };
    }
    return this.#adopted.flow;
  }
}

function isGenerator(value: object): value is Iterable<unknown> {
  return Symbol.iterator in value && typeof (value as { next?: unknown }).next === 'function';
}
