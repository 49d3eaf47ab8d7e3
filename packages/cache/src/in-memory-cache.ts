import type { LlmCacheSelector, LlmRecord, LlmRequest, MaybePromise } from '@pipewright/core';
import { digestedSelector, keyed, keyOfDigest, unkeyed } from './digested-entries.js';
import { evictionOrder, type Eviction, type EvictionOrder } from './eviction.js';
import { checkChoice, checkCount, checkDuration } from './option-checks.js';
import type { CacheContents, Entries, ExportedEntry, KeyedEntry, PortableCache } from './portable-cache.js';

export interface InMemoryCacheOptions {
  /** How many answers are kept at most. Default 1,000. */
  readonly maxEntries?: number;
  /** How many bytes of keys and answers are kept at most. Default 64 MiB. */
  readonly maxBytes?: number;
  /** What has to make room first. Default `'lru'`, the least recently used. */
  readonly eviction?: Eviction;
  /** How long an answer is kept that does not say so itself, in milliseconds. Default: no limit. */
  readonly ttl?: number;
  /** How long an answer is kept that nobody asks for, in milliseconds. Default: no limit. */
  readonly idleTtl?: number;
  /** Tells the time in milliseconds since 1970. Default `Date.now`. */
  readonly clock?: () => number;
  /** Gives numbers from 0 up to 1, for random eviction. Default `Math.random`. */
  readonly random?: () => number;
}

const DEFAULT_ENTRIES = 1_000;
const DEFAULT_BYTES = 64 * 1024 * 1024;
const EVICTIONS = ['lru', 'lfu', 'fifo', 'random'] as const;

interface Entry {
  readonly key: string;
  /** A copy, frozen throughout: whoever holds what a lookup gave can change nothing here. */
  readonly record: LlmRecord;
  readonly bytes: number;
  readonly model: string;
  readonly scope: string;
  readonly tags: readonly string[];
  readonly dropAt: number;
  /** Until when it is kept if nobody asks for it. */
  idleUntil: number;
}

/** What is in a cache, and how it has been used since it was made. */
export interface InMemoryCacheStats extends CacheContents {
  readonly evictions: number;
}

/**
 * Keeps answers in this process's memory, the least recently used going first when there are too many or too large.
 *
 * @example
 * ```ts
 * import { setLlmCache } from '@pipewright/core';
 * import { InMemoryCache } from '@pipewright/cache';
 *
 * setLlmCache(new InMemoryCache({ maxEntries: 500, ttl: 3_600_000 }));
 * setLlmCache(null);
 * ```
 */
export class InMemoryCache implements PortableCache {
  readonly #maxEntries: number;
  readonly #maxBytes: number;
  readonly #ttl: number;
  readonly #idleTtl: number;
  readonly #clock: () => number;
  readonly #entries = new Map<string, Entry>();
  readonly #newOrder: () => EvictionOrder;
  #order: EvictionOrder;
  #bytes = 0;
  #hits = 0;
  #misses = 0;
  #evictions = 0;
  /** Whether it was given entries of which it has no keys, which it would have to look for by digest. */
  #hasDigested = false;

  constructor(options: InMemoryCacheOptions = {}) {
    const { maxEntries = DEFAULT_ENTRIES, maxBytes = DEFAULT_BYTES, eviction = 'lru' } = options;
    const { ttl = Infinity, idleTtl = Infinity, clock = Date.now, random = Math.random } = options;
    checkCount('maxEntries', maxEntries);
    checkCount('maxBytes', maxBytes);
    checkDuration('ttl', ttl);
    checkDuration('idleTtl', idleTtl);
    checkChoice('eviction', eviction, EVICTIONS);
    this.#maxEntries = maxEntries;
    this.#maxBytes = maxBytes;
    this.#ttl = ttl;
    this.#idleTtl = idleTtl;
    this.#clock = clock;
    this.#newOrder = () => evictionOrder(eviction, random);
    this.#order = this.#newOrder();
  }

  /** How many answers are kept now. Those past their time count until somebody asks for them. */
  get size(): number {
    return this.#entries.size;
  }

  /** How many bytes they take: two for each UTF-16 unit of key and record. */
  get bytes(): number {
    return this.#bytes;
  }

  stats(): InMemoryCacheStats {
    return {
      entries: this.size,
      bytes: this.#bytes,
      hits: this.#hits,
      misses: this.#misses,
      evictions: this.#evictions,
    };
  }

