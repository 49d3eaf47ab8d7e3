import { ConfigError } from '@pipewright/core';

export function checkCount(option: string, value: number): void {
  if (Number.isSafeInteger(value) && value >= 1) return;
  throw new ConfigError(option, `${option} is ${String(value)}; give a whole number of at least 1.`);
}

export function checkDuration(option: string, value: number): void {
  if (typeof value === 'number' && value > 0) return;
  throw new ConfigError(option, `${option} is ${String(value)}; give milliseconds greater than 0.`);
}

export function checkChoice(option: string, value: string, choices: readonly string[]): void {
  if (choices.includes(value)) return;
  throw new ConfigError(option, `${option} is ${String(value)}; give one of ${choices.join(', ')}.`);
}
