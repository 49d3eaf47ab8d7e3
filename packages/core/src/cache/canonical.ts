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
  return encode(value, '', []);
}

function encode(value: unknown, path: string, around: readonly object[]): string {
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
      return value === null ? 'z' : encodeObject(value, path, around);
    case 'bigint':
    case 'symbol':
    case 'function':
      throw new NotPlainDataError(path, `a ${typeof value}`);
  }
}

function encodeObject(value: object, path: string, around: readonly object[]): string {
  if (around.includes(value)) throw new NotPlainDataError(path, 'a circular reference');
  const inside = [...around, value];
  if (Array.isArray(value)) {
    return `a${value.length}[${value.map((item, index) => encode(item, `${path}[${index}]`, inside)).join('')}`;
  }
  if (value instanceof Uint8Array) return `b${value.length}:${hex(value)}`;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    throw new NotPlainDataError(path, `an instance of ${value.constructor?.name ?? 'a class'}`);
  }
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([left], [right]) => (left < right ? -1 : 1));
  const text = members.map(
    ([key, member]) => `${key.length}:${key}${encode(member, path === '' ? key : `${path}.${key}`, inside)}`,
  );
  return `o${members.length}{${text.join('')}`;
}

function hex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text;
}
