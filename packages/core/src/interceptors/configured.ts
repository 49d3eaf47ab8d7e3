import { cacheOption } from '../cache/cache-options.js';
import { checkConfig, type RunnableConfig } from '../engine/config.js';
import type { Interceptor } from './interceptor.js';

/** Binds options: they hold wherever the call leaves them open. Tags and metadata add to those of the call. */
export function configured(config: RunnableConfig): Interceptor {
  checkConfig(config);
  const bound = config ?? {};
  return {
    kind: 'Config',
    options: { ...bound, cache: cacheOption(bound.cache) },
    around: (inner, input, context) => context.within(bound, (within) => inner(input, within)),
  };
}

/** Limits each run of what is inside, in milliseconds. */
export function timeout(timeoutMs: number): Interceptor {
  return { ...configured({ timeout: timeoutMs }), kind: 'Timeout', options: { timeoutMs } };
}
