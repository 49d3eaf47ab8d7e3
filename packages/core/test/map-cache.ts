import type { LlmCache, LlmRecord } from '../src/index.js';

/** A cache of two methods over a map, which logs when it is called. */
export function mapCache(asynchronous = false) {
  const records = new Map<string, LlmRecord>();
  const log: string[] = [];
  const cache: LlmCache = {
    lookup: ({ key }) => {
      log.push('lookup');
      const found = records.get(key);
      return asynchronous ? Promise.resolve(found) : found;
    },
    update: ({ key }, record) => {
      log.push('update');
      records.set(key, record);
      return asynchronous ? Promise.resolve() : undefined;
    },
  };
  return { cache, records, log };
}
