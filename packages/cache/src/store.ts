export { applies, type Store, type StoreEntry, type StoreSelector, type StoreSize } from './entry-store.js';
export { factsOf, type EntryFacts, type EnvelopeOptions, type Seal } from './envelope.js';
export { StoreWriteError, type StoreWriteTrouble } from './store-write-error.js';
export { StoreCache, type StoreCacheOptions, type StoreEvent } from './store-cache.js';
export type {
  CacheContents,
  DigestedEntry,
  Entries,
  ExportedEntry,
  KeyedEntry,
  PortableCache,
} from './portable-cache.js';