  lookup(request: LlmRequest): LlmRecord | undefined {
    const { key } = request;
    const entry = this.#entries.get(key);
    if (entry === undefined || this.#isOver(entry)) {
      this.#remove(key);
      if (this.#hasDigested && this.#claim(request)) return this.lookup(request);
      this.#misses += 1;
      return undefined;
    }
    this.#hits += 1;
    // The entry's own string: an equal one would have to be compared letter by letter.
    this.#order.use(entry.key);
    if (this.#idleTtl !== Infinity) entry.idleUntil = this.#clock() + this.#idleTtl;
    return entry.record;
  }

  update({ key, model, scope }: LlmRequest, record: LlmRecord): void {
    if (this.#hasDigested) this.#remove(keyOfDigest(key));
    this.#put({ key, model, scope, record });
  }

  delete({ key }: LlmRequest): void {
    this.#remove(key);
    if (this.#hasDigested) this.#remove(keyOfDigest(key));
  }

  invalidate(selector: LlmCacheSelector): number {
    const selectors = this.#hasDigested ? [selector, digestedSelector(selector)] : [selector];
    let dropped = 0;
    for (const [key, entry] of this.#entries) {
      if (!selectors.some((one) => applies(one, key, entry))) continue;
      this.#remove(key);
      dropped += 1;
    }
    return dropped;
  }

  clear(scope?: string): void {
    if (scope !== undefined) {
      this.invalidate({ scope });
      return;
    }
    this.#entries.clear();
    this.#order = this.#newOrder();
    this.#bytes = 0;
    this.#hasDigested = false;
  }

  /** Every answer that is good now, as plain data. */
  *export(): Generator<ExportedEntry, void> {
    // A list of its own, which nothing is added to meanwhile.
    const good = [...this.#entries.values()].filter((entry) => !this.#isOver(entry));
    for (const { key, model, scope, record, dropAt } of good) {
      yield unkeyed({ key, model, scope, record, ...(dropAt !== Infinity && { dropAt }) });
    }
  }

  /** Takes over what another cache exported. What came without its key does not replace what is here. */
  import(entries: Iterable<ExportedEntry>): void;
  import(entries: Entries): MaybePromise<void>;
  import(entries: Entries): MaybePromise<void> {
    if (!(Symbol.iterator in entries)) return this.#importLater(entries);
    for (const entry of entries) this.#take(entry);
    return undefined;
  }

  async #importLater(entries: AsyncIterable<ExportedEntry>): Promise<void> {
    for await (const entry of entries) this.#take(entry);
  }

  #take(entry: ExportedEntry): void {
    if (!('key' in entry)) this.#hasDigested = true;
    this.#put(keyed(entry));
  }

  /** Puts what was imported by its digest where it is looked for, once somebody does. */
  #claim({ key, model, scope }: LlmRequest): boolean {
    const name = keyOfDigest(key);
    const entry = this.#entries.get(name);
    this.#remove(name);
    if (entry === undefined || this.#isOver(entry)) return false;
    this.#put({ key, model, scope, record: entry.record, dropAt: entry.dropAt });
    return true;
  }

  #put({ key, model, scope, record, dropAt: end }: KeyedEntry): void {
    this.#remove(key);
    const now = this.#clock();
    const text = JSON.stringify(record);
    const bytes = 2 * (key.length + text.length);
    const dropAt = end ?? record.staleUntil ?? record.expiresAt ?? now + this.#ttl;
    // One answer larger than the whole cache would only push everything else out.
    if (bytes > this.#maxBytes || dropAt <= now) return;
    const kept = frozen(JSON.parse(text) as LlmRecord);
    const tags = kept.tags ?? [];
    const idleUntil = now + this.#idleTtl;
    this.#entries.set(key, { key, record: kept, bytes, model, scope, tags, dropAt, idleUntil });
    this.#order.add(key);
    this.#bytes += bytes;
    while (this.#entries.size > this.#maxEntries || this.#bytes > this.#maxBytes) this.#evict(key);
  }

  /** Makes room. What was just put in stays, whatever the order says: it would never get to be used. */
  #evict(kept: string): void {
    this.#order.remove(kept);
    const key = this.#order.next();
    this.#order.add(kept);
    if (key === undefined) return;
    this.#remove(key);
    this.#evictions += 1;
  }

  /** Most entries have no end, and telling the time for them would be a good part of a lookup. */
  #isOver({ dropAt, idleUntil }: Entry): boolean {
    const end = Math.min(dropAt, idleUntil);
    return end !== Infinity && end <= this.#clock();
  }

  #remove(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#order.remove(key);
    this.#bytes -= entry.bytes;
  }
}

function applies({ key, tag, model, scope }: LlmCacheSelector, ofKey: string, entry: Entry): boolean {
  if (key !== undefined && key !== ofKey) return false;
  if (tag !== undefined && !entry.tags.includes(tag)) return false;
  if (model !== undefined && model !== entry.model) return false;
  return scope === undefined || scope === entry.scope;
}

function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const member of Object.values(value)) frozen(member);
  return Object.freeze(value);
}
