import { LimitExceededError } from '@pipewright/core';

/** In UTF-16 units. A template that repeats a large value, or nests sections over one list, could fill the memory. */
const MAX_OUTPUT = 64 * 1024 * 1024;

/** @throws LimitExceededError when a text that is being made has become too long */
export function checkOutput(length: number): void {
  if (length <= MAX_OUTPUT) return;
  throw new LimitExceededError(
    'promptLength',
    MAX_OUTPUT,
    `The filled-in template has more than ${MAX_OUTPUT} characters. Pass smaller values, or repeat them less.`,
  );
}
