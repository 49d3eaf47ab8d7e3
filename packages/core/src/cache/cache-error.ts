import { PipewrightError, type PipewrightErrorOptions } from '../errors.js';

/** What was asked of a cache when it failed. */
export type LlmCacheOperation = 'lookup' | 'update';

/**
 * A cache failed, was too slow or did not keep the answer, and the call was `strict`. Without `strict` such a call goes on
 * without the cache.
 */
export class CacheError extends PipewrightError {
  static override readonly name: string = 'CacheError';
  override readonly code = 'CACHE';
  constructor(
    readonly operation: LlmCacheOperation,
    message: string,
    options?: PipewrightErrorOptions,
  ) {
    super(message, { retryable: true, ...options });
  }
}

/** A call that may only be answered from the cache (`onMiss: 'fail'`) was not in it. */
export class CacheMissError extends PipewrightError {
  static override readonly name: string = 'CacheMissError';
  override readonly code = 'CACHE_MISS';
  constructor(
    /** Canonical text of the request that was looked for. */
    readonly key: string,
    message: string,
  ) {
    super(message);
  }
}

export function notKept(model: string, reason: string): CacheError {
  const message = `The answer of ${model} is not kept, which "strict" forbids: ${reason}`;
  return new CacheError('update', message, { retryable: false });
}
