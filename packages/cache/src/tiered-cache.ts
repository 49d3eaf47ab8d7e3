import {
  andThen,
  attemptLlmCache,
  ConfigError,
  isPromise,
  type LlmCache,
  type LlmCacheSelector,
  type LlmRecord,
  type LlmRequest,
  type MaybePromise,
  type Outcome,
} from '@pipewright/core';
import { checkDuration, checkedDeadline } from './option-checks.js';
import {
  isPortable,
  type CacheContents,
  type Entries,
  type ExportedEntry,
  type PortableCache,
} from './portable-cache.js';

export interface TieredCacheOptions {
  /** How long an answer is kept that does not say so itself, in milliseconds. Default 24 hours. */
  readonly ttl?: number;
  /** How long one tier may take, in milliseconds, before the next is asked. Default 100. Infinity for no limit. */
  readonly deadline?: number;
}

const DEFAULT_TTL_MS = 24 * 60 * 60 * 1_000;
const DEFAULT_DEADLINE_MS = 100;

/**
 * Several caches as one, the fastest first. An answer is kept in all of them; one that is found further down is put into
 * those above it. A tier that fails or is slow is passed over, and after five failures left alone for a while.
 *
 * @example
 * ```ts
 * import { InMemoryCache, TieredCache } from '@pipewright/cache';
 *
 * const shared = new InMemoryCache({ maxEntries: 10_000 }); // a SQLiteCache or a RedisCache, as a rule
 * const cache = new TieredCache([new InMemoryCache({ maxEntries: 100 }), shared]);
 * ```
 */
export class TieredCache implements PortableCache {
  readonly #tiers: readonly LlmCache[];
  readonly #ttl: number;
  readonly #deadline: number;
  #hits = 0;
  #misses = 0;

  constructor(tiers: readonly LlmCache[], options: TieredCacheOptions = {}) {
    const { ttl = DEFAULT_TTL_MS, deadline = DEFAULT_DEADLINE_MS } = options;
    if (tiers.length === 0) throw new ConfigError('tiers', 'A tiered cache needs at least one cache.');
    checkDuration('ttl', ttl);
    this.#tiers = [...tiers];
    this.#ttl = ttl;
    this.#deadline = checkedDeadline(deadline);
  }

  lookup(request: LlmRequest): MaybePromise<LlmRecord | undefined> {
    return andThen(this.#lookupFrom(0, 0, request), (record) => {
      if (record === undefined) this.#misses += 1;
      else this.#hits += 1;
      return record;
    });
  }

  /** Every tier gets the same end of its time: one that counted anew would give what the others have dropped. */
  update(request: LlmRequest, record: LlmRecord): MaybePromise<void | false> {
    // A record is JSON, which has no Infinity.
    const { expiresAt = Math.min(Date.now() + this.#ttl, Number.MAX_SAFE_INTEGER) } = record;
    const dated = { ...record, expiresAt };
    const written = this.#tiers.map((tier) => this.#write(tier, request, dated));
    return andThen(all(written), (outcomes) => {
      if (outcomes.every((outcome) => 'failed' in outcome)) throw new Error('No tier could keep the answer.');
      return outcomes.some((outcome) => 'value' in outcome && outcome.value !== false) ? undefined : false;
    });
  }

  delete(request: LlmRequest): MaybePromise<void> {
    return andThen(
      this.#each((tier) => tier.delete?.(request)),
      () => undefined,
    );
  }

  clear(scope?: string): MaybePromise<void> {
    return andThen(
      this.#each((tier) => tier.clear?.(scope)),
      () => undefined,
    );
  }

  /** Gives the most that a tier dropped. */
  invalidate(selector: LlmCacheSelector): MaybePromise<number> {
    const dropped = this.#each((tier) => tier.invalidate?.(selector) ?? 0);
    return andThen(dropped, (counts) => Math.max(...counts));
  }

  /** Of the tiers that can tell: the entries of the fullest, the bytes of all. Hits and misses are those of the whole. */
  stats(): MaybePromise<CacheContents> {
    return andThen(all(this.#portable().map((tier) => tier.stats())), (contents) => ({
      entries: Math.max(...contents.map(({ entries }) => entries)),
      bytes: contents.reduce((sum, { bytes }) => sum + bytes, 0),
      hits: this.#hits,
      misses: this.#misses,
    }));
  }

  /** The answers of the last tier that can give them: those above have no others, as a rule. */
  async *export(): AsyncGenerator<ExportedEntry, void> {
    yield* (this.#portable().at(-1) as PortableCache).export();
  }

  /** Into all tiers that can take them over. */
  async import(entries: Entries): Promise<void> {
    for await (const entry of entries) {
      for (const tier of this.#portable()) await tier.import([entry]);
    }
  }

  close(): MaybePromise<void> {
    return andThen(
      this.#each((tier) => tier.close?.()),
      () => undefined,
    );
  }

  /** Asks every tier, also when one of them fails, and then fails as that one did. */
  #each<T>(work: (tier: LlmCache) => MaybePromise<T>): MaybePromise<readonly T[]> {
    const failures: unknown[] = [];
    const fail = (error: unknown): undefined => void failures.push(error);
    const asked = this.#tiers.map((tier) => {
      try {
        const result = work(tier);
        return isPromise(result) ? result.then(undefined, fail) : result;
      } catch (error) {
        return fail(error);
      }
    });
    return andThen(all(asked), (results) => {
      if (failures.length > 0) throw failures[0];
      return results as readonly T[];
    });
  }

  #portable(): readonly [PortableCache, ...PortableCache[]] {
    const [first, ...others] = this.#tiers.filter(isPortable);
    if (first !== undefined) return [first, ...others];
    throw new ConfigError('tiers', 'No tier can be counted, exported or imported into.');
  }

  #lookupFrom(place: number, failed: number, request: LlmRequest): MaybePromise<LlmRecord | undefined> {
    const tier = this.#tiers[place];
    if (tier === undefined) {
      if (failed === this.#tiers.length) throw new Error('No tier could be asked.');
      return undefined;
    }
    const asked = attemptLlmCache(this.#use(tier), 'lookup', () => tier.lookup(request));
    return andThen(asked, (outcome): MaybePromise<LlmRecord | undefined> => {
      const record = 'value' in outcome ? outcome.value : undefined;
      if (record === undefined || record === null) {
        return this.#lookupFrom(place + 1, failed + ('failed' in outcome ? 1 : 0), request);
      }
      for (const above of this.#tiers.slice(0, place)) void this.#write(above, request, record);
      return record;
    });
  }

  #write(tier: LlmCache, request: LlmRequest, record: LlmRecord): MaybePromise<Outcome<void | false>> {
    return attemptLlmCache(this.#use(tier), 'update', () => tier.update(request, record));
  }

  #use(cache: LlmCache) {
    return { cache, deadline: this.#deadline };
  }
}

function all<T>(values: readonly MaybePromise<T>[]): MaybePromise<readonly T[]> {
  return values.some(isPromise) ? Promise.all(values) : (values as readonly T[]);
}
