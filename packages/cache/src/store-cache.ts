import {
  andThen,
  ConfigError,
  isPromise,
  type LlmCacheSelector,
  type LlmRecord,
  type LlmRequest,
  type MaybePromise,
} from '@pipewright/core';
import { digestOf, scopeDigest } from './digests.js';
import { applies, type Store, type StoreSelector, type StoreSize } from './entry-store.js';
import { Envelope, factsOf, isOtherLayout, type EntryFacts, type EnvelopeOptions } from './envelope.js';
import { checkCount, checkDuration } from './option-checks.js';
import type { CacheContents, Entries, ExportedEntry, PortableCache } from './portable-cache.js';
import { StoreWriteError } from './store-write-error.js';

/** What a cache over a store tells its operator. Not repeated while it goes on. */
export type StoreEvent =
  /** A text was damaged, or not one of ours; it counts as absent. */
  | { readonly type: 'corrupt'; readonly digest: string }
  /** An answer is larger than `maxValueBytes` and was not kept. */
  | { readonly type: 'too-large'; readonly bytes: number }
  /** The store cannot be written any more, or can be again. */
  | { readonly type: 'read-only'; readonly reason: string }
  | { readonly type: 'writable' }
  /** Another process holds the store; answers are not kept meanwhile. */
  | { readonly type: 'busy' }
  /** The file was deleted or replaced, and has been opened anew. */
  | { readonly type: 'reopened' }
  /** The connection is gone, or back. */
  | { readonly type: 'disconnected'; readonly reason: string }
  | { readonly type: 'connected' };

export interface StoreCacheOptions extends EnvelopeOptions {
  /** How long an answer is kept that does not say so itself, in milliseconds. Default 24 hours. */
  readonly ttl?: number;
  /** The largest answer that is kept, in bytes. Default 1 MiB. */
  readonly maxValueBytes?: number;
  /** Told of what happens to the store. */
  readonly onEvent?: (event: StoreEvent) => void;
  /** Tells the time in milliseconds since 1970. Default `Date.now`. */
  readonly clock?: () => number;
}

const DEFAULT_TTL_MS = 24 * 60 * 60 * 1_000;
const MAX_TTL_MS = 10 * 365 * DEFAULT_TTL_MS;
const DEFAULT_VALUE_BYTES = 1024 * 1024;
/** Clocks of machines differ a little; what claims to be from later than this was written by a clock gone wrong. */
const MAX_SKEW_MS = 5 * 60 * 1_000;

/**
 * A cache over any `Store`: the key is the SHA-256 of the canonical request, and the text that is kept carries its
 * version, its checksum and that digest, all checked on reading.
 *
 * @example
 * ```ts
 * import { StoreCache, type Store } from '@pipewright/cache/store';
 *
 * const texts = new Map<string, string>();
 * const store: Store = {
 *   get: (digest) => texts.get(digest),
 *   set: ({ digest, text }) => void texts.set(digest, text),
 *   delete: (digest) => texts.delete(digest),
 *   remove: () => 0,
 * };
 * const cache = new StoreCache(store, { ttl: 60_000 });
 * ```
 */
export class StoreCache implements PortableCache {
  readonly #store: Store;
  readonly #envelope: Envelope;
  readonly #ttl: number;
  readonly #maxValueBytes: number;
  readonly #clock: () => number;
  readonly #onEvent: ((event: StoreEvent) => void) | undefined;
  #hits = 0;
  #misses = 0;

  constructor(store: Store, options: StoreCacheOptions = {}) {
    const { ttl = DEFAULT_TTL_MS, maxValueBytes = DEFAULT_VALUE_BYTES, clock = Date.now, onEvent } = options;
    checkDuration('ttl', ttl);
    checkCount('maxValueBytes', maxValueBytes);
    this.#store = store;
    this.#envelope = new Envelope(options);
    this.#ttl = ttl;
    this.#maxValueBytes = maxValueBytes;
    this.#clock = clock;
    this.#onEvent = onEvent;
  }

