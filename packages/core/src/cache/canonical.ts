/** A value that cannot be written down exactly, and where it stands. */
export class NotPlainDataError extends TypeError {
  constructor(
    readonly path: string,
    what: string,
  ) {
    super(`${path === '' ? 'The value' : path} is ${what}, which is not plain data.`);
    this.name = 'NotPlainDataError';
  }
}

/**
 * Plain data as text, such that two values have the same text only if they are the same: every part carries its type and
 * length, keys are sorted, members that are undefined are left out. Lone surrogates, `__proto__` keys, -0 and NaN keep
 * their identity.
 *
 * @throws NotPlainDataError for functions, symbols, bigints, class instances and circular references, naming the path
 */
export function canonical(value: unknown): string {
  try {
    return encode(value, undefined);
  } catch (error) {
    if (error !== REFUSED && !(error instanceof RangeError)) throw error;
    // Keeping track of paths would cost every value that can be written down; a second look finds the one that cannot.
    throw problemOf(value, '', []) ?? error;
  }
}

/**
 * A part that most values do without, in canonical text; one that is not there leaves no trace.
 *
 * @param place - one digit, by which the part is told from the others
 */
export function optionalPart(place: number, value: unknown): string {
  return value === undefined ? '' : place + canonical(value);
}

const REFUSED = new Error('not plain data');

/** The objects around a value, innermost first. */
interface Around {
  readonly value: object;
  readonly next: Around | undefined;
}

function encode(value: unknown, around: Around | undefined): string {
  switch (typeof value) {
    case 'string':
      return `s${value.length}:${value}`;
    case 'number':
      return `n${Object.is(value, -0) ? '-0' : value};`;
    case 'boolean':
      return value ? 't' : 'f';
    case 'undefined':
      return 'u';
    case 'object':
      return value === null ? 'z' : encodeObject(value, around);
    case 'bigint':
    case 'symbol':
    case 'function':
      throw REFUSED;
  }
}

function encodeObject(value: object, around: Around | undefined): string {
  for (let outer = around; outer !== undefined; outer = outer.next) if (outer.value === value) throw REFUSED;
  const inside: Around = { value, next: around };
  if (Array.isArray(value)) {
    let text = `a${value.length}[`;
    for (const item of value) text += encode(item, inside);
    return text;
  }
  if (value instanceof Uint8Array) return `b${value.length}:${hex(value)}`;
  const keys = Object.keys(value);
  if (!isPlain(value, keys.length)) throw REFUSED;
  inOrder(keys);
  let count = 0;
  let text = '';
  for (const key of keys) {
    const member: unknown = (value as Record<string, unknown>)[key];
    if (member === undefined) continue;
    count += 1;
    text += `${key.length}:${key}${encode(member, inside)}`;
  }
  return `o${count}{${text}`;
}

/** Most objects are written with few keys, often in order already, and sorting would cost more than all the rest. */
function inOrder(keys: string[]): void {
  for (let index = 1; index < keys.length; index += 1) {
    if ((keys[index - 1] as string) > (keys[index] as string)) {
      keys.sort();
      return;
    }
  }
}

/**
 * Whether a value is an object of so many members and nothing more: what is hidden from Object.keys may still reach the
 * provider, and would not be told apart here.
 */
export function isPlain(value: object, visible: number): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return false;
  // Reflect.ownKeys gives both at once, at twice the cost.
  return (
    Object.getOwnPropertyNames(value).length === visible && Object.getOwnPropertySymbols(value).length === 0
  );
}

function problemOf(value: unknown, path: string, around: readonly object[]): NotPlainDataError | undefined {
  if (typeof value !== 'object' || value === null) {
    const refused = typeof value === 'bigint' || typeof value === 'symbol' || typeof value === 'function';
    return refused ? new NotPlainDataError(path, `a ${typeof value}`) : undefined;
  }
  if (around.includes(value)) return new NotPlainDataError(path, 'a circular reference');
  if (value instanceof Uint8Array) return undefined;
  if (!Array.isArray(value) && !isPlain(value, Object.keys(value).length)) {
    const hidden = Object.getPrototypeOf(value) === Object.prototype || Object.getPrototypeOf(value) === null;
    const what = hidden
      ? 'an object with hidden members'
      : `an instance of ${value.constructor?.name ?? 'a class'}`;
    return new NotPlainDataError(path, what);
  }
  for (const [key, member] of Object.entries(value)) {
    const inner = Array.isArray(value) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`;
    const problem = problemOf(member, inner, [...around, value]);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function hex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text;
}
