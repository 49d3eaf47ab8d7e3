/** A value now, or a promise of it. */
export type MaybePromise<T> = T | PromiseLike<T>;

export function isPromise(value: unknown): value is PromiseLike<unknown> {
  return (
    ((typeof value === 'object' && value !== null) || typeof value === 'function') &&
    typeof (value as { then?: unknown }).then === 'function'
  );
}

/** Continues with a value as soon as it is there: at once when it is there already, so that synchronous chains stay so. */
export function andThen<A, B>(value: MaybePromise<A>, next: (value: A) => MaybePromise<B>): MaybePromise<B> {
  return isPromise(value) ? value.then(next) : next(value);
}

/** A promise of when both have ended, where either takes time. */
export function both(one: unknown, other: unknown): Promise<unknown> | undefined {
  return isPromise(one) || isPromise(other) ? Promise.all([one, other]) : undefined;
}

/** Keeps a promise that nobody will look at from being reported as an unhandled rejection. */
export function ignore(value: unknown): void {
  if (isPromise(value)) value.then(undefined, () => {});
}

/** Calls `make` for 0 to count - 1. When one call throws, what those before it made is let go of. */
export function collect<T>(
  count: number,
  make: (index: number) => T,
  letGo: (made: T) => void = ignore,
): T[] {
  const made: T[] = [];
  try {
    for (let index = 0; index < count; index += 1) made.push(make(index));
  } catch (error) {
    for (const earlier of made) letGo(earlier);
    throw error;
  }
  return made;
}