  lookup(request: LlmRequest): MaybePromise<LlmRecord | undefined> {
    const digest = digestOf(request);
    return andThen(this.#store.get(digest), (text) => {
      const record = text === undefined || text === null ? undefined : this.#recordOf(text, digest);
      if (record === undefined) this.#misses += 1;
      else this.#hits += 1;
      return record;
    });
  }

  /** What a store that cannot be written does not keep is dropped: it still answers reads, and its events tell. */
  update(request: LlmRequest, record: LlmRecord): MaybePromise<void | false> {
    const { model, scope } = request;
    try {
      const kept = this.#keep({ digest: digestOf(request), scope: scopeDigest(scope), model }, record);
      return isPromise(kept) ? kept.then(undefined, forgive) : kept;
    } catch (error) {
      return forgive(error);
    }
  }

  /** @throws StoreWriteError, as `invalidate` and `clear` do, when the store cannot be written: nothing was dropped */
  delete(request: LlmRequest): MaybePromise<void> {
    return this.#forget(digestOf(request));
  }

  invalidate({ key, scope, model, tag }: LlmCacheSelector): MaybePromise<number> {
    const selector: StoreSelector = {
      ...(scope !== undefined && { scope: scopeDigest(scope) }),
      ...(model !== undefined && { model }),
      ...(tag !== undefined && { tag }),
    };
    if (key === undefined) return this.#store.remove(selector);
    const digest = digestOf({ key });
    return andThen(this.#store.get(digest), (text) => {
      const facts = text === undefined ? undefined : factsOf(text);
      const isOther = text !== undefined && !(facts !== undefined && applies(selector, facts));
      // One that is not found is deleted all the same: that fails where the store just cannot be read.
      if (isOther) return 0;
      return andThen(this.#store.delete(digest), Number);
    });
  }

  clear(scope?: string): MaybePromise<void> {
    const selector = scope === undefined ? {} : { scope: scopeDigest(scope) };
    return andThen(this.#store.remove(selector), () => undefined);
  }

  /** Counts all answers, where the store does not know their number. */
  stats(): MaybePromise<CacheContents> {
    return andThen(this.#store.size?.() ?? this.#count(), ({ entries, bytes }) => {
      return { entries, bytes, hits: this.#hits, misses: this.#misses };
    });
  }

  /** @throws ConfigError when the store cannot list what it keeps */
  async *export(): AsyncGenerator<ExportedEntry, void> {
    for await (const text of this.#texts()) {
      const entry = this.#envelope.read(text);
      if (entry === undefined || !this.#isGood(entry)) continue;
      const { digest, scope: scopeDigest, model, record, dropAt } = entry;
      yield { digest, scopeDigest, model, record, dropAt };
    }
  }

  async import(entries: Entries): Promise<void> {
    for await (const entry of entries) {
      const { model, record, dropAt } = entry;
      const whose =
        'key' in entry
          ? { digest: digestOf(entry), scope: scopeDigest(entry.scope) }
          : { digest: entry.digest, scope: entry.scopeDigest };
      await this.#keep({ ...whose, model }, record, dropAt);
    }
  }

  close(): MaybePromise<void> {
    return this.#store.close?.();
  }

  #keep(
    whose: Pick<EntryFacts, 'digest' | 'scope' | 'model'>,
    record: LlmRecord,
    end = record.staleUntil ?? record.expiresAt,
  ): MaybePromise<void> {
    const now = this.#clock();
    const latest = this.#store.timeless ? Number.MAX_SAFE_INTEGER : now + MAX_TTL_MS;
    const dropAt = Math.min(end ?? now + this.#ttl, latest);
    if (!(dropAt > now)) return this.#forget(whose.digest);
    const facts: EntryFacts = { ...whose, tags: record.tags ?? [], dropAt };
    const text = this.#envelope.write(facts, record);
    const bytes = Buffer.byteLength(text, 'utf8');
    if (bytes <= this.#maxValueBytes) return this.#store.set({ ...facts, text });
    tellStore(this.#onEvent, { type: 'too-large', bytes });
    // What was kept before is not the answer any more.
    return this.#forget(whose.digest);
  }

  #forget(digest: string): MaybePromise<void> {
    return andThen(this.#store.delete(digest), () => undefined);
  }

  /** A record says its end: a cache above this one that keeps it would not know when. */
  #recordOf(text: string, digest: string): LlmRecord | undefined {
    const entry = this.#envelope.read(text);
    if (entry?.digest !== digest) {
      if (!isOtherLayout(text)) this.#drop(digest);
      return undefined;
    }
    if (!this.#isGood(entry)) return undefined;
    const { record, dropAt } = entry;
    return record.expiresAt === undefined ? { ...record, expiresAt: dropAt } : record;
  }

  #texts(): Iterable<string> | AsyncIterable<string> {
    const texts = this.#store.texts?.();
    if (texts !== undefined) return texts;
    throw new ConfigError('store', 'This store cannot list what it keeps: it has no method "texts".');
  }

  async #count(): Promise<StoreSize> {
    let [entries, bytes] = [0, 0];
    for await (const text of this.#texts()) {
      entries += 1;
      bytes += Buffer.byteLength(text, 'utf8');
    }
    return { entries, bytes };
  }

  /** Drops a text that cannot be read, which would be reported again and again. */
  #drop(digest: string): void {
    tellStore(this.#onEvent, { type: 'corrupt', digest });
    try {
      const deleted = this.#store.delete(digest);
      if (isPromise(deleted)) deleted.then(undefined, () => {});
    } catch {
      // A store that cannot be written keeps it; it stays a miss.
    }
  }

  #isGood({ dropAt, record }: EntryFacts & { readonly record: LlmRecord }): boolean {
    const now = this.#clock();
    return dropAt > now && (this.#store.timeless === true || (record.createdAt ?? 0) <= now + MAX_SKEW_MS);
  }
}

function forgive(error: unknown): false {
  if (!StoreWriteError.isInstance(error) || error.trouble === 'corrupt') throw error;
  return false;
}

export function tellStore(onEvent: ((event: StoreEvent) => void) | undefined, event: StoreEvent): void {
  try {
    onEvent?.(event);
  } catch {
    // A listener that fails is no reason to lose an answer.
  }
}
