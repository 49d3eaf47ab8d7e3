import { ConfigError, type LlmCache } from '@pipewright/core';
import { ScriptedChatModel } from '@pipewright/core/testing';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { record, request } from '../test/requests.js';
import { InMemoryCache, TieredCache, type PortableCache } from './index.js';
import { StoreCache, type Store } from './store.js';
import { cacheContract } from './testing/index.js';

const later = (cache: InMemoryCache): PortableCache => ({
  lookup: async (asked) => cache.lookup(asked),
  update: async (asked, kept) => cache.update(asked, kept),
  delete: async (asked) => cache.delete(asked),
  clear: async (scope) => cache.clear(scope),
  invalidate: async (selector) => cache.invalidate(selector),
  stats: async () => cache.stats(),
  export: () => cache.export(),
  import: async (entries) => cache.import(entries),
});

describe('the contract, of synchronous tiers', async () => {
  const rules = await cacheContract(() => new TieredCache([new InMemoryCache(), new InMemoryCache()]));
  for (const { name, check } of rules) test(name, check);
});
describe('the contract, of an asynchronous tier under a small one', async () => {
  const rules = await cacheContract(
    () => new TieredCache([new InMemoryCache({ maxEntries: 2 }), later(new InMemoryCache())]),
  );
  for (const { name, check } of rules) test(name, check);
});

test('an answer found further down is put into the tiers above, and is good for no longer', async () => {
  const [top, bottom] = [new InMemoryCache({ ttl: 1e9 }), new InMemoryCache()];
  const cache = new TieredCache([top, later(bottom)], { ttl: 1_000 });
  await cache.update(request('a'), record('a'));
  const end = bottom.lookup(request('a'))?.expiresAt;
  top.clear();
  expect(await cache.lookup(request('a'))).toMatchObject({ message: { content: 'a' } });
  expect(top.lookup(request('a'))?.expiresAt).toBe(end);
});

test('F120: what another process put into a store ends there and in the tiers above at the same time', async () => {
  let now = Date.now();
  const clock = () => now;
  const entries = new Map<string, string>();
  const store: Store = {
    get: (digest) => entries.get(digest),
    set: ({ digest, text }) => void entries.set(digest, text),
    delete: (digest) => entries.delete(digest),
    remove: () => 0,
  };
  const bottom = new StoreCache(store, { ttl: 60_000, clock });
  await bottom.update(request('a'), record('a'));
  const cache = new TieredCache([new InMemoryCache({ clock }), bottom]);
  expect(cache.lookup(request('a'))).toBeDefined();
  now += 59_999;
  expect(cache.lookup(request('a'))).toBeDefined();
  now += 1;
  expect(cache.lookup(request('a'))).toBeUndefined();
});

test('a hit in a synchronous tier makes no promise', () => {
  const cache = new TieredCache([new InMemoryCache(), new InMemoryCache()]);
  cache.update(request('a'), record('a'));
  expect(cache.lookup(request('a'))).toMatchObject({ message: { content: 'a' } });
});

test('stats add up the bytes of the tiers, and an export and an import leave out those that cannot', async () => {
  const [top, bottom] = [new InMemoryCache({ maxEntries: 1 }), new InMemoryCache()];
  const bare: LlmCache = { lookup: () => undefined, update: () => undefined };
  const cache = new TieredCache([top, bottom, bare]);
  for (const key of ['a', 'b']) cache.update(request(key), record(key));
  expect(await cache.stats()).toMatchObject({ entries: 2, bytes: top.bytes + bottom.bytes });
  const other = new TieredCache([new InMemoryCache(), bare]);
  await other.import(cache.export());
  expect(await other.lookup(request('a'))).toMatchObject({ message: { content: 'a' } });
  const none = new TieredCache([bare]);
  await expect(none.import(cache.export())).rejects.toThrow(ConfigError);
  await expect(none.export().next()).rejects.toThrow(ConfigError);
});

