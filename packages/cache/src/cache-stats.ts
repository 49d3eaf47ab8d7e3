import type { LlmCacheEvent, LlmRequest, MissReason, UsageMetadata } from '@pipewright/core';

/** What a million tokens cost, in whatever money. */
export interface TokenPrice {
  readonly input: number;
  readonly output: number;
}

export interface CacheStatsOptions {
  /** The price of a request's model, to add up the money avoided. Default: no prices. */
  readonly price?: (request: LlmRequest) => TokenPrice | undefined;
}

/** What a cache has done so far. */
export interface CacheReport {
  /** Answers from the cache, those from calls under way included. */
  readonly hits: number;
  /** Answers from calls that were under way. */
  readonly coalesced: number;
  readonly stale: number;
  readonly misses: number;
  readonly missesBy: Readonly<Partial<Record<MissReason, number>>>;
  readonly bypassed: number;
  readonly stored: number;
  readonly refused: number;
  /** Hits among all calls that looked. */
  readonly hitRatio: number;
  /** How long lookups took, in milliseconds, among the last 1,000. */
  readonly lookupMs: { readonly p50: number; readonly p95: number; readonly p99: number };
  readonly avoided: { readonly inputTokens: number; readonly outputTokens: number; readonly money: number };
}

const SAMPLE_SIZE = 1_000;

/**
 * Counts what happens around a cache.
 *
 * @example
 * ```ts
 * import { setLlmCache } from '@pipewright/core';
 * import { CacheStats, InMemoryCache } from '@pipewright/cache';
 *
 * const stats = new CacheStats({ price: () => ({ input: 0.15, output: 0.6 }) });
 * setLlmCache(new InMemoryCache(), { onEvent: stats.count });
 * const { hitRatio, avoided } = stats.report();
 * setLlmCache(null);
 * ```
 */
export class CacheStats {
  readonly #price: (request: LlmRequest) => TokenPrice | undefined;
  readonly #counts = { hits: 0, coalesced: 0, stale: 0, misses: 0, bypassed: 0, stored: 0, refused: 0 };
  readonly #missesBy: Partial<Record<MissReason, number>> = {};
  readonly #lookups: number[] = [];
  #lookupCount = 0;
  #inputTokens = 0;
  #outputTokens = 0;
  #money = 0;

  constructor({ price = () => undefined }: CacheStatsOptions = {}) {
    this.#price = price;
  }

  /** Give it as `onEvent`. */
  readonly count = (event: LlmCacheEvent): void => {
    const counts = this.#counts;
    if (event.type === 'hit') {
      counts.hits += 1;
      if (event.coalesced) counts.coalesced += 1;
      else this.#timed(event.lookupMs);
      if (event.stale) counts.stale += 1;
      if (event.avoided !== undefined) this.#avoid(event.request, event.avoided);
    } else if (event.type === 'miss') {
      counts.misses += 1;
      this.#missesBy[event.reason] = (this.#missesBy[event.reason] ?? 0) + 1;
      this.#timed(event.lookupMs);
    } else if (event.type === 'bypassed' || event.type === 'stored' || event.type === 'refused') {
      counts[event.type] += 1;
    }
  };

  report(): CacheReport {
    const { hits, misses } = this.#counts;
    const sorted = [...this.#lookups].sort((left, right) => left - right);
    const at = (share: number): number =>
      sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
    return {
      ...this.#counts,
      missesBy: { ...this.#missesBy },
      hitRatio: hits + misses === 0 ? 0 : hits / (hits + misses),
      lookupMs: { p50: at(0.5), p95: at(0.95), p99: at(0.99) },
      avoided: { inputTokens: this.#inputTokens, outputTokens: this.#outputTokens, money: this.#money },
    };
  }

  #timed(milliseconds: number): void {
    this.#lookups[this.#lookupCount % SAMPLE_SIZE] = milliseconds;
    this.#lookupCount += 1;
  }

  #avoid(request: LlmRequest, { input_tokens, output_tokens }: UsageMetadata): void {
    this.#inputTokens += input_tokens;
    this.#outputTokens += output_tokens;
    const { input, output } = this.#price(request) ?? { input: 0, output: 0 };
    this.#money += (input_tokens * input + output_tokens * output) / 1_000_000;
  }
}
