import type { MaybePromise } from '../flow/promise.js';
import type { AIMessageFields } from '../messages/ai.js';
import type { LlmCacheOptions } from './cache-options.js';
import { checkCache } from './check-cache.js';
import { checkCacheOptions } from './check-cache-options.js';

/** One model call, as a cache sees it: plain data throughout. */
export interface LlmRequest {
  /** The model's name, as in events. */
  readonly model: string;
  /** What tells the model from others: provider, model name, parameters. */
  readonly identity: Readonly<Record<string, unknown>>;
  /** The conversation, without ids and other fields that cannot change the answer. */
  readonly messages: readonly Readonly<Record<string, unknown>>[];
  /** The tools on offer, as they are described to the model. */
  readonly tools?: unknown;
  readonly toolChoice?: unknown;
  readonly responseFormat?: unknown;
  /** The other options of this call. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Who may share the answer: requests of different scopes never meet. `''` when none was given. */
  readonly scope: string;
  /** Versions of what the answer depends on; see `epochs` of the options. */
  readonly epochs: Readonly<Record<string, string | number>>;
  /** Which of several kept answers is meant, from 0. */
  readonly sample: number;
  /** Canonical text of all of the above. Two requests have the same key only if they are the same request. */
  readonly key: string;
}

/** A refusal that would come again, kept in place of an answer. */
export interface LlmRecordError {
  readonly name: string;
  readonly code: string;
  readonly message: string;
  readonly status?: number;
}

/** An answer as a cache keeps it: plain JSON data. A record of another version is to be treated as absent. */
export interface LlmRecord {
  readonly version: 1;
  readonly message: AIMessageFields;
  /** Lengths of the pieces the text arrived in, when it was streamed. */
  readonly pieces?: readonly number[];
  /** When it was made, in milliseconds since 1970. */
  readonly createdAt?: number;
  /** From when on it is stale, in milliseconds since 1970. Default: the cache decides. */
  readonly expiresAt?: number;
  /** Until when it may be given although it is stale. A cache keeps it until then. Default: `expiresAt`. */
  readonly staleUntil?: number;
  /** Labels to invalidate it by. */
  readonly tags?: readonly string[];
  /** Set where a refusal was kept; `message` is empty then. */
  readonly error?: LlmRecordError;
}

/** Which records to drop: those to which every field given applies. */
export interface LlmCacheSelector {
  readonly key?: string;
  readonly tag?: string;
  readonly model?: string;
  readonly scope?: string;
}

/**
 * Keeps answers. Two methods are enough: what they may not do (fail the call, delay it for long, share an object with a
 * caller) is seen to where models call them.
 */
export interface LlmCache {
  lookup(request: LlmRequest): MaybePromise<LlmRecord | undefined>;
  /** Gives `false` where a cache that works otherwise could not keep the answer, which a `strict` call is told. */
  update(request: LlmRequest, record: LlmRecord): MaybePromise<void | false>;
  /** Drops the records of a scope, or all of them; never anything outside this cache's own namespace. */
  clear?(scope?: string): MaybePromise<void>;
  delete?(request: LlmRequest): MaybePromise<void>;
  /** Drops what the selector applies to, and says how many records that were. */
  invalidate?(selector: LlmCacheSelector): MaybePromise<number>;
  close?(): MaybePromise<void>;
}

/** The global cache lives under well-known symbols, so that all installed copies of this package share it. */
const GLOBAL = Symbol.for('pipewright.llm-cache');
const GLOBAL_OPTIONS = Symbol.for('pipewright.llm-cache-options');
const holder = globalThis as { [GLOBAL]?: LlmCache | null; [GLOBAL_OPTIONS]?: LlmCacheOptions | undefined };

/**
 * Sets the cache that every model uses which has none of its own, `null` for none, and the options that hold where a
 * model or a call does not say otherwise. Any call can opt out with `{ cache: false }`.
 *
 * @throws ConfigError for options that cannot work, and for what is no cache: without the two methods, or with those of
 *   LangChain's caches
 *
 * @example
 * ```ts
 * import { getLlmCache, setLlmCache, type LlmCache, type LlmRecord } from '@pipewright/core';
 *
 * const answers = new Map<string, LlmRecord>();
 * const cache: LlmCache = {
 *   lookup: ({ key }) => answers.get(key),
 *   update: ({ key }, record) => void answers.set(key, record),
 * };
 * setLlmCache(cache, { ttl: 60_000 });
 * const isSet = getLlmCache() === cache;
 * setLlmCache(null);
 * ```
 */
export function setLlmCache(cache: LlmCache | null, options?: Omit<LlmCacheOptions, 'cache'>): void {
  if (cache != null) checkCache(cache);
  if (options !== undefined) checkCacheOptions(options);
  holder[GLOBAL] = cache;
  holder[GLOBAL_OPTIONS] = cache === null ? undefined : options;
}

/** The global cache, or null. */
export function getLlmCache(): LlmCache | null {
  return holder[GLOBAL] ?? null;
}

/** The options that were set with the global cache. */
export function getLlmCacheOptions(): Omit<LlmCacheOptions, 'cache'> | undefined {
  return holder[GLOBAL_OPTIONS];
}
