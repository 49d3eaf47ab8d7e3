// Where SQLite tests have their files, and the libraries they are run with.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { SQLiteCache, sqliteDriver, type SQLiteCacheOptions, type SqliteLibrary } from '../src/sqlite.js';

export const folder = mkdtempSync(join(tmpdir(), 'pipewright-sqlite-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
export const newPath = (): string => join(folder, `cache-${(files += 1)}.db`);

export const libraries = (['node:sqlite', 'libsql'] as const).filter((name) => {
  try {
    return sqliteDriver(name) !== undefined;
  } catch {
    return false;
  }
});

/** Opens caches with one of the libraries. */
export const openerFor =
  (driver: SqliteLibrary) =>
  (path: string, options: Partial<SQLiteCacheOptions> = {}): SQLiteCache =>
    new SQLiteCache({ path, driver, ...options });
