import { own } from '../flow/folds.js';
import { NotPlainDataError } from './canonical.js';

/**
 * A deep copy of arrays and plain objects, several times faster than structuredClone. Anything else is shared: what a
 * caller does to it, everybody sees. Members that are undefined are left out.
 */
export function copyPlain<T>(value: T): T {
  try {
    return copy(value, sharing) as T;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return copyGraph(value) as T;
  }
}

/**
 * A deep copy of what JSON can hold and give back unchanged; members that are undefined are left out.
 *
 * @throws NotPlainDataError naming the path of anything else
 */
export function copyJson<T>(value: T): T {
  try {
    return copy(value, refusing) as T;
  } catch (error) {
    if (error instanceof RangeError) throw new NotPlainDataError('', 'circular or nested too deeply');
    if (error !== NOT_JSON) throw error;
    throw new NotPlainDataError(pathOfProblem(value, '') ?? '', 'a value that JSON cannot hold');
  }
}

/** Thrown without a path: keeping track of it would cost every copy that goes well. */
const NOT_JSON = new Error('not JSON');

type Other = (value: unknown) => unknown;
const sharing: Other = (value) => value;
const refusing: Other = (value) => {
  if (isJsonLeaf(value)) return value;
  throw NOT_JSON;
};

function copy(value: unknown, other: Other): unknown {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map((item) => copy(item, other));
  if (!isPlainObject(value)) return other(value);
  const result: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    const member = value[key];
    if (member !== undefined) own(result, key, copy(member, other));
  }
  return result;
}

/** The same for what goes round in circles, or deeper than the stack: slower, and without recursion. */
function copyGraph(root: unknown): unknown {
  const copies = new Map<object, object>();
  const copyOf = (value: unknown): unknown => {
    if (!Array.isArray(value) && !isPlainObject(value)) return value;
    const made = copies.get(value) ?? (Array.isArray(value) ? [] : {});
    copies.set(value, made);
    return made;
  };
  const result = copyOf(root);
  // Those that are added meanwhile have their turn as well.
  for (const [value, made] of copies) {
    for (const [key, member] of Object.entries(value)) {
      if (member !== undefined) own(made as Record<string, unknown>, key, copyOf(member));
    }
  }
  return result;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function isJsonLeaf(value: unknown): boolean {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  return typeof value === 'number' && Number.isFinite(value);
}

function pathOfProblem(value: unknown, path: string): string | undefined {
  if (Array.isArray(value)) {
    return first(value.map((item, index) => () => pathOfProblem(item, `${path}[${index}]`)));
  }
  if (!isPlainObject(value)) return isJsonLeaf(value) ? undefined : path;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return first(
    members.map(
      ([key, item]) =>
        () =>
          pathOfProblem(item, path === '' ? key : `${path}.${key}`),
    ),
  );
}

function first(finders: readonly (() => string | undefined)[]): string | undefined {
  for (const find of finders) {
    const found = find();
    if (found !== undefined) return found;
  }
  return undefined;
}
