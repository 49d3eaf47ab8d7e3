import { describe } from './describe.js';
import { ConfigError } from './errors.js';

/** The error for an object whose class leaves out what it works by; in TypeScript the compiler finds it first. */
export function lacking(object: object, member: string): ConfigError {
  return new ConfigError(member, `There is no ${member} in ${describe(object)}; write it in its class.`);
}
