/** Nobody's data is nested deeper, and no stack overflows before that. */
const MAX_DEPTH = 100;

/** JSON of any value: circles, bigints, errors, and what cannot be read or is nested too deep, are named in it. */
export function anyJson(value: unknown): string {
  return JSON.stringify(plain(() => value, []));
}

/** A copy that JSON can hold. Each part is read by itself, so that one that cannot be read costs nothing but itself. */
function plain(read: () => unknown, around: readonly unknown[]): unknown {
  try {
    const value = read();
    if (typeof value === 'bigint') return String(value);
    if (typeof value !== 'object' || value === null) return value;
    if (around.includes(value)) return '[circular]';
    if (around.length === MAX_DEPTH) return '[nested too deep]';
    // Not by a form of its own: that of others' errors may hold the request, its key included.
    if (value instanceof Error) return { name: value.name, message: value.message };
    const { toJSON } = value as { readonly toJSON?: unknown };
    const shown: unknown = typeof toJSON === 'function' ? toJSON.call(value) : value;
    if (typeof shown !== 'object' || shown === null) return typeof shown === 'bigint' ? String(shown) : shown;
    const inner = [...around, value];
    const member = (key: PropertyKey): unknown => plain(() => shown[key as never], inner);
    return Array.isArray(shown)
      ? shown.map((_, index) => member(index))
      : Object.fromEntries(Object.keys(shown).map((key) => [key, member(key)]));
  } catch {
    return '[unreadable]';
  }
}
