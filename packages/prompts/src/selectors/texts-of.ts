import { textOf } from '../text-value.js';
import { has, type VariableValues } from '../values.js';

/** The values as texts, those of `keys` or all. A value that is undefined is left out. */
export function textsOf(values: VariableValues, keys: readonly string[] = Object.keys(values)): string[] {
  return keys.filter((key) => has(values, key)).map((key) => textOf(values[key], key));
}
