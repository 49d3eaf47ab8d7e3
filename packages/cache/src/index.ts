export {
  CacheStats,
  type CacheReport,
  type CacheStatsOptions,
  type TokenPrice,
} from './cache-stats.js';
export type { Eviction } from './eviction.js';
export { explain, type Difference, type Explanation } from './explain.js';
export { InMemoryCache, type InMemoryCacheOptions, type InMemoryCacheStats } from './in-memory-cache.js';
export type {
  CacheContents,
  DigestedEntry,
  Entries,
  ExportedEntry,
  KeyedEntry,
  PortableCache,
} from './portable-cache.js';
export { prewarm, type KnownAnswer } from './prewarm.js';
export { TieredCache, type TieredCacheOptions } from './tiered-cache.js';
