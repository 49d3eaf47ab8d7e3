/** Adds chunks up, one run at a time. A value that it gave stays as it is when more is added. */
export interface Accumulator<Chunk, T> {
  add(chunk: Chunk): void;
  value(): T;
}

/** Opens an accumulator: the way a producer says how its chunks make the whole value. */
export type Fold<Chunk, T> = () => Accumulator<Chunk, T>;

/** Strings, one after the other. No chunks make an empty string. */
export const text: Fold<string, string> = () => {
  let total = '';
  return {
    add: (chunk) => {
      total += chunk;
    },
    value: () => total,
  };
};

/** The last chunk is the whole, as with growing snapshots. No chunks make undefined. */
export const last = <T>(): Accumulator<T, T> => {
  let total: T | undefined;
  return {
    add: (chunk) => {
      total = chunk;
    },
    value: () => total as T,
  };
};

/** All chunks in an array. */
export const list = <T>(): Accumulator<T, T[]> => {
  const total: T[] = [];
  return { add: (chunk) => void total.push(chunk), value: () => total.slice() };
};

/** Arrays, one after the other. */
export const concat = <T>(): Accumulator<readonly T[], T[]> => {
  const total: T[] = [];
  return {
    add: (chunk) => {
      for (const item of chunk) total.push(item);
    },
    value: () => total.slice(),
  };
};

/** Byte arrays, one after the other. */
export const bytes: Fold<Uint8Array, Uint8Array> = () => {
  const parts: Uint8Array[] = [];
  return {
    add: (chunk) => void parts.push(chunk),
    value: () => {
      const total = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
      let offset = 0;
      for (const part of parts) {
        total.set(part, offset);
        offset += part.length;
      }
      return total;
    },
  };
};

/**
 * For chunks whose producer says nothing (a user's generator): decided by the first chunk. Strings and byte arrays
 * append, arrays append, plain objects merge key by key by the same rule, a chunk with `fold` brings its own (message
 * chunks do), and of anything else the last one counts. Numbers are not added up. No chunks make undefined.
 */
export const natural: Fold<unknown, unknown> = () => {
  let inner: Accumulator<unknown, unknown> | undefined;
  let kind: Fold<unknown, unknown> | undefined;
  return {
    add: (chunk) => {
      const fits = foldFor(chunk);
      if (inner === undefined || fits !== kind) {
        // Chunks of different kinds do not combine: as with any two values that do not, the newer one counts.
        kind = fits;
        inner = fits();
      }
      inner.add(chunk);
    },
    value: () => inner?.value(),
  };
};

function foldFor(chunk: unknown): Fold<unknown, unknown> {
  if (typeof chunk === 'string') return text as Fold<unknown, unknown>;
  if (typeof chunk !== 'object' || chunk === null) return last;
  // A class of chunks that knows how its own kind adds up, such as pieces of messages, has this method.
  const own = (chunk as Record<string, unknown>)['~fold'];
  if (typeof own === 'function') return own as Fold<unknown, unknown>;
  if (Array.isArray(chunk)) return concat as Fold<unknown, unknown>;
  if (chunk instanceof Uint8Array) return bytes as Fold<unknown, unknown>;
  const prototype: unknown = Object.getPrototypeOf(chunk);
  return prototype === Object.prototype || prototype === null ? naturalByKey : last;
}

const naturalByKey: Fold<unknown, unknown> = () => {
  const totals = new Map<string, Accumulator<unknown, unknown>>();
  return {
    add: (chunk) => {
      for (const [key, value] of Object.entries(chunk as object)) {
        let total = totals.get(key);
        if (total === undefined) totals.set(key, (total = natural()));
        total.add(value);
      }
    },
    value: () => record(totals),
  };
};

/**
 * One-key objects `{ [key]: chunk }`, as parallel branches produce them: each key by its own fold, in the order of
 * `keys`, every key present.
 */
export function byKey(
  keys: readonly string[],
  foldOf: (key: string) => Fold<unknown, unknown>,
): Fold<Readonly<Record<string, unknown>>, Record<string, unknown>> {
  return () => {
    const totals = new Map<string, Accumulator<unknown, unknown>>();
    const total = (key: string): Accumulator<unknown, unknown> => {
      let found = totals.get(key);
      if (found === undefined) totals.set(key, (found = foldOf(key)()));
      return found;
    };
    return {
      add: (chunk) => {
        for (const key of Object.keys(chunk)) total(key).add(chunk[key]);
      },
      value: () => record(keys.map((key) => [key, total(key)])),
    };
  };
}

function record(totals: Iterable<readonly [string, Accumulator<unknown, unknown>]>): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [key, total] of totals) own(result, key, total.value());
  return result;
}

/** Sets a key as data even when it is called `__proto__`. */
export function own(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  } else {
    target[key] = value;
  }
}
