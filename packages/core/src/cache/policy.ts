import type { LlmRequest } from './llm-cache.js';

/** `use` the cache, ask the model and `refresh` what is kept, or `skip` the cache. */
export type CacheDecision = 'use' | 'refresh' | 'skip';

/**
 * Which calls use the cache. `'always'`: all of them. `'deterministic-only'`: those at temperature 0 exactly; a call that
 * does not say is not one of them. `'weighted'`: the higher the temperature, the likelier the model is asked anew (27 % at
 * 1, always from 2); a call that does not say counts as 1. Or a function that decides.
 */
export type LlmCachePolicy =
  | 'always'
  | 'deterministic-only'
  | 'weighted'
  | ((request: LlmRequest) => CacheDecision);

export function decide(policy: LlmCachePolicy | undefined, request: LlmRequest): CacheDecision {
  if (policy === undefined || policy === 'always') return 'use';
  if (policy === 'deterministic-only') return temperatureOf(request) === 0 ? 'use' : 'skip';
  return (policy === 'weighted' ? weighted : policy)(request);
}

/**
 * The policy `'weighted'` with a source of randomness of your own, which gives numbers from 0 up to 1.
 *
 * @example
 * ```ts
 * import { temperatureWeighted, type LlmCacheOptions } from '@pipewright/core';
 *
 * const options: LlmCacheOptions = { policy: temperatureWeighted(() => 0.5) };
 * ```
 */
export function temperatureWeighted(
  random: () => number = Math.random,
): (request: LlmRequest) => CacheDecision {
  return (request) => {
    const temperature = temperatureOf(request) ?? 1;
    if (temperature <= 0) return 'use';
    if (temperature >= 2) return 'refresh';
    // The softmax of (1, 0) / temperature: 0 when cold, a half when hot.
    return random() < 1 / (1 + Math.exp(1 / temperature)) ? 'refresh' : 'use';
  };
}

const weighted = /* @__PURE__ */ temperatureWeighted();

/** The temperature a call runs at, where it or its model says. Not saying is not 0: most providers take 1 then. */
function temperatureOf({ parameters, identity }: LlmRequest): number | undefined {
  const { modelKwargs } = parameters as { readonly modelKwargs?: { readonly temperature?: unknown } };
  for (const value of [modelKwargs?.temperature, parameters.temperature, identity.temperature]) {
    if (typeof value === 'number') return value;
  }
  return undefined;
}
