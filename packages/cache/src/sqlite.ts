import { ConfigError } from '@pipewright/core';
import { checkCount } from './option-checks.js';
import { sqliteDriver, type SqliteDriver, type SqliteLibrary } from './sqlite-driver.js';
import { SqliteStore } from './sqlite-store.js';
import { StoreCache, type StoreCacheOptions } from './store-cache.js';

export interface SQLiteCacheOptions extends StoreCacheOptions {
  /** The file; made if it is not there, readable by its owner only. */
  readonly path: string;
  /** How many answers are kept at most. Default 1,000,000. */
  readonly maxEntries?: number;
  /** How many bytes of answers are kept at most; the least recently used go first. Default 1 GiB. */
  readonly maxBytes?: number;
  /**
   * How long a write waits for another process, in milliseconds; it blocks this process. After one that waited in vain,
   * none waits until one has got through. Reads never wait for writes. Default 2,000.
   */
  readonly busyTimeout?: number;
  /** The SQLite library, or a function that opens a database. Default: the first one there is. */
  readonly driver?: SqliteLibrary | SqliteDriver;
}

/**
 * Keeps answers in one SQLite file, across restarts and between processes on one machine. It uses Node's own SQLite
 * (Node 22.13 and newer), else better-sqlite3 or libsql, where installed.
 *
 * @throws ConfigError when no SQLite library is there, or the path is something else than a cache file, or a damaged one
 *
 * @example
 * ```ts
 * import { mkdtempSync } from 'node:fs';
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 * import { setLlmCache } from '@pipewright/core';
 * import { SQLiteCache } from '@pipewright/cache/sqlite';
 *
 * const cache = new SQLiteCache({ path: join(mkdtempSync(join(tmpdir(), 'answers-')), 'cache.db') });
 * setLlmCache(cache);
 * setLlmCache(null);
 * cache.close();
 * ```
 */
export class SQLiteCache extends StoreCache {
  constructor(options: SQLiteCacheOptions) {
    const { path, maxEntries = 1_000_000, maxBytes = 1024 ** 3, busyTimeout = 2_000 } = options;
    const { driver, clock = Date.now, onEvent } = options;
    checkCount('maxEntries', maxEntries);
    checkCount('maxBytes', maxBytes);
    if (!(Number.isSafeInteger(busyTimeout) && busyTimeout >= 0)) {
      throw new ConfigError(
        'busyTimeout',
        `busyTimeout is ${String(busyTimeout)}; give whole milliseconds from 0.`,
      );
    }
    const open = typeof driver === 'function' ? driver : sqliteDriver(driver);
    super(
      new SqliteStore({ path, driver: open, maxEntries, maxBytes, busyTimeout, clock, onEvent }),
      options,
    );
  }
}

export {
  sqliteDriver,
  type SqliteDatabase,
  type SqliteDriver,
  type SqliteLibrary,
  type SqliteStatement,
  type SqliteValue,
} from './sqlite-driver.js';
export type { StoreCacheOptions, StoreEvent } from './store-cache.js';
export { StoreWriteError, type StoreWriteTrouble } from './store-write-error.js';
