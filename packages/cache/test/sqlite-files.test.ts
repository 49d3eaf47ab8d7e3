import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from '@pipewright/core';
import { describe, expect, test } from 'vitest';
import { digestOf } from '../src/digests.js';
import { sqliteDriver, type SQLiteCache, type SqliteLibrary, type StoreEvent } from '../src/sqlite.js';
import { record, request } from './requests.js';
import { writeSchema1 } from './sqlite-schema-1.js';
import { folder, libraries, newPath, openerFor } from './sqlite-databases.js';

describe.each(libraries)('%s', (driver: SqliteLibrary) => {
  const open = openerFor(driver);

  test('F096: a newer schema is refused, and the file keeps its answers', () => {
    const path = newPath();
    const cache = open(path);
    cache.update(request('a'), record('a'));
    cache.close();
    const raw = sqliteDriver(driver)(path);
    raw.exec('PRAGMA user_version = 99');
    expect(() => open(path)).toThrow(/schema 99/);
    raw.exec('PRAGMA user_version = 2');
    raw.close();
    const again = open(path);
    expect(again.lookup(request('a'))).toBeDefined();
    again.close();
  });

  test('F096: a file without a schema is brought up', () => {
    const path = newPath();
    const bare = sqliteDriver(driver)(path);
    bare.exec('PRAGMA application_id = 1886872424; CREATE TABLE leftover (x)');
    bare.close();
    const cache = open(path);
    cache.update(request('a'), record('a'));
    expect(cache.lookup(request('a'))).toBeDefined();
    cache.close();
  });

  test('F096: an older schema is brought up with its answers, tags and times of use; what is damaged stays behind', () => {
    const path = newPath();
    const names = Array.from({ length: 120 }, (_, index) => `name ${index}`);
    writeSchema1(path, [...names, 'damaged']);
    const old = sqliteDriver(driver)(path);
    const damage = old.prepare(
      "UPDATE entries SET text = CAST(replace(text, 'pw1', x'ff') AS TEXT) WHERE digest = ?",
    );
    damage.run(digestOf(request('damaged')));
    old.close();
    const cache = open(path, { maxEntries: 120 });
    for (const name of names) {
      expect(cache.lookup(request(name))).toMatchObject({ message: { content: name } });
    }
    expect(cache.lookup(request('damaged'))).toBeUndefined();
    expect(cache.invalidate({ tag: 'tag of name 7' })).toBe(1);
    cache.close();
    const raw = sqliteDriver(driver)(path);
    expect(raw.prepare('SELECT entries FROM totals').get()).toMatchObject({ entries: 119 });
    expect(
      raw.prepare("SELECT count(*) AS count FROM sqlite_master WHERE name = 'entries_1'").get(),
    ).toMatchObject({
      count: 0,
    });
    expect(raw.prepare('PRAGMA integrity_check').get()).toMatchObject({ integrity_check: 'ok' });
    raw.close();
  });

  test('F096: a file of an older schema drops what was used least lately there', () => {
    const path = newPath();
    writeSchema1(path, ['first', 'second', 'third']);
    const cache = open(path, { maxEntries: 3 });
    cache.update(request('new'), record('new'));
    const found = ['first', 'second', 'third', 'new'].map(
      (name) => cache.lookup(request(name)) !== undefined,
    );
    expect(found).toEqual([true, true, false, true]);
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

  test("F097: another program's database is refused also while that program has it open", () => {
    const path = newPath();
    const foreign = sqliteDriver(driver)(path);
    foreign.exec('PRAGMA journal_mode = WAL; CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1)');
    expect(() => open(path)).toThrow("another program's database");
    expect(foreign.prepare('SELECT count(*) AS count FROM theirs').get()).toMatchObject({ count: 1 });
    foreign.close();
  });

  // Without it, another process that closes the file takes itself for the last one, and drops what was written since.
  test.runIf(existsSync('/proc/locks'))('a second cache leaves the first one its lock on the file', () => {
    const path = newPath();
    const first = open(path);
    first.update(request('a'), record('a'));
    const place = `:${statSync(path).ino} `;
    const locks = (): number =>
      readFileSync('/proc/locks', 'utf8')
        .split('\n')
        .filter((line) => line.includes(place)).length;
    expect(locks()).toBe(1);
    const second = open(path);
    expect(locks()).toBe(1);
    first.close();
    second.close();
  });

  test('C10: only the owner can read the file', () => {
    const path = newPath();
    const cache = open(path);
    cache.update(request('a'), record('a'));
    for (const suffix of ['', '-wal', '-shm']) expect(statSync(path + suffix).mode & 0o777).toBe(0o600);
    cache.close();
    chmodSync(path, 0o600);
  });

  describe('F104: a file is deleted, and what SQLite keeps beside it is not', () => {
    const beside = (path: string): string[] =>
      ['-wal', '-shm'].map((suffix) => path + suffix).filter((file) => existsSync(file));
    const isWhole = (path: string): void => {
      const raw = sqliteDriver(driver)(path);
      expect(raw.prepare('PRAGMA integrity_check').get()).toMatchObject({ integrity_check: 'ok' });
      raw.close();
    };
    /** As a process leaves them that is killed, whose file is then deleted. */
    const leftBehind = (): string => {
      const path = newPath();
      const killed = open(path);
      for (let index = 0; index < 50; index += 1) killed.update(request(`old ${index}`), record('old'));
      const left = beside(path).map((file) => [file, readFileSync(file)] as const);
      expect(left).toHaveLength(2);
      killed.close();
      unlinkSync(path);
      for (const [file, bytes] of left) writeFileSync(file, bytes);
      writeFileSync(`${path}-journal`, 'left behind');
      return path;
    };

    test('the new file takes nothing over from it, and is whole', () => {
      const path = leftBehind();
      const cache = open(path);
      expect(existsSync(`${path}-journal`)).toBe(false);
      for (let index = 0; index < 50; index += 1) cache.update(request(`new ${index}`), record('new'));
      expect(cache.lookup(request('old 7'))).toBeUndefined();
      cache.close();
      isWhole(path);
      const again = open(path);
      expect(again.lookup(request('new 7'))).toBeDefined();
      again.close();
      expect(readdirSync(folder).filter((name) => name.endsWith('.new'))).toEqual([]);
      expect(statSync(`${path}-lock`)).toMatchObject({ size: 0, mode: 0o100600 });
    });

    test('two caches that make it anew at once share it: the second leaves alone what is beside it by then', () => {
      const path = leftBehind();
      let first: SQLiteCache | undefined;
      const second = open(path, {
        driver: (file) => {
          const database = sqliteDriver(driver)(file);
          const exec = (sql: string): void => {
            if (sql === 'BEGIN EXCLUSIVE') {
              first = open(path);
              first.update(request('a'), record('a'));
            }
            database.exec(sql);
          };
          return { exec, prepare: (sql) => database.prepare(sql), close: () => database.close() };
        },
      });
      expect(second.lookup(request('a'))).toBeDefined();
      second.update(request('b'), record('b'));
      expect(first?.lookup(request('b'))).toBeDefined();
      first?.close();
      second.close();
      isWhole(path);
    });

    test('while another process makes it anew, everything is a miss, and the next look opens it', () => {
      const path = leftBehind();
      const other = sqliteDriver(driver)(`${path}-lock`);
      other.exec('BEGIN EXCLUSIVE');
      let now = Date.now();
      const events: string[] = [];
      const onEvent = ({ type }: StoreEvent): void => void events.push(type);
      const cache = open(path, { busyTimeout: 20, clock: () => now, onEvent });
      cache.update(request('a'), record('a'));
      expect(cache.lookup(request('a'))).toBeUndefined();
      expect(existsSync(`${path}-wal`)).toBe(true);
      other.close();
      now += 1_000;
      cache.update(request('a'), record('a'));
      expect(cache.lookup(request('a'))).toBeDefined();
      expect(events).toEqual(['busy', 'reopened']);
      cache.close();
    });

    test('a process that has the deleted file open does no harm to the new one, and comes over to it', () => {
      const path = newPath();
      let now = Date.now();
      const [old, other] = [1, 2].map(() => open(path, { clock: () => now })) as [SQLiteCache, SQLiteCache];
      for (const cache of [old, other]) cache.update(request('old'), record('old'));
      unlinkSync(path);
      const cache = open(path);
      for (let index = 0; index < 20; index += 1) {
        old.update(request(`lost ${index}`), record('x'.repeat(1_000)));
        cache.update(request(`${index}`), record('x'.repeat(1_000)));
        other.lookup(request('old'));
      }
      other.close();
      expect(beside(path)).toHaveLength(2);
      now += 1_000;
      for (const key of ['old', 'lost 7']) expect(old.lookup(request(key))).toBeUndefined();
      old.update(request('kept'), record('kept'));
      for (const key of ['7', 'kept']) expect(cache.lookup(request(key))).toBeDefined();
      old.close();
      cache.close();
      isWhole(path);
    });
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
});
