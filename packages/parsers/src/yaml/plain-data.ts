import { folds, overLimit, type ParseLimits } from '@pipewright/core';

/**
 * A copy of a value that has nothing in it but what JSON has; throws TypeError when it has. Checks the limits on the way.
 */
export function plainData(value: unknown, limits: Required<ParseLimits>): unknown {
  let members = 0;
  const copied = (source: unknown, depth: number): unknown => {
    if (typeof source !== 'object' || source === null) return isScalar(source) ? source : refuse();
    if (depth >= limits.maxDepth) throw overLimit('maxDepth', limits.maxDepth);
    const keys = Object.keys(source);
    members += keys.length;
    if (members > limits.maxMembers) throw overLimit('maxMembers', limits.maxMembers);
    if (Array.isArray(source)) return source.map((item) => copied(item, depth + 1));
    if (Object.getPrototypeOf(source) !== Object.prototype) return refuse();
    const copy: Record<string, unknown> = {};
    for (const key of keys) folds.own(copy, key, copied((source as Record<string, unknown>)[key], depth + 1));
    return copy;
  };
  return copied(value, 0);
}

function isScalar(value: unknown): boolean {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}

function refuse(): never {
  throw new TypeError('A tag of the text makes something other than plain data');
}
