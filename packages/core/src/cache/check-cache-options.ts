import { MAX_TIMER_MS } from '../engine/clock.js';
import { ConfigError } from '../errors.js';
import type { LlmCacheOptions } from './cache-options.js';

const POLICIES: readonly unknown[] = [undefined, 'always', 'deterministic-only', 'weighted'];

/** Refuses options that cannot work, wherever they come in. */
export function checkCacheOptions(options: LlmCacheOptions): void {
  const { scope, policy, samples, onMiss, replay } = options as Record<string, unknown>;
  if (scope !== undefined && typeof scope !== 'string') refuse('scope', typeof scope, 'give a string');
  for (const name of ['ttl', 'staleFor', 'negativeTtl', 'deadline'] as const) {
    if (!isUpTo(Number.POSITIVE_INFINITY, options[name]))
      refuse(name, options[name], 'give milliseconds from 0');
  }
  if (samples !== undefined && !(Number.isInteger(samples) && (samples as number) >= 1)) {
    refuse('samples', samples, 'give a whole number from 1');
  }
  if (typeof policy !== 'function' && !POLICIES.includes(policy)) {
    refuse('policy', policy, 'give "always", "deterministic-only", "weighted" or a function');
  }
  if (onMiss !== undefined && onMiss !== 'ask' && onMiss !== 'fail') {
    refuse('onMiss', onMiss, 'give "ask" or "fail"');
  }
  const delay = replay === 'instant' ? 0 : ((replay ?? {}) as { readonly delay?: unknown }).delay;
  if (replay !== undefined && (delay === undefined || !isUpTo(MAX_TIMER_MS, delay))) {
    refuse('replay', delay ?? replay, `give "instant" or a delay from 0 to ${MAX_TIMER_MS} milliseconds`);
  }
}

function isUpTo(most: number, value: unknown): boolean {
  return value === undefined || (typeof value === 'number' && value >= 0 && value <= most);
}

function refuse(name: string, value: unknown, advice: string): never {
  throw new ConfigError(`cache.${name}`, `cache.${name} is ${String(value)}; ${advice}.`);
}
