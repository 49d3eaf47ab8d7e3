import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { ConfigError } from '@pipewright/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { digestOf } from '../src/digests.js';
import { sqliteDriver, type SqliteLibrary, type StoreEvent } from '../src/sqlite.js';
import { record, request } from './requests.js';
import { libraries, newPath, openerFor } from './sqlite-databases.js';
import { cellHolding } from './sqlite-page.js';

describe.each(libraries)('%s', (driver: SqliteLibrary) => {
  const open = openerFor(driver);
  /** Takes some minutes. libsql keeps every file that it has opened, and would run out of them. */
  const everyFlip = process.env.PIPEWRIGHT_EVERY_FLIP !== undefined && driver !== 'libsql';

  test('F094: every single-byte change of a text is a miss, and reported', () => {
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
    expect(cache.lookup(request('a'))).toMatchObject(kept);
    raw.close();
    cache.close();
  });

  test(
    'F094: every single-byte change of a row in the file, its lengths and types included, is a miss',
    () => {
      const path = newPath();
      const cache = open(path);
      // U+FFFD is what damaged bytes are read as.
      for (const key of ['a', 'b'])
        cache.update(request(key, { model: 'm\ufffd' }), record(`\ufffd of ${key}`));
      cache.close();
      const digest = digestOf(request('a'));
      const { start, end } = cellHolding(path, 'entries', digest);
      const whole = readFileSync(path);
      const damaged = newPath();
      const lookupIn = (file: Buffer) => {
        writeFileSync(damaged, file);
        const opened = open(damaged);
        const found = opened.lookup(request('a'));
        opened.close();
        for (const suffix of ['', '-wal', '-shm']) rmSync(damaged + suffix, { force: true });
        return found;
      };
      expect(lookupIn(whole)).toMatchObject({ message: { content: '\ufffd of a' } });
      expect(end - start).toBeGreaterThan(300);
      for (let place = start; place < end; place += 1) {
        for (const flip of flips(place - start, everyFlip)) {
          const file = Buffer.from(whole);
          file[place] = (file[place] as number) ^ flip;
          if (lookupIn(file) !== undefined)
            throw new Error(`byte ${place - start} ^ ${flip} was not noticed`);
        }
      }
    },
    everyFlip ? 1_800_000 : 60_000,
  );

  test('F094: every column of a row that has another value makes it a miss', () => {
    const path = newPath();
    const events: string[] = [];
    const cache = open(path, { onEvent: ({ type }) => void events.push(type) });
    const raw = sqliteDriver(driver)(path);
    const columns = (raw.prepare('PRAGMA table_info(entries)').all() as { readonly name: string }[]).map(
      ({ name }) => name,
    );
    expect(columns).toHaveLength(6);
    cache.update(request('a'), record('older', { createdAt: 1 }));
    const { text: older } = raw.prepare('SELECT text FROM entries').get() as { readonly text: string };
    const value = fc.oneof(fc.string(), fc.maxSafeInteger(), fc.double({ noNaN: true }), fc.constant(older));
    fc.assert(
      fc.property(fc.constantFrom(...columns), value, (column, other) => {
        cache.update(request('a'), record('the answer'));
        const changed = raw
          .prepare(`UPDATE entries SET ${column} = ? WHERE ${column} IS NOT CAST(? AS ${typeOf(column)})`)
          .run(other, other);
        if (Number(changed.changes) === 0) return;
        const found = cache.lookup(request('a'));
        raw.exec('DELETE FROM entries');
        // Under another digest it is not even found.
        if (column !== 'digest') expect(events.splice(0)).toEqual(['corrupt']);
        if (found !== undefined) throw new Error(`${column} = ${other} was not noticed`);
      }),
      { numRuns: 300 },
    );
    raw.close();
    cache.close();
  });

  test('F093, C1: a whole row under another digest is a miss', () => {
    const path = newPath();
    const cache = open(path);
    cache.update(request('a'), record('of a'));
    cache.update(request('b'), record('of b'));
    const raw = sqliteDriver(driver)(path);
    const [one, other] = [digestOf(request('a')), digestOf(request('b'))];
    const rename = raw.prepare('UPDATE entries SET digest = ? WHERE digest = ?');
    for (const [to, from] of [
      ['x', one],
      [one, other],
      [other, 'x'],
    ])
      rename.run(to as string, from as string);
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

  describe('F094: a file whose pages are damaged', () => {
    const PAGE = 4_096;
    const damaged = (from: number, to?: number): string => {
      const path = newPath();
      const cache = open(path);
      for (let index = 0; index < 100; index += 1) {
        cache.update(request(`${index}`), record('x'.repeat(500), { tags: ['t'] }));
      }
      cache.close();
      const raw = sqliteDriver(driver)(path);
      raw.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      raw.close();
      const file = readFileSync(path);
      const other = newPath();
      writeFileSync(other, file.fill(0xff, from, to));
      return other;
    };

    test('fails writes and removals, which say what to do, until it is cleared; then it is as good as new', () => {
      const path = damaged(PAGE);
      const events: string[] = [];
      const cache = open(path, { onEvent: ({ type }) => void events.push(type) });
      expect(cache.lookup(request('7'))).toBeUndefined();
      const fails = expect.objectContaining({ trouble: 'corrupt', retryable: false });
      expect(() => cache.update(request('a'), record('a'))).toThrow(fails);
      expect(() => cache.invalidate({ tag: 't' })).toThrow(fails);
      expect(() => cache.clear('s')).toThrow('"clear()" replaces it');
      cache.clear();
      expect(cache.lookup(request('7'))).toBeUndefined();
      cache.update(request('a'), record('a'));
      expect(cache.lookup(request('a'))).toBeDefined();
      expect(events).toEqual(['corrupt', 'reopened']);
      cache.close();
      const raw = sqliteDriver(driver)(path);
      expect(raw.prepare('PRAGMA integrity_check').get()).toMatchObject({ integrity_check: 'ok' });
      raw.close();
    });

    test('so that it cannot be opened is refused, and stays as it is', () => {
      const path = damaged(100, PAGE);
      const before = readFileSync(path);
      expect(() => open(path)).toThrow(ConfigError);
      expect(() => open(path)).toThrow('Delete it');
      expect(readFileSync(path).equals(before)).toBe(true);
    });
  });

  test('C9: uses that a damaged file has without their entries do not keep others from making room', () => {
    const path = newPath();
    let now = 1_000;
    const cache = open(path, { maxEntries: 10, clock: () => (now += 1) });
    const raw = sqliteDriver(driver)(path);
    raw.exec("INSERT INTO uses VALUES ('nobody', 0), ('nothing', 1)");
    for (let index = 0; index < 30; index += 1)
      cache.update(request(`${index}`), record('x', { createdAt: now }));
    expect(raw.prepare('SELECT count(*) AS count FROM entries').get()).toMatchObject({ count: 10 });
    expect(raw.prepare('SELECT count(*) AS count FROM uses').get()).toMatchObject({ count: 10 });
    expect(cache.lookup(request('29'))).toBeDefined();
    raw.close();
    cache.close();
  });
});

/** Each bit of the bytes that say lengths and types; one bit of each of the others, all bits in turn. */
function flips(place: number, every: boolean): readonly number[] {
  if (every) return Array.from({ length: 255 }, (_, index) => index + 1);
  return place < 24 ? [1, 2, 4, 8, 16, 32, 64, 128, 255] : [1 << (place % 8)];
}

const typeOf = (column: string): string => (/^(drop_at|row_sum)$/.test(column) ? 'INTEGER' : 'TEXT');
