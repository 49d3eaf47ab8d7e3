import { randomBytes } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import type { LlmCacheEvent } from '@pipewright/core';
import { FakeListChatModel } from '@pipewright/core/testing';
import { describe, expect, test } from 'vitest';
import { InMemoryCache } from '../src/index.js';
import {
  sqliteDriver,
  StoreWriteError,
  type SQLiteCache,
  type SqliteDriver,
  type SqliteLibrary,
  type StoreEvent,
} from '../src/sqlite.js';
import { record, request } from './requests.js';
import { libraries, newPath, openerFor } from './sqlite-databases.js';

describe.each(libraries)('%s', (driver: SqliteLibrary) => {
  const open = openerFor(driver);

  test('F098: while another process writes, reads go on and what cannot be kept is dropped, with one event', () => {
    const path = newPath();
    const events: string[] = [];
    const cache = open(path, { busyTimeout: 20, onEvent: ({ type }) => void events.push(type) });
    cache.update(request('a'), record('a'));
    const other = sqliteDriver(driver)(path);
    other.exec('BEGIN IMMEDIATE');
    cache.update(request('b'), record('b'));
    cache.update(request('c'), record('c'));
    expect(cache.lookup(request('a'))).toBeDefined();
    expect(events).toEqual(['busy']);
    other.exec('ROLLBACK');
    cache.update(request('b'), record('b'));
    expect(cache.lookup(request('b'))).toBeDefined();
    other.close();
    cache.close();
  });

  test('F098: waiting blocks this process, so after one wait in vain no write waits until one has got through', () => {
    const path = newPath();
    const { waits, noting } = waitsOf(driver, /BEGIN IMMEDIATE/);
    const cache = open(path, { driver: noting, busyTimeout: 20 });
    const other = sqliteDriver(driver)(path);
    other.exec('BEGIN IMMEDIATE');
    for (const key of ['a', 'b', 'c']) cache.update(request(key), record(key));
    expect(waits).toEqual(['20', '0', '0']);
    // That reads go on does not mean that a write would.
    expect(cache.lookup(request('a'))).toBeUndefined();
    other.exec('ROLLBACK');
    for (const key of ['d', 'e']) cache.update(request(key), record(key));
    expect(waits.slice(3)).toEqual(['0', '20']);
    other.close();
    cache.close();
  });

  test('F098: a strict call is told of an answer that could not be kept; others go on', async () => {
    const path = newPath();
    const cache = open(path, { busyTimeout: 20 });
    const other = sqliteDriver(driver)(path);
    other.exec('BEGIN IMMEDIATE');
    const events: string[] = [];
    const onEvent = ({ type }: LlmCacheEvent): void => void events.push(type);
    const model = new FakeListChatModel({ responses: ['an answer'] });
    for (let turn = 0; turn < 10; turn += 1) {
      await expect(model.invoke('a', { cache: { cache, strict: true } })).rejects.toThrow('not kept');
      expect((await model.invoke('a', { cache: { cache, onEvent } })).text).toBe('an answer');
    }
    expect(new Set(events)).toEqual(new Set(['miss', 'refused']));
    other.exec('ROLLBACK');
    other.close();
    await model.invoke('a', { cache: { cache, strict: true } });
    const { response_metadata } = await model.invoke('a', { cache });
    expect(response_metadata.cache).toMatchObject({ hit: true });
    cache.close();
  });

  describe('F098: another process has a file with a rollback journal, which only one alone could switch', () => {
    const neverSwitches: SqliteDriver = (file) => {
      const database = sqliteDriver(driver)(file);
      const exec = (sql: string): void => {
        if (!sql.includes('journal_mode')) database.exec(sql);
      };
      return { exec, prepare: (sql) => database.prepare(sql), close: () => database.close() };
    };
    const withRollbackJournal = (): string => {
      const path = newPath();
      const first = open(path, { driver: neverSwitches });
      first.update(request('a'), record('a'));
      first.close();
      return path;
    };

    test('while it reads, the file is opened as it is', () => {
      const path = withRollbackJournal();
      const reader = sqliteDriver(driver)(path);
      reader.exec('BEGIN; SELECT * FROM entries');
      const cache = open(path, { busyTimeout: 20 });
      expect(cache.lookup(request('a'))).toBeDefined();
      reader.exec('COMMIT');
      cache.update(request('b'), record('b'));
      expect(reader.prepare('SELECT entries FROM totals').get()).toMatchObject({ entries: 2 });
      reader.close();
      cache.close();
      open(path).close();
      const raw = sqliteDriver(driver)(path);
      expect(raw.prepare('PRAGMA journal_mode').get()).toMatchObject({ journal_mode: 'wal' });
      raw.close();
    });

    test('while it keeps the file to itself, everything is a miss, and the next look opens it', async () => {
      const path = withRollbackJournal();
      const writer = sqliteDriver(driver)(path);
      writer.exec('BEGIN EXCLUSIVE');
      const events: string[] = [];
      let now = Date.now();
      const onEvent = ({ type }: StoreEvent): void => void events.push(type);
      const cache = open(path, { busyTimeout: 20, clock: () => now, onEvent });
      expect(cache.lookup(request('a'))).toBeUndefined();
      cache.update(request('b'), record('b'));
      expect((await cache.stats()).entries).toBe(0);
      writer.exec('ROLLBACK');
      writer.close();
      now += 1_000;
      expect(cache.lookup(request('a'))).toBeDefined();
      expect(events).toEqual(['busy', 'reopened']);
      cache.close();
    });

    test('while it keeps the file to itself, only the opening waits, not the next looks', () => {
      const path = withRollbackJournal();
      const writer = sqliteDriver(driver)(path);
      writer.exec('BEGIN EXCLUSIVE');
      const { waits, noting } = waitsOf(driver, /user_version$|journal_mode|synchronous/);
      let now = Date.now();
      const cache = open(path, { driver: noting, busyTimeout: 20, clock: () => now });
      now += 1_000;
      expect(cache.lookup(request('a'))).toBeUndefined();
      expect(waits).toEqual(['20', '0']);
      writer.exec('ROLLBACK');
      writer.close();
      cache.close();
    });
  });

  test('F102: a full disk makes room once, then drops writes with one event, and serves reads', () => {
    const path = newPath();
    const events: string[] = [];
    const small: SqliteDriver = (file) => {
      const database = sqliteDriver(driver)(file);
      database.exec('PRAGMA max_page_count = 60');
      return database;
    };
    const cache = open(path, { driver: small, onEvent: ({ type }) => void events.push(type) });
    for (let index = 0; index < 300; index += 1) cache.update(request(`${index}`), record('x'.repeat(3_000)));
    expect(cache.lookup(request('299'))).toBeDefined();
    expect(events).toEqual([]);
    cache.update(request('large'), record('x'.repeat(900_000)));
    cache.update(request('large'), record('x'.repeat(900_000)));
    expect(events.filter((type) => type === 'read-only')).toHaveLength(1);
    expect(cache.lookup(request('large'))).toBeUndefined();
    cache.update(request('after'), record('small'));
    expect(cache.lookup(request('after'))).toBeDefined();
    expect(events).toEqual(['read-only', 'writable']);
    cache.close();
  });

  test('F103: where nothing can be written, reads go on, with one event', () => {
    const path = newPath();
    const first = open(path);
    first.update(request('a'), record('a'));
    first.close();
    const events: string[] = [];
    const readOnly: SqliteDriver = (file) => {
      const database = sqliteDriver(driver)(file);
      database.exec('PRAGMA query_only = ON');
      return database;
    };
    const cache = open(path, { driver: readOnly, onEvent: ({ type }) => void events.push(type) });
    for (const key of ['b', 'c']) cache.update(request(key), record(key));
    expect(cache.lookup(request('a'))).toBeDefined();
    expect(cache.lookup(request('b'))).toBeUndefined();
    expect(events).toEqual(['read-only']);
    cache.close();
  });

  describe('F098, F102, F103: where nothing can be written, what is to be dropped is not said to be', () => {
    const drops: readonly [string, (cache: SQLiteCache) => unknown][] = [
      ['clear', (cache) => cache.clear()],
      ['clear of a scope', (cache) => cache.clear('s')],
      ['invalidate', (cache) => cache.invalidate({ tag: 't' })],
      ['invalidate by key', (cache) => cache.invalidate({ key: request('a').key })],
      ['delete', (cache) => cache.delete(request('a'))],
    ];
    const filled = (): string => {
      const path = newPath();
      const cache = open(path);
      cache.update(request('a'), record('a', { tags: ['t'] }));
      cache.close();
      return path;
    };
    /** Refuses to write, as the library would. */
    const refusing =
      (setting: string): SqliteDriver =>
      (file) => {
        const database = sqliteDriver(driver)(file);
        database.exec(setting);
        return database;
      };

    test.each(drops)('%s, while another process writes', (_name, drop) => {
      const path = filled();
      const events: string[] = [];
      const cache = open(path, { busyTimeout: 0, onEvent: ({ type }) => void events.push(type) });
      const other = sqliteDriver(driver)(path);
      other.exec('BEGIN IMMEDIATE');
      expect(() => drop(cache)).toThrow(expect.objectContaining({ trouble: 'busy', retryable: true }));
      expect(events).toEqual(['busy']);
      expect(cache.lookup(request('a'))).toBeDefined();
      other.exec('ROLLBACK');
      drop(cache);
      other.close();
      cache.close();
    });

    test.each(drops)('%s, where the file is read-only', (_name, drop) => {
      const cache = open(filled(), { driver: refusing('PRAGMA query_only = ON') });
      expect(() => drop(cache)).toThrow(StoreWriteError);
      expect(() => drop(cache)).toThrow('See to its permissions');
      expect(cache.lookup(request('a'))).toBeDefined();
      cache.close();
    });

    test.each(drops)('%s, after the cache was closed', (_name, drop) => {
      const cache = open(filled());
      cache.close();
      expect(() => drop(cache)).toThrow('Open it anew');
      cache.update(request('b'), record('b'));
      expect(cache.lookup(request('a'))).toBeUndefined();
    });

    test('an import says so, too; an answer that is not to stay fails no call', async () => {
      const cache = open(filled(), { driver: refusing('PRAGMA query_only = ON'), maxValueBytes: 1_000 });
      cache.update(request('a'), record('x'.repeat(1_000)));
      const exported = new InMemoryCache();
      exported.update(request('b'), record('b'));
      await expect(cache.import(exported.export())).rejects.toThrow(StoreWriteError);
      cache.close();
    });
  });

  test('F105, C9: many answers stay within the bounds, on disk too; what was used lately stays', () => {
    const path = newPath();
    let now = 1_000_000;
    const cache = open(path, { maxBytes: 200_000, maxEntries: 300, clock: () => now });
    cache.update(request('used'), record('kept', { createdAt: now }));
    for (let index = 0; index < 2_000; index += 1) {
      now += 1;
      cache.update(request(`${index}`), record(randomBytes(400).toString('hex'), { createdAt: now }));
      expect(cache.lookup(request('used'))).toBeDefined();
    }
    const raw = sqliteDriver(driver)(path);
    const real = raw
      .prepare('SELECT count(*) AS entries, sum(length(text)) AS bytes FROM entries')
      .get() as object;
    const { entries, bytes } = raw.prepare('SELECT * FROM totals').get() as {
      entries: number;
      bytes: number;
    };
    expect((real as { entries: number }).entries).toBe(entries);
    expect((real as { bytes: number }).bytes).toBe(bytes);
    expect(bytes).toBeLessThanOrEqual(200_000);
    expect(entries).toBeGreaterThan(100);
    raw.close();
    cache.close();
    expect(statSync(path).size).toBeLessThan(600_000);
  });

  describe('F106: where there is no shared memory, as on some network drives', () => {
    const withoutSharedMemory: SqliteDriver = (file) => sqliteDriver(driver)(`file:${file}?vfs=unix-dotfile`);

    test('a rollback journal takes the place of the write-ahead log, and caches share the file', () => {
      const path = newPath();
      const [one, other] = [1, 2].map(() => open(path, { driver: withoutSharedMemory }));
      one?.update(request('a'), record('a'));
      expect(other?.lookup(request('a'))).toMatchObject({ message: { content: 'a' } });
      const raw = withoutSharedMemory(path);
      expect(raw.prepare('PRAGMA journal_mode').get()).toMatchObject({ journal_mode: 'delete' });
      expect(existsSync(`${path}-wal`) || existsSync(`${path}-shm`)).toBe(false);
      raw.close();
      one?.close();
      other?.close();
    });

    test('while another process writes, reads are misses too, with one event', () => {
      const path = newPath();
      const events: string[] = [];
      const onEvent = ({ type }: StoreEvent): void => void events.push(type);
      const cache = open(path, { driver: withoutSharedMemory, busyTimeout: 20, onEvent });
      cache.update(request('a'), record('a'));
      const writer = withoutSharedMemory(path);
      writer.exec('BEGIN EXCLUSIVE');
      expect([cache.lookup(request('a')), cache.lookup(request('a'))]).toEqual([undefined, undefined]);
      cache.update(request('b'), record('b'));
      expect(events).toEqual(['busy']);
      writer.exec('ROLLBACK');
      writer.close();
      expect(cache.lookup(request('a'))).toBeDefined();
      cache.close();
    });
  });
});

/** Notes how long the statements of a kind may wait, in milliseconds. */
function waitsOf(
  library: SqliteLibrary,
  kind: RegExp,
): { readonly waits: string[]; readonly noting: SqliteDriver } {
  const waits: string[] = [];
  const noting: SqliteDriver = (file) => {
    const database = sqliteDriver(library)(file);
    let wait = 'none set';
    const note = (sql: string): string => {
      wait = /busy_timeout = (\d+)/.exec(sql)?.[1] ?? wait;
      if (kind.test(sql)) waits.push(wait);
      return sql;
    };
    return {
      exec: (sql) => database.exec(note(sql)),
      prepare: (sql) => database.prepare(note(sql)),
      close: () => database.close(),
    };
  };
  return { waits, noting };
}
