import { ConfigError } from '../errors.js';
import { CacheMissError } from './cache-error.js';
import type { LlmCacheEvent } from './cache-event.js';
import { checkCacheOptions } from './check-cache-options.js';
import { getLlmCache, getLlmCacheOptions, type LlmCache } from './llm-cache.js';
import type { LlmCachePolicy } from './policy.js';

/** How a model's answers are cached. What a call says wins over what is bound, then the model's own, then the global. */
export interface LlmCacheOptions {
  /** Where answers are kept; `false` for nowhere. Default: what is set further out, in the end the global cache. */
  readonly cache?: LlmCache | 'global' | false;
  /** Who may share answers: a tenant, a user. Requests of different scopes never meet. Default `''`. */
  readonly scope?: string;
  /** How long an answer is good for, in milliseconds. Default: as long as the cache keeps it. Infinity: for ever. */
  readonly ttl?: number;
  /** For how many milliseconds past `ttl` an answer is still given, while a new one is fetched. Default 0. */
  readonly staleFor?: number;
  /** For how many milliseconds a refusal that would come again is kept (a prompt too long, say). Default: not at all. */
  readonly negativeTtl?: number;
  /** Which calls use the cache, by their temperature. Default `'always'`. */
  readonly policy?: LlmCachePolicy;
  /** How many different answers to keep for one request, given in turn. Default 1. */
  readonly samples?: number;
  /** Labels of the answers, to invalidate them by. */
  readonly tags?: readonly string[];
  /** Versions of documents, tools or prompts that answers depend on: after a change the old answers are never met. */
  readonly epochs?: Readonly<Record<string, string | number>>;
  /**
   * Rejects when the cache fails, is too slow or cannot write; `'kept'`: also when the answer may not be kept, or the call
   * is not cached. Default: the call goes on without it.
   */
  readonly strict?: boolean | 'kept';
  /** What happens when the answer is not there. `'fail'` never asks the model: for tests that run on recordings. */
  readonly onMiss?: 'ask' | 'fail';
  /** How long the cache may take each time, in milliseconds. Default 250. */
  readonly deadline?: number;
  /** How hits are streamed: at once, or with a pause of so many milliseconds between chunks. Default `'instant'`. */
  readonly replay?: 'instant' | { readonly delay: number };
  /** Told of what happens. What it throws is ignored. */
  readonly onEvent?: (event: LlmCacheEvent) => void;
}

/**
 * `false`: not this time, whatever options say that name no cache. `true`: the global cache, which has to be set. Or a
 * cache of its own, or options.
 */
export type LlmCacheSetting = boolean | LlmCache | LlmCacheOptions;

/** The options that hold for a call. */
export interface CacheUse extends LlmCacheOptions {
  readonly cache: LlmCache;
}

/** What holds when `over` is said on top of `base`. A scope is kept by whatever changes only where answers lie. */
export function joinCacheSettings(
  base: LlmCacheSetting | undefined,
  over: LlmCacheSetting | undefined,
): LlmCacheSetting | undefined {
  if (over === undefined) return base;
  if (base === undefined) return over;
  const said = defined(optionsOf(over));
  const { onMiss, ...kept } = optionsOf(base);
  // Who turns the cache off wants the model to be asked.
  const holds = said.cache === false || onMiss === undefined ? kept : { ...kept, onMiss };
  return { ...holds, ...said };
}

/** The cache and options that hold for a call; undefined for no caching. */
export function cacheUse(
  call: LlmCacheSetting | undefined,
  model: LlmCacheSetting | undefined,
): CacheUse | undefined {
  const setting = joinCacheSettings(model, call);
  if (setting === false) return undefined;
  const global = getLlmCache();
  if (setting === undefined) return global === null ? undefined : { ...getLlmCacheOptions(), cache: global };
  // The usual case, on the path of every call.
  if (setting !== true && isCache(setting)) return { ...getLlmCacheOptions(), cache: setting };
  const options = optionsOf(setting);
  checkCacheOptions(options);
  if (options.cache === 'global' && global === null) {
    throw new ConfigError(
      'cache',
      '"cache: true" means the global cache, and none is set. Call setLlmCache(...) first.',
    );
  }
  const cache = options.cache === 'global' ? global : (options.cache ?? global);
  if (cache) return { ...getLlmCacheOptions(), ...defined(options), cache };
  if (options.onMiss !== 'fail') return undefined;
  throw new CacheMissError(
    '',
    'This call has no cache, and "onMiss" forbids to ask the model. Give it a cache.',
  );
}

/** The options that hold for a call, whether or not it uses a cache. */
export function cacheOptions(
  call: LlmCacheSetting | undefined,
  model: LlmCacheSetting | undefined,
): LlmCacheOptions {
  return { ...getLlmCacheOptions(), ...defined(optionsOf(joinCacheSettings(model, call) ?? {})) };
}

function optionsOf(setting: LlmCacheSetting): LlmCacheOptions {
  if (typeof setting === 'boolean') return { cache: setting && 'global' };
  return isCache(setting) ? { cache: setting } : setting;
}

/** A setting as a manifest has it: without the cache itself, which is not part of a chain. */
export function cacheOption(setting: LlmCacheSetting | undefined): LlmCacheSetting | undefined {
  if (typeof setting !== 'object') return setting;
  if (setting === null || isCache(setting)) return undefined;
  const { cache, ...options } = setting;
  return typeof cache === 'object' ? options : setting;
}

function isCache(setting: LlmCache | LlmCacheOptions): setting is LlmCache {
  return typeof (setting as Partial<LlmCache>).lookup === 'function';
}

/** Without members that are undefined, which would hide those further out. */
function defined(options: LlmCacheOptions): LlmCacheOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
