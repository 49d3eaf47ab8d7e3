import type { LlmCacheOptions } from '@pipewright/core';
import { FileStore } from './file-store.js';
import { checkChoice, checkCount } from './option-checks.js';
import { StoreCache, type StoreCacheOptions } from './store-cache.js';

export interface FileCacheOptions extends StoreCacheOptions {
  /** The folder; made if it is not there, for its owner only. */
  readonly path: string;
  /** How many answers are kept at most; the oldest go first. Default 10,000. */
  readonly maxEntries?: number;
  /** How long an answer is kept that does not say so itself, in milliseconds. Default: no limit. */
  readonly ttl?: number;
}

/**
 * Keeps each answer in a file of its own: for answers that are checked in beside tests, and for a few on a developer's
 * machine. Answers do not expire unless they say so.
 *
 * @throws ConfigError when the folder is a link, or belongs to another user
 *
 * @example
 * ```ts
 * import { mkdtempSync } from 'node:fs';
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 * import { FileCache } from '@pipewright/cache/file';
 *
 * const cache = new FileCache({ path: mkdtempSync(join(tmpdir(), 'answers-')) });
 * ```
 */
export class FileCache extends StoreCache {
  constructor(options: FileCacheOptions) {
    const { path, maxEntries = 10_000, ttl = Number.POSITIVE_INFINITY } = options;
    checkCount('maxEntries', maxEntries);
    super(new FileStore(path, maxEntries), { ...options, ttl });
  }
}

export interface CassetteOptions {
  /** The folder of the recorded answers. */
  readonly path: string;
  /**
   * `'record'` asks models for what is not recorded yet, and records it: an answer that cannot be recorded, as it was cut
   * off, say, is a CacheError. `'replay'` never asks: an answer that is not there is a CacheMissError.
   */
  readonly mode: 'record' | 'replay';
}

/**
 * Options that record a program's model calls, or answer them from the recording: its tests then need no network, and no
 * key. Set them globally, on a model, or for a call.
 *
 * @example
 * ```ts
 * import { mkdtempSync } from 'node:fs';
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 * import { cassette } from '@pipewright/cache/file';
 * import { FakeListChatModel } from '@pipewright/core/testing';
 *
 * const path = mkdtempSync(join(tmpdir(), 'recorded-'));
 * const asked = new FakeListChatModel({ responses: ['Hello.'], cache: cassette({ path, mode: 'record' }) });
 * await asked.invoke('Hi');
 * const recorded = new FakeListChatModel({ responses: ['Hello.'], cache: cassette({ path, mode: 'replay' }) });
 * const { text } = await recorded.invoke('Hi'); // Hello.
 * ```
 */
export function cassette({ path, mode }: CassetteOptions): LlmCacheOptions {
  checkChoice('mode', mode, ['record', 'replay']);
  const limit = Number.MAX_SAFE_INTEGER;
  const cache = new FileCache({ path, maxEntries: limit, maxValueBytes: limit });
  // A recording that cannot be read or written, or lacks an answer, has to be noticed.
  return { cache, strict: 'kept', onMiss: mode === 'replay' ? 'fail' : 'ask' };
}

export type { StoreCacheOptions, StoreEvent } from './store-cache.js';
