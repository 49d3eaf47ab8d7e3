import { DeserializationError } from '../errors.js';

/** Structure that was read: an object, of the keys given if any are. */
export function record(
  given: unknown,
  path: string,
  keys?: readonly string[],
): Readonly<Record<string, unknown>> {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new DeserializationError(path, 'An object should stand here.');
  }
  const unknown = keys && Object.keys(given).find((key) => !keys.includes(key));
  if (unknown !== undefined)
    throw new DeserializationError(`${path}.${unknown}`, 'Nothing of this name should stand here.');
  // What was parsed has the prototype of objects, and names that are not its own are not its members.
  return Object.assign(Object.create(null) as Record<string, unknown>, given);
}

export function list(given: unknown, path: string): readonly unknown[] {
  if (Array.isArray(given)) return given;
  throw new DeserializationError(path, 'A list should stand here.');
}

export function pair(given: unknown, path: string): readonly [string, unknown] {
  const [key, value, ...others] = list(given, path);
  if (isText(key) && value !== undefined && others.length === 0) return [key, value];
  throw new DeserializationError(path, 'A pair of a key and a value should stand here.');
}

/** Whether it is the number of a place in a table. */
export function isPlace(given: unknown): given is number {
  return Number.isInteger(given) && (given as number) >= 0;
}

export function isText(given: unknown): given is string {
  return typeof given === 'string';
}
