import type { UsageMetadata } from '../messages/ai.js';
import type { LlmCacheOperation } from './cache-error.js';
import type { LlmRequest } from './llm-cache.js';

/** What happens between models and a cache, for logs and counters. */
export type LlmCacheEvent =
  | {
      readonly type: 'hit';
      readonly request: LlmRequest;
      /** True when it came from a call that was under way. */
      readonly coalesced: boolean;
      readonly stale: boolean;
      /** What the answer would have cost. */
      readonly avoided: UsageMetadata | undefined;
      /** How long it took to find, in milliseconds. */
      readonly lookupMs: number;
    }
  | {
      readonly type: 'miss';
      readonly request: LlmRequest;
      readonly reason: MissReason;
      readonly lookupMs: number;
    }
  | { readonly type: 'stored'; readonly request: LlmRequest; readonly usage: UsageMetadata | undefined }
  /** The answer is not kept. */
  | { readonly type: 'refused'; readonly request: LlmRequest; readonly reason: string }
  /** The call does not use the cache. */
  | { readonly type: 'bypassed'; readonly model: string; readonly reason: string }
  /** The cache failed after it had worked. Not repeated for further failures in a row. */
  | { readonly type: 'failing'; readonly operation: LlmCacheOperation; readonly error: unknown }
  /** The cache failed five times in a row and is left alone for a while. */
  | { readonly type: 'disabled'; readonly error: unknown }
  /** The cache works again. */
  | { readonly type: 'recovered' };

/** Why an answer was not found. */
export type MissReason = 'absent' | 'expired' | 'unusable' | 'unavailable' | 'policy';

/** Tells the listener; what it throws does not reach the call. */
export function tell(
  { onEvent }: { readonly onEvent?: (event: LlmCacheEvent) => void },
  event: LlmCacheEvent,
): void {
  if (onEvent === undefined) return;
  try {
    onEvent(event);
  } catch {
    // A counter that fails is no reason to lose an answer.
  }
}
