import { isCredential } from './header-values.js';

/**
 * A short, stable text that tells headers apart without showing them: they may route a request to another model, and so
 * belong to what a cached answer depends on. Credentials do not count: they do not change answers.
 */
export function headerFingerprint(headers: Readonly<Record<string, string>>): string | undefined {
  const counted = Object.entries(headers)
    .filter(([name]) => !isCredential(name))
    .map(([name, value]): [string, string] => [name.toLowerCase(), value])
    .sort(([one], [other]) => (one < other ? -1 : 1));
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
