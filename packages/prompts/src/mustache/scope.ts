import { has, type VariableValues } from '../values.js';

/** The item that a section is at, and what is around it. Names are looked up from the inside out. */
export interface Scope {
  readonly item: unknown;
  readonly outer: Scope | undefined;
}

/**
 * The value that a path leads to; undefined where there is none. Every step goes to an own property of an object: lists,
 * texts and functions have no names in them, and what is inherited is nobody's.
 */
export function find(path: readonly string[], scope: Scope): unknown {
  const [root] = path;
  if (root === undefined) return scope.item;
  for (let at: Scope | undefined = scope; at !== undefined; at = at.outer) {
    if (isRecord(at.item) && has(at.item, root)) return walk(at.item, path);
  }
  return undefined;
}

function walk(from: VariableValues, path: readonly string[]): unknown {
  let value: unknown = from;
  for (const name of path) {
    if (!isRecord(value) || !has(value, name)) return undefined;
    value = value[name];
  }
  return value;
}

function isRecord(value: unknown): value is VariableValues {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
