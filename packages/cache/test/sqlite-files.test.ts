import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
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
import { sqliteDriver, type SqliteLibrary } from '../src/sqlite.js';
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

  test('C10: only the owner can read the file', () => {
    const path = newPath();
    const cache = open(path);
    cache.update(request('a'), record('a'));
    for (const suffix of ['', '-wal', '-shm']) expect(statSync(path + suffix).mode & 0o777).toBe(0o600);
    cache.close();
    chmodSync(path, 0o600);
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
