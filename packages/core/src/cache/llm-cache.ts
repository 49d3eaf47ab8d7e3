import type { MaybePromise } from '../flow/promise.js';
import type { AIMessageFields } from '../messages/ai.js';

/** One model call, as a cache sees it. */
export interface LlmRequest {
  /** What tells the model from others: provider, model name, parameters. */
  readonly identity: Readonly<Record<string, unknown>>;
  /** The conversation, as plain data, without ids and other fields that cannot change the answer. */
  readonly messages: readonly Readonly<Record<string, unknown>>[];
  /** The options of this call. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Canonical text of all of the above. Two requests have the same key only if they are the same request. */
  readonly key: string;
}

/** An answer as a cache keeps it: plain JSON data. A record of another version is to be treated as absent. */
export interface LlmRecord {
  readonly version: 1;
  readonly message: AIMessageFields;
}

/**
 * Keeps answers. Two methods are enough: what they may not do (fail the call, delay it for long, share an object with a
 * caller) is seen to where models call them.
 */
export interface LlmCache {
  lookup(request: LlmRequest): MaybePromise<LlmRecord | undefined>;
  update(request: LlmRequest, record: LlmRecord): MaybePromise<void>;
  clear?(): MaybePromise<void>;
  delete?(request: LlmRequest): MaybePromise<void>;
  close?(): MaybePromise<void>;
}

/** `false`: not this time. `true`: the global cache, which has to be set. Or a cache of its own. */
export type LlmCacheSetting = boolean | LlmCache;

/** The global cache lives under a well-known symbol, so that all installed copies of this package share it. */
const GLOBAL = Symbol.for('pipewright.llm-cache');
const holder = globalThis as { [GLOBAL]?: LlmCache | null };

/**
 * Sets the cache that every model uses which has none of its own, `null` for none. Any call can opt out with
 * `{ cache: false }`.
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
 * setLlmCache(cache);
 * const isSet = getLlmCache() === cache;
 * setLlmCache(null);
 * ```
 */
export function setLlmCache(cache: LlmCache | null): void {
  holder[GLOBAL] = cache;
}

/** The global cache, or null. */
export function getLlmCache(): LlmCache | null {
  return holder[GLOBAL] ?? null;
}
