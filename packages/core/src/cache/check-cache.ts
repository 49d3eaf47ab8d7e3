import { describe } from '../describe.js';
import { ConfigError } from '../errors.js';
import type { LlmCache } from './llm-cache.js';

/**
 * Refuses what is no cache. Fail-open as the calls are, it would never be heard of otherwise. LangChain's caches have the
 * same methods with more arguments, which they are never given.
 *
 * @throws ConfigError
 */
export function checkCache(cache: LlmCache): void {
  const { lookup, update } = cache as Partial<LlmCache>;
  if (typeof lookup === 'function' && typeof update === 'function' && lookup.length < 2 && update.length < 3)
    return;
  throw new ConfigError(
    'cache',
    `This is ${describe(cache)}, and no cache with lookup(request) and update(request, record); ` +
      'give one of @pipewright/cache such as new InMemoryCache(), one of your own, or null for none.',
  );
}
