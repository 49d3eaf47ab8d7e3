import type { LlmCache, LlmRecord, MaybePromise } from '@pipewright/core';

/** A kept answer with what it was kept for: plain JSON data, to be carried to another cache. */
export type ExportedEntry = KeyedEntry | DigestedEntry;

interface Exported {
  readonly model: string;
  readonly record: LlmRecord;
  /** When to drop it, in milliseconds since 1970, if it has an end. */
  readonly dropAt?: number;
}

/** From a cache that has the requests themselves. */
export interface KeyedEntry extends Exported {
  readonly key: string;
  readonly scope: string;
}

/** From a cache that has no more of its requests than their SHA-256, in hexadecimal. */
export interface DigestedEntry extends Exported {
  readonly digest: string;
  readonly scopeDigest: string;
}

/** Entries as they come, at once or one by one. */
export type Entries = Iterable<ExportedEntry> | AsyncIterable<ExportedEntry>;

/** What is in a cache, and how it has been used since it was made. */
export interface CacheContents {
  readonly entries: number;
  readonly bytes: number;
  readonly hits: number;
  readonly misses: number;
}

/** A cache whose answers can be counted, and carried to any other of these. */
export interface PortableCache extends LlmCache {
  stats(): MaybePromise<CacheContents>;
  /** Every answer that is good now. */
  export(): Entries;
  /** Takes over what another cache exported. Answers end when they would have ended there. */
  import(entries: Entries): MaybePromise<void>;
}

export function isPortable(cache: LlmCache): cache is PortableCache {
  return (['stats', 'export', 'import'] as const).every(
    (method) => typeof (cache as Partial<PortableCache>)[method] === 'function',
  );
}
