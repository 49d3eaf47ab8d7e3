import { ConfigError } from '@pipewright/core';

export function checkCount(option: string, value: number): void {
  if (Number.isSafeInteger(value) && value >= 1) return;
  throw new ConfigError(option, `${option} is ${String(value)}; give a whole number of at least 1.`);
}

export function checkDuration(option: string, value: number): void {
  if (typeof value === 'number' && value > 0) return;
  throw new ConfigError(option, `${option} is ${String(value)}; give milliseconds greater than 0.`);
}

/** What `setTimeout` can count, in milliseconds: 25 days. A longer wait would end at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** A deadline as a timer takes it. Infinity means none. */
export function checkedDeadline(deadline: number): number {
  checkDuration('deadline', deadline);
  return Math.min(deadline, LONGEST_TIMER_MS);
}

export function checkChoice(option: string, value: string, choices: readonly string[]): void {
  if (choices.includes(value)) return;
  throw new ConfigError(option, `${option} is ${String(value)}; give one of ${choices.join(', ')}.`);
}
