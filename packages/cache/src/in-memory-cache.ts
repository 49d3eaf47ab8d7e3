import { ConfigError, type LlmCache, type LlmRecord, type LlmRequest } from '@pipewright/core';

export interface InMemoryCacheOptions {
  /** How many answers are kept at most. Default 1,000. */
  readonly maxEntries?: number;
  /** How many bytes of keys and answers are kept at most. Default 64 MiB. */
  readonly maxBytes?: number;
}

const DEFAULT_ENTRIES = 1_000;
const DEFAULT_BYTES = 64 * 1024 * 1024;

interface Entry {
  /** The record as JSON text: nothing that a caller holds is shared with the cache. */
  readonly text: string;
  readonly bytes: number;
}

/**
 * Keeps answers in this process's memory, the least recently used going first when there are too many or too large.
 *
 * @example
 * ```ts
 * import { setLlmCache } from '@pipewright/core';
 * import { InMemoryCache } from '@pipewright/cache';
 *
 * setLlmCache(new InMemoryCache({ maxEntries: 500 }));
 * setLlmCache(null);
 * ```
 */
export class InMemoryCache implements LlmCache {
  readonly #maxEntries: number;
  readonly #maxBytes: number;
  /** In order of last use: a Map iterates in order of insertion, and a used entry is inserted again. */
  readonly #entries = new Map<string, Entry>();
  #bytes = 0;

  constructor({ maxEntries = DEFAULT_ENTRIES, maxBytes = DEFAULT_BYTES }: InMemoryCacheOptions = {}) {
    checkLimit('maxEntries', maxEntries);
    checkLimit('maxBytes', maxBytes);
    this.#maxEntries = maxEntries;
    this.#maxBytes = maxBytes;
  }

  /** How many answers are kept now. */
  get size(): number {
    return this.#entries.size;
  }

  /** How many bytes they take: two for each UTF-16 unit of key and record. */
  get bytes(): number {
    return this.#bytes;
  }

  lookup({ key }: LlmRequest): LlmRecord | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return JSON.parse(entry.text) as LlmRecord;
  }

  update({ key }: LlmRequest, record: LlmRecord): void {
    this.#remove(key);
    const text = JSON.stringify(record);
    const entry = { text, bytes: 2 * (key.length + text.length) };
    // One answer larger than the whole cache would only push everything else out.
    if (entry.bytes > this.#maxBytes) return;
    this.#entries.set(key, entry);
    this.#bytes += entry.bytes;
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#maxEntries && this.#bytes <= this.#maxBytes) break;
      this.#remove(oldest);
    }
  }

  delete({ key }: LlmRequest): void {
    this.#remove(key);
  }

  clear(): void {
    this.#entries.clear();
    this.#bytes = 0;
  }

  #remove(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#bytes -= entry.bytes;
  }
}

function checkLimit(option: string, value: number): void {
  if (Number.isSafeInteger(value) && value >= 1) return;
  throw new ConfigError(option, `${option} is ${String(value)}; give a whole number of at least 1.`);
}
