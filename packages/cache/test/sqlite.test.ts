import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'; // prettier-ignore
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '@pipewright/core';
import { afterAll, describe, expect, test } from 'vitest';
import { SQLiteCache, sqliteDriver, type SqliteLibrary, type StoreEvent } from '../src/sqlite.js';
import type { SQLiteCacheOptions, SqliteDriver } from '../src/sqlite.js';
import { SqliteStore } from '../src/sqlite-store.js';
import { cacheContract, storeContract } from '../src/testing/index.js';
import { bundle, finished, run } from './child.js';
import { record, request } from './requests.js';

const folder = mkdtempSync(join(tmpdir(), 'pipewright-sqlite-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const newPath = (): string => join(folder, `cache-${(files += 1)}.db`);

const libraries = (['node:sqlite', 'libsql'] as const).filter((name) => {
  try {
    return sqliteDriver(name) !== undefined;
  } catch {
    return false;
  }
});

test('some SQLite library is here to test with', () => {
  expect(libraries).toContain('libsql');
  expect(libraries.includes('node:sqlite')).toBe(process.getBuiltinModule('node:sqlite') !== undefined);
});

describe.each(libraries)('%s', async (driver: SqliteLibrary) => {
  const open = (path: string, options: Partial<SQLiteCacheOptions> = {}): SQLiteCache =>
    new SQLiteCache({ path, driver, ...options });
  const paths = new WeakMap<object, string>();
  const rules = await cacheContract(
    () => {
      const path = newPath();
      const cache = open(path);
      paths.set(cache, path);
      return cache;
    },
    {
      reopen: async (cache) => {
        await cache.close?.();
        return open(paths.get(cache) as string);
      },
    },
  );
  describe('the contract of caches', () => {
    for (const { name, check } of rules) test(name, check);
  });
  describe('the contract of caches, compressed and sealed', async () => {
    const seal = {
      seal: (data: Uint8Array, context: Uint8Array) => Buffer.concat([context, data]),
      open: (data: Uint8Array, context: Uint8Array) => {
        if (!Buffer.from(data.subarray(0, context.length)).equals(context)) throw new Error('not mine');
        return data.subarray(context.length);
      },
    };
    const sealed = await cacheContract(() => open(newPath(), { compress: true, seal }));
    for (const { name, check } of sealed) test(name, check);
  });
  describe('the contract of stores', () => {
    const limits = {
      maxEntries: 1_000,
      maxBytes: 1e9,
      busyTimeout: 100,
      clock: Date.now,
      onEvent: undefined,
    };
    const make = () => new SqliteStore({ path: newPath(), driver: sqliteDriver(driver), ...limits });
    for (const { name, check } of storeContract(make)) test(name, check);
  });

  test('F094: every single-byte change of a row is a miss, and reported', () => {
    const path = newPath();
    const events: StoreEvent[] = [];
    const cache = open(path, { onEvent: (event) => void events.push(event) });
    const raw = sqliteDriver(driver)(path);
    const kept = record('the answer', { tags: ['t'] });
    cache.update(request('a'), kept);
    const { text } = raw.prepare('SELECT text FROM entries').get() as { text: string };
    const write = raw.prepare('UPDATE entries SET text = ?');
    for (let place = 0; place < text.length; place += 1) {
      for (const flip of [1, 32]) {
        const damaged =
          text.slice(0, place) + String.fromCharCode(text.charCodeAt(place) ^ flip) + text.slice(place + 1);
        write.run(damaged);
        if (cache.lookup(request('a')) !== undefined)
          throw new Error(`byte ${place} was changed and not noticed`);
        cache.update(request('a'), kept);
      }
      write.run(text.slice(0, place));
      if (cache.lookup(request('a')) !== undefined) throw new Error(`cut off at ${place} and not noticed`);
      cache.update(request('a'), kept);
    }
    expect(events.every(({ type }) => type === 'corrupt')).toBe(true);
    expect(cache.lookup(request('a'))).toEqual(kept);
    raw.close();
    cache.close();
  });

  test('F094: every single-byte change of the row in the file is a miss, never another answer', () => {
    const path = newPath();
    const cache = open(path);
    cache.update(request('a'), record('the answer'));
    cache.close();
    const whole = readFileSync(path);
    const start = whole.indexOf('pw1:');
    const digestAt = whole.lastIndexOf(Buffer.from('m'), start);
    let hits = 0;
    const end = whole.indexOf('}', whole.indexOf('"record"', start)) + 2;
    for (let place = digestAt - 160; place < end; place += 3) {
      const damaged = Buffer.from(whole);
      damaged[place] = (damaged[place] as number) ^ 0x10;
      const other = newPath();
      writeFileSync(other, damaged);
      const opened = open(other);
      let found: unknown;
      try {
        found = opened.lookup(request('a'));
      } catch {
        // Also a miss, where the hook calls it.
      }
      if (found !== undefined) {
        expect(found).toMatchObject({ message: { content: 'the answer' } });
        hits += 1;
        expect(place).toBeLessThan(start);
      }
      opened.close();
      rmSync(other);
    }
    // What lies before the text is not part of the answer: names and times that the text holds as well.
    expect(hits).toBeLessThan(60);
  });

  test('F093, C1: a whole row under another digest is a miss', () => {
    const path = newPath();
    const cache = open(path);
    cache.update(request('a'), record('of a'));
    cache.update(request('b'), record('of b'));
    const raw = sqliteDriver(driver)(path);
    const [one, other] = raw.prepare('SELECT digest, text FROM entries').all() as {
      digest: string;
      text: string;
    }[];
    const write = raw.prepare('UPDATE entries SET text = ? WHERE digest = ?');
    write.run(one?.text as string, other?.digest as string);
    write.run(other?.text as string, one?.digest as string);
    raw.close();
    expect([cache.lookup(request('a')), cache.lookup(request('b'))]).toEqual([undefined, undefined]);
    cache.close();
  });

  test('F095: a text of another version is a miss', () => {
    const path = newPath();
    const cache = open(path);
    cache.update(request('a'), record('a'));
    const raw = sqliteDriver(driver)(path);
    raw.exec("UPDATE entries SET text = replace(text, 'pw1:', 'pw2:')");
    expect(cache.lookup(request('a'))).toBeUndefined();
    raw.close();
    cache.close();
  });

  test('F096: a newer schema is refused; an older one is brought up; both keep their answers', () => {
    const path = newPath();
    open(path).close();
    const raw = sqliteDriver(driver)(path);
    raw.exec('PRAGMA user_version = 99');
    raw.close();
    expect(() => open(path)).toThrow(/schema 99/);
    const old = newPath();
    const bare = sqliteDriver(driver)(old);
    bare.exec('PRAGMA application_id = 1886872424; CREATE TABLE leftover (x); PRAGMA user_version = 0');
    bare.close();
    const cache = open(old);
    cache.update(request('a'), record('a'));
    expect(cache.lookup(request('a'))).toBeDefined();
    cache.close();
  });

  test.each<[string, (path: string) => void]>([
    ['a text', (path) => writeFileSync(path, 'x'.repeat(5_000))],
    ['an empty file', (path) => writeFileSync(path, '')],
    ['a directory', (path) => mkdirSync(path)],
    ['a link', (path) => symlinkSync(join(folder, 'elsewhere'), path)],
    [
      "another program's database",
      (path) => {
        const raw = sqliteDriver(driver)(path);
        raw.exec('CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1)');
        raw.close();
      },
    ],
  ])('F097, C10: %s is refused and stays as it is', (_name, make) => {
    const path = newPath();
    make(path);
    const before = lstatSync(path);
    const bytes = before.isFile() ? readFileSync(path) : undefined;
    expect(() => open(path)).toThrow(ConfigError);
    expect(lstatSync(path).mtimeMs).toBe(before.mtimeMs);
    if (bytes !== undefined) expect(readFileSync(path).equals(bytes)).toBe(true);
    expect(existsSync(`${path}-wal`)).toBe(false);
  });

  test('C10: only the owner can read the file', () => {
    const path = newPath();
    const cache = open(path);
    cache.update(request('a'), record('a'));
    for (const suffix of ['', '-wal', '-shm']) expect(statSync(path + suffix).mode & 0o777).toBe(0o600);
    cache.close();
    chmodSync(path, 0o600);
  });

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

  test('F104: a file that is deleted or replaced is noticed', () => {
    const path = newPath();
    let now = Date.now();
    const events: string[] = [];
    const cache = open(path, { clock: () => now, onEvent: ({ type }) => void events.push(type) });
    cache.update(request('a'), record('a'));
    for (const suffix of ['', '-wal', '-shm']) if (existsSync(path + suffix)) unlinkSync(path + suffix);
    now += 2_000;
    expect(cache.lookup(request('a'))).toBeUndefined();
    cache.update(request('b'), record('b'));
    cache.close();
    const again = open(path);
    expect(again.lookup(request('b'))).toBeDefined();
    again.close();
    expect(events).toEqual(['reopened']);
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

  test('F120: what claims to be from the future is a miss; times without end have one', () => {
    const cache = open(newPath(), { ttl: Number.POSITIVE_INFINITY });
    cache.update(request('a'), record('a', { createdAt: Date.now() + 3_600_000 }));
    cache.update(request('b'), record('b', { expiresAt: Number.MAX_SAFE_INTEGER }));
    cache.update(request('c'), record('c', { expiresAt: 0 }));
    cache.update(request('d'), record('d'));
    const found = ['a', 'b', 'c', 'd'].map((key) => cache.lookup(request(key)) !== undefined);
    expect(found).toEqual([false, true, false, true]);
    cache.close();
  });

  test('F122: an answer over the limit is not kept, and does not leave the one before', () => {
    const events: string[] = [];
    const cache = open(newPath(), { maxValueBytes: 1_000, onEvent: ({ type }) => void events.push(type) });
    cache.update(request('a'), record('small'));
    cache.update(request('a'), record('x'.repeat(1_000)));
    expect(cache.lookup(request('a'))).toBeUndefined();
    expect(events).toEqual(['too-large']);
    cache.close();
  });

  test('a record sealed for one scope or request opens for no other, nor one that is not sealed', () => {
    const path = newPath();
    const seal = {
      seal: (data: Uint8Array, context: Uint8Array) =>
        Buffer.concat([Buffer.from([context.length]), context, data]),
      open: (data: Uint8Array, context: Uint8Array) => {
        const end = 1 + (data[0] as number);
        if (!Buffer.from(data.subarray(1, end)).equals(context)) throw new Error('not mine');
        return data.subarray(end);
      },
    };
    const plain = open(path);
    plain.update(request('a'), record('a'));
    plain.close();
    const sealed = open(path, { seal });
    expect(sealed.lookup(request('a'))).toBeUndefined();
    sealed.update(request('a'), record('a'));
    expect(sealed.lookup(request('a'))).toBeDefined();
    sealed.close();
  });
});

describe('processes', () => {
  const WRITER = `
    import { writeSync } from 'node:fs';
    import { SQLiteCache } from './src/sqlite.js';
    import { record, request } from './test/requests.js';
    const [path, name, count] = process.argv.slice(2);
    const events = [];
    const cache = new SQLiteCache({ path, onEvent: ({ type }) => events.push(type) });
    for (let index = 0; index < Number(count); index += 1) {
      cache.update(request(name + index), record('answer ' + name + index));
      writeSync(1, index + '\\n');
    }
    cache.close();
    writeSync(1, JSON.stringify(events) + '\\n');
  `;

  test('F100: 60 times kill -9 while writing loses no acknowledged answer', async () => {
    const rounds = Number(process.env.PIPEWRIGHT_KILL_ROUNDS ?? 60);
    const program = await bundle('writer', WRITER);
    const path = newPath();
    try {
      for (let round = 0; round < rounds; round += 1) {
        const child = run(program.path, path, `r${round}-`, '100000');
        let acknowledged = '';
        const target = 1 + Math.floor(Math.random() * 40);
        await new Promise<void>((resolve) => {
          child.stdout.on('data', (part: Buffer) => {
            acknowledged += part.toString();
            if (acknowledged.split('\n').length > target) child.kill('SIGKILL');
          });
          child.on('close', () => resolve());
        });
        const count = acknowledged.split('\n').length - 1;
        expect(count).toBeGreaterThan(0);
        const cache = new SQLiteCache({ path });
        for (let index = 0; index < count; index += 1) {
          const key = `r${round}-${index}`;
          expect(cache.lookup(request(key))?.valueOf()).toMatchObject({
            message: { content: `answer ${key}` },
          });
        }
        cache.close();
      }
      const raw = sqliteDriver()(path);
      expect(raw.prepare('PRAGMA integrity_check').get()).toMatchObject({ integrity_check: 'ok' });
      raw.close();
    } finally {
      program.remove();
    }
  }, 120_000);

  test('F099: four processes on one new file: no BUSY comes out, no answer is lost', async () => {
    const program = await bundle('writers', WRITER);
    const path = newPath();
    try {
      const children = ['a', 'b', 'c', 'd'].map((name) => finished(run(program.path, path, name, '500')));
      for (const { output, code } of await Promise.all(children)) {
        expect(code).toBe(0);
        expect(output.trim().split('\n').at(-1)).toBe('[]');
      }
      const cache = new SQLiteCache({ path });
      for (const name of ['a', 'b', 'c', 'd']) {
        for (let index = 0; index < 500; index += 1) {
          expect(cache.lookup(request(name + index))).toMatchObject({
            message: { content: `answer ${name}${index}` },
          });
        }
      }
      cache.close();
      copyFileSync(path, newPath());
    } finally {
      program.remove();
    }
  }, 60_000);
});

test('F107: a library that is not there is named, with what to do', () => {
  expect(() => sqliteDriver('better-sqlite3')).toThrow(ConfigError);
  expect(() => sqliteDriver('better-sqlite3')).toThrow(/install better-sqlite3 or libsql/);
});
