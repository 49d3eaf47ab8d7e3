export { InMemoryCache, type InMemoryCacheOptions } from './in-memory-cache.js';
