import type { Accumulator } from '../flow/folds.js';
import { own } from '../flow/folds.js';
import type { JsonPatch, JsonPatchOperation } from './patches.js';

type Container = Record<string, unknown> | unknown[];

/**
 * Applies patches one after the other to nothing, as far as they add and replace. Values are copied: neither the patches
 * nor what is made of them change one another.
 */
export function patchFold(): Accumulator<JsonPatch, unknown> {
  let whole: unknown;
  const apply = ({ path, value }: JsonPatchOperation): void => {
    const keys = path.split('/').slice(1).map(unescaped);
    const key = keys.pop();
    if (key === undefined) {
      whole = copied(value);
      return;
    }
    let target = whole as Container;
    for (const step of keys) target = (target as Record<string, Container>)[step] as Container;
    own(target as Record<string, unknown>, key, copied(value));
  };
  return {
    add: (patch) => {
      for (const operation of patch) apply(operation);
    },
    value: () => copied(whole),
  };
}

function unescaped(key: string): string {
  return key.replaceAll('~1', '/').replaceAll('~0', '~');
}

/** Values are no deeper than the reader's limit, so a recursive copy is safe. */
function copied(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copied);
  if (typeof value !== 'object' || value === null) return value;
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value)) own(copy, key, copied((value as Record<string, unknown>)[key]));
  return copy;
}
