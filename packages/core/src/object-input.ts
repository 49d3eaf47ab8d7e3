import { describe } from './describe.js';
import { ConfigError, type PipewrightErrorOptions } from './errors.js';

/** The input of what adds keys to it, which `option` names; refuses anything but an object. */
export function objectInput(option: string, input: unknown, options?: PipewrightErrorOptions): object {
  if (typeof input === 'object' && input !== null && !Array.isArray(input)) return input;
  throw new ConfigError(
    option,
    `${option} adds keys to an object; its input is ${describe(input)}.`,
    options,
  );
}
