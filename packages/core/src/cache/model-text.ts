import { canonical, isPlain } from './canonical.js';

/** What tells a model from others. */
export interface ModelIdentity {
  readonly model: string;
  readonly identity: Readonly<Record<string, unknown>>;
}

/** What a model was last written as, and of what. */
interface Written {
  readonly name: string;
  readonly keys: readonly string[];
  readonly values: readonly unknown[];
  readonly text: string;
}

const lastWritten = new WeakMap<object, Written>();

/**
 * A model's name and identity in canonical text. Most models say the same of themselves at every call, and then it is not
 * written again. Any model may change between two calls, so all that it says is compared, which is quicker than writing.
 */
export function modelText(model: object, said: ModelIdentity): string {
  const last = lastWritten.get(model);
  if (last !== undefined && isSaidAgain(last, said)) return last.text;
  const { model: name, identity } = said;
  // Joined, it lies in one piece; a sum would be put together anew in every key that it becomes a part of.
  const text = [canonical(name), canonical(identity)].join('');
  const [keys, values] = [Object.keys(identity), Object.values(identity)];
  // An object would still be itself after a change inside it.
  if (!values.some(isObject)) lastWritten.set(model, { name, keys, values, text });
  return text;
}

function isSaidAgain({ name, keys, values }: Written, { model, identity }: ModelIdentity): boolean {
  const now = Object.keys(identity);
  if (model !== name || now.length !== keys.length || !isPlain(identity, now.length)) return false;
  return keys.every((key, index) => key === now[index] && Object.is(identity[key], values[index]));
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}
