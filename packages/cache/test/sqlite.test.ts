import { describe, expect, test } from 'vitest';
import { sqliteDriver, type SqliteLibrary } from '../src/sqlite.js';
import { SqliteStore } from '../src/sqlite-store.js';
import { cacheContract, storeContract } from '../src/testing/index.js';
import { record, request } from './requests.js';
import { libraries, newPath, openerFor } from './sqlite-databases.js';

test('some SQLite library is here to test with', () => {
  expect(libraries).toContain('libsql');
  expect(libraries.includes('node:sqlite')).toBe(process.getBuiltinModule('node:sqlite') !== undefined);
});

describe.each(libraries)('%s', async (driver: SqliteLibrary) => {
  const open = openerFor(driver);
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