test('with no end to their time, answers are hits in every tier', async () => {
  const tiers = [new InMemoryCache(), new InMemoryCache({ ttl: 1 })];
  const cache = new TieredCache(tiers, { ttl: Infinity });
  const model = new ScriptedChatModel({ replies: ['x'], cache });
  await model.invoke('Hi');
  await model.invoke('Hi');
  tiers[0]?.clear();
  await model.invoke('Hi');
  expect(model.calls).toHaveLength(1);
});

test('at least one cache is needed', () => expect(() => new TieredCache([])).toThrow(ConfigError));

describe('a tier in trouble', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test.each<[string, () => Promise<never>]>([
    ['dead', () => Promise.reject(new Error('down'))],
    ['silent', () => new Promise(() => {})],
  ])('a %s tier is passed over, and soon costs nothing; the others go on', async (_name, trouble) => {
    const [top, bottom] = [new InMemoryCache(), new InMemoryCache()];
    const cache = new TieredCache([top, { lookup: trouble, update: trouble }, bottom]);
    bottom.update(request('kept'), record('kept'));
    const model = new ScriptedChatModel({ replies: Array(50).fill('x'), cache });
    const events: string[] = [];
    const costs: number[] = [];
    for (let turn = 0; turn < 8; turn += 1) {
      const start = performance.now();
      let ended = -1;
      const onEvent = ({ type }: { type: string }): void => void events.push(type);
      void model.invoke(`${turn}`, { cache: { onEvent } }).then(() => (ended = performance.now()));
      while (ended < 0) await vi.advanceTimersByTimeAsync(1);
      await vi.advanceTimersByTimeAsync(150);
      costs.push(ended - start);
    }
    expect(Math.max(...costs)).toBeLessThanOrEqual(102);
    expect(Math.max(...costs.slice(5))).toBeLessThanOrEqual(2);
    expect(events.filter((type) => type === 'failing' || type === 'disabled')).toEqual([]);
    expect(await cache.lookup(request('kept'))).toBeDefined();
  });

  test('without a deadline a tier is waited for', async () => {
    const kept = record('a');
    const slow: LlmCache = {
      lookup: () => new Promise((resolve) => setTimeout(() => resolve(kept), 3_600_000)),
      update: () => undefined,
    };
    const found = new TieredCache([slow], { deadline: Infinity }).lookup(request('a'));
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(await found).toEqual(kept);
  });

  test('an answer is kept if any tier keeps it', async () => {
    const full: LlmCache = { lookup: () => undefined, update: () => false };
    const update = (...tiers: LlmCache[]) => new TieredCache(tiers).update(request('a'), record('a'));
    expect(await update(full, new InMemoryCache())).toBeUndefined();
    expect(await update(full, { ...full })).toBe(false);
  });

  test.each([
    ['throws', () => fails()],
    ['rejects', () => Promise.reject(new Error('locked'))],
  ])('a tier that %s keeps none of the others from dropping or closing', async (_name, failing) => {
    const asked: string[] = [];
    const note = (name: string, count?: number) => (): never => (asked.push(name), count) as never;
    const broken: LlmCache = {
      lookup: () => undefined,
      update: () => undefined,
      clear: failing,
      delete: failing,
      invalidate: failing,
      close: failing,
    };
    const other: LlmCache = {
      ...broken,
      clear: note('clear'),
      delete: note('delete'),
      invalidate: note('invalidate', 0),
      close: note('close'),
    };
    const cache = new TieredCache([broken, other]);
    const attempts = [
      () => cache.clear(),
      () => cache.delete(request('a')),
      () => cache.invalidate({ tag: 'a' }),
      () => cache.close(),
    ];
    for (const attempt of attempts) await expect((async () => attempt())()).rejects.toThrow('locked');
    expect(asked).toEqual(['clear', 'delete', 'invalidate', 'close']);
  });
  const fails = (): never => {
    throw new Error('locked');
  };

  test('only when every tier fails does the whole', async () => {
    const down: LlmCache = {
      lookup: () => Promise.reject(new Error('down')),
      update: () => Promise.reject(new Error('down')),
    };
    const cache = new TieredCache([down, { ...down }]);
    await expect(cache.lookup(request('a'))).rejects.toThrow('No tier');
    await expect(cache.update(request('a'), record('a'))).rejects.toThrow('No tier');
  });
});
