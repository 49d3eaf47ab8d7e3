import { TimeoutError } from '../errors.js';
import { isPromise, type MaybePromise } from '../flow/promise.js';
import { report } from './report.js';

/** What it gives is waited for by those who stop a run and wait for its end. */
type OnAbort = (reason: unknown) => unknown;

/**
 * What can be stopped together: a run, the items of a batch, the branches of a parallel. Aborting a scope aborts the
 * scopes inside it. An AbortController exists only once somebody asks for the signal.
 */
export class Scope {
  #aborted: { readonly reason: unknown } | undefined;
  #controller: AbortController | undefined;
  #callbacks: Set<OnAbort> | undefined;
  /** Those that are aborted with it. */
  #inner: Set<Scope> | undefined;
  #detach: (() => void)[] | undefined;
  #outer: Scope | undefined;

  /** A scope inside this one. Dispose it when its work has ended. */
  child(): Scope {
    const scope = new Scope();
    scope.#outer = this;
    scope.follow(this);
    return scope;
  }

  /** A scope that knows where it came from, but is not aborted with this one. */
  detached(): Scope {
    const scope = new Scope();
    scope.#outer = this;
    return scope;
  }

  /** Whether it is `other`, or somewhere inside it. */
  isWithin(other: Scope): boolean {
    return this === other || this.#outer?.isWithin(other) === true;
  }

  /** Aborts when `other` does. */
  follow(other: Scope): void {
    if (other.#aborted !== undefined) {
      this.abort(other.#aborted.reason);
      return;
    }
    const followers = (other.#inner ??= new Set());
    followers.add(this);
    (this.#detach ??= []).push(() => void followers.delete(this));
  }

  /** Aborts when the signal does. All scopes on one signal share a single listener. */
  followSignal(signal: AbortSignal): void {
    const stop = (reason: unknown): void => void this.abort(callersReason(reason));
    if (signal.aborted) stop(signal.reason);
    else (this.#detach ??= []).push(SignalHub.listen(signal, stop));
  }

  /** Aborts with a TimeoutError after the given milliseconds. */
  expireAfter(timeoutMs: number): void {
    const timer = setTimeout(() => {
      this.abort(
        new TimeoutError(
          'total',
          timeoutMs,
          `The run took longer than its timeout of ${timeoutMs} ms and was stopped.`,
        ),
      );
    }, timeoutMs);
    (this.#detach ??= []).push(() => clearTimeout(timer));
  }

  /** Stops everything in it, now. Gives a promise of when what it had open is closed, if that takes time. */
  abort(reason: unknown): MaybePromise<unknown> {
    const closing: PromiseLike<unknown>[] = [];
    // Told only once all is stopped, as they may close and let go of what is inside.
    for (const callbacks of this.#stop({ reason })) callAll(callbacks, reason, closing);
    return closing.length > 0 ? Promise.allSettled(closing) : undefined;
  }

  /** Gives whom to tell: first those inside, who work for those around them. */
  #stop(aborted: { readonly reason: unknown }): ReadonlySet<OnAbort>[] {
    if (this.#aborted !== undefined) return [];
    this.#aborted = aborted;
    this.#controller?.abort(aborted.reason);
    const told = [...(this.#inner ?? [])].flatMap((inner) => inner.#stop(aborted));
    if (this.#callbacks !== undefined) told.push(this.#callbacks);
    this.#inner = this.#callbacks = undefined;
    this.dispose();
    return told;
  }

  /** Whether anything outside can abort it: a signal, a timeout, or a scope around. */
  get exposed(): boolean {
    return this.#detach !== undefined || this.#aborted !== undefined;
  }

  get aborted(): boolean {
    return this.#aborted !== undefined;
  }

  throwIfAborted(): void {
    if (this.#aborted !== undefined) throw this.#aborted.reason;
  }

  /** For fetch and other platform functions; made on first use. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      allowListeners(this.#controller.signal);
      if (this.#aborted !== undefined) this.#controller.abort(this.#aborted.reason);
    }
    return this.#controller.signal;
  }

  /** Calls back once on abort, at once if that has happened. The returned function takes the callback back. */
  onAbort(callback: OnAbort): () => void {
    if (this.#aborted !== undefined) {
      callback(this.#aborted.reason);
      return () => {};
    }
    const callbacks = (this.#callbacks ??= new Set());
    callbacks.add(callback);
    return () => void callbacks.delete(callback);
  }

  /** Settles as the promise does, or rejects at once on abort; what the promise does later is then ignored. */
  race<T>(promise: PromiseLike<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const release = this.onAbort(reject);
      promise.then(
        (value) => {
          release();
          resolve(value);
        },
        (error: unknown) => {
          release();
          reject(error as Error);
        },
      );
    });
  }

  /** Lets go of the signal, the timer and the scope around. */
  dispose(): void {
    const detach = this.#detach;
    if (detach === undefined) return;
    this.#detach = undefined;
    for (const release of detach) release();
  }
}

const reasons = new WeakSet<object>();

/** Remembers that a reason is the caller's, who may stop other runs with it as well. */
export function callersReason<T>(reason: T): T {
  if (typeof reason === 'object' && reason !== null) reasons.add(reason);
  return reason;
}

export function isCallersReason(error: object): boolean {
  return reasons.has(error);
}

/** One listener per signal, however many runs share it: platforms warn of leaks where each run adds its own. */
class SignalHub {
  static readonly #hubs = new WeakMap<AbortSignal, SignalHub>();
  readonly #callbacks = new Set<OnAbort>();
  readonly #signal: AbortSignal;

  static listen(signal: AbortSignal, callback: OnAbort): () => void {
    let hub = SignalHub.#hubs.get(signal);
    if (hub === undefined) {
      hub = new SignalHub(signal);
      SignalHub.#hubs.set(signal, hub);
      signal.addEventListener('abort', hub, { once: true });
    }
    const joined = hub;
    joined.#callbacks.add(callback);
    return () => joined.#leave(callback);
  }

  private constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  handleEvent(): void {
    SignalHub.#hubs.delete(this.#signal);
    callAll(this.#callbacks, this.#signal.reason);
  }

  #leave(callback: OnAbort): void {
    if (!this.#callbacks.delete(callback) || this.#callbacks.size > 0) return;
    if (SignalHub.#hubs.get(this.#signal) !== this) return;
    SignalHub.#hubs.delete(this.#signal);
    this.#signal.removeEventListener('abort', this);
  }
}

/** Each model call of a batch listens to its signal, and Node 20 warns of a leak from the eleventh listener on. */
function allowListeners(signal: AbortSignal): void {
  (globalThis as WithModules).process?.getBuiltinModule?.('node:events').setMaxListeners(0, signal);
}
type WithModules = {
  readonly process?: {
    getBuiltinModule?(name: string): { setMaxListeners(count: number, target: EventTarget): void };
  };
};

/** Calls everybody, also when one of them fails. */
function callAll(callbacks: Iterable<OnAbort>, reason: unknown, closing?: PromiseLike<unknown>[]): void {
  for (const callback of callbacks) {
    try {
      const closed = callback(reason);
      if (isPromise(closed)) closing?.push(closed);
    } catch (error) {
      report('what was to be told of an abort failed', error);
    }
  }
}
