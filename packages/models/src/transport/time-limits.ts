import { ConfigError } from '@pipewright/core';

/** How long a call may take, in milliseconds. Infinity means no limit. */
export interface TimeLimits {
  /** The whole call, retries and the waits between them included. */
  readonly total: number;
  /** From sending a streamed request to its first event. Comments that keep the connection alive do not count. */
  readonly firstEvent: number;
  /** Between any two arrivals of bytes, comments included, once the answer's headers are there. */
  readonly idle: number;
}

/** What `setTimeout` can count; a longer wait would fire at once. */
const LONGEST = 2 ** 31 - 1;

/** @throws ConfigError naming the option when a limit cannot be counted */
export function timeLimit(option: string, value: number | undefined, fallback: number): number {
  if (value === undefined) return fallback;
  if (value === Number.POSITIVE_INFINITY || (typeof value === 'number' && value > 0 && value <= LONGEST))
    return value;
  throw new ConfigError(
    option,
    `${option} is ${String(value)}; give milliseconds greater than 0 and at most ${LONGEST}, or Infinity for no limit.`,
  );
}
