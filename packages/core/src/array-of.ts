import { describe } from './describe.js';
import { ConfigError } from './errors.js';

/**
 * The array that an option has to be.
 *
 * @throws ConfigError when it is none, such as a single value, or several arguments in place of one
 */
export function arrayOf<T>(values: readonly T[], option: string): readonly T[] {
  if (Array.isArray(values)) return values;
  throw new ConfigError(option, `${option} is ${describe(values)}; give an array, even of one.`);
}
