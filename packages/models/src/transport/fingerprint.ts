import { isCredential } from './header-values.js';

/**
 * A short, stable text that tells headers, or the parameters of a query, apart without showing them: they may route a
 * request to another model, and so belong to what a cached answer depends on. Credentials do not count: they do not change
 * answers. Values of one name count in their order.
 */
export function fingerprint(named: Iterable<readonly [name: string, value: string]>): string | undefined {
  const counted = [...named]
    .filter(([name]) => !isCredential(name))
    .sort(([one], [other]) => (one === other ? 0 : one < other ? -1 : 1));
  if (counted.length === 0) return undefined;
  const text = JSON.stringify(counted);
  return hash(text, 0x811c9dc5) + hash(text, 0x01234567);
}

/** FNV-1a. */
function hash(text: string, seed: number): string {
  let sum = seed;
  for (let at = 0; at < text.length; at += 1) sum = Math.imul(sum ^ text.charCodeAt(at), 0x01000193);
  return (sum >>> 0).toString(16).padStart(8, '0');
}
