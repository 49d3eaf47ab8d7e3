import { ConfigError, setLlmCache } from '@pipewright/core';
import { FakeListChatModel } from '@pipewright/core/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { record, request } from '../test/requests.js';
import { InMemoryCache, type InMemoryCacheOptions } from './index.js';
import { cacheContract } from './testing/index.js';

afterEach(() => setLlmCache(null));

describe.each([{}, { eviction: 'lfu' }, { eviction: 'fifo' }, { eviction: 'random' }] as const)(
  'the contract, with %o',
  async (options: InMemoryCacheOptions) => {
    for (const { name, check } of await cacheContract(() => new InMemoryCache(options))) test(name, check);
  },
);

test('a cache of two methods keeps the part of the contract that applies to it', async () => {
  const rules = await cacheContract(() => {
    const records = new Map<string, string>();
    return {
      lookup: ({ key }) => JSON.parse(records.get(key) ?? 'null') ?? undefined,
      update: ({ key }, kept) => void records.set(key, JSON.stringify(kept)),
    };
  });
  expect(rules.length).toBeGreaterThan(15);
  for (const rule of rules) await rule.check();
});

test('set globally, it answers the second call', async () => {
  const cache = new InMemoryCache();
  setLlmCache(cache);
  const model = new FakeListChatModel({ responses: ['first', 'second'] });
  expect((await model.invoke('hi')).text).toBe('first');
  expect((await model.invoke('hi')).text).toBe('first');
  expect((await model.invoke('other')).text).toBe('second');
  expect([model.calls, cache.size]).toEqual([2, 2]);
});

test('a hit keeps the chain synchronous', () => {
  setLlmCache(new InMemoryCache());
  const model = new FakeListChatModel({ responses: ['first', 'second'] });
  expect([model.invokeSync('hi').text, model.invokeSync('hi').text]).toEqual(['first', 'first']);
});

test('what comes out is not what went in', () => {
  const cache = new InMemoryCache();
  const kept = record('a');
  cache.update(request('k'), kept);
  const found = cache.lookup(request('k'));
  expect(found).toEqual(kept);
  expect(found).not.toBe(kept);
  expect(Object.isFrozen(found?.message)).toBe(true);
});

describe('bounds', () => {
  test('the least recently used entry goes first', () => {
    const cache = new InMemoryCache({ maxEntries: 2 });
    cache.update(request('a'), record('1'));
    cache.update(request('b'), record('2'));
    cache.lookup(request('a'));
    cache.update(request('c'), record('3'));
    expect(['a', 'b', 'c'].map((key) => cache.lookup(request(key)) !== undefined)).toEqual([
      true,
      false,
      true,
    ]);
  });

  test('C9: bytes stay within the bound over many entries, and count back to zero', () => {
    const cache = new InMemoryCache({ maxBytes: 10_000 });
    for (let i = 0; i < 1_000; i += 1) {
      cache.update(request(`key ${i}`), record('x'.repeat(i)));
      expect(cache.bytes).toBeLessThanOrEqual(10_000);
    }
    expect(cache.size).toBeGreaterThan(0);
    cache.update(request('key 999'), record('again'));
    cache.delete(request('key 999'));
    cache.clear();
    expect([cache.size, cache.bytes]).toEqual([0, 0]);
  });

  test('an answer larger than the whole cache is not kept and pushes nothing out', () => {
    const cache = new InMemoryCache({ maxBytes: 1_000 });
    cache.update(request('small'), record('x'));
    cache.update(request('large'), record('x'.repeat(1_000)));
    expect(cache.lookup(request('small'))).toBeDefined();
    expect(cache.lookup(request('large'))).toBeUndefined();
  });

  test.each([0, -1, 1.5, Number.NaN, '5'])('a bound of %s is refused', (value) => {
    expect(() => new InMemoryCache({ maxEntries: value as number })).toThrow(ConfigError);
    expect(() => new InMemoryCache({ maxBytes: value as number })).toThrow(ConfigError);
  });
});

describe('which entry makes room', () => {
  const kept = (options: InMemoryCacheOptions): string => {
    const cache = new InMemoryCache({ maxEntries: 3, ...options });
    for (const key of ['a', 'b', 'c']) cache.update(request(key), record(key));
    for (const key of ['a', 'a', 'b', 'c', 'a', 'c']) cache.lookup(request(key));
    cache.update(request('d'), record('d'));
    return ['a', 'b', 'c', 'd'].filter((key) => cache.lookup(request(key)) !== undefined).join('');
  };
  test.each<[InMemoryCacheOptions, string]>([
    [{ eviction: 'lru' }, 'acd'],
    [{ eviction: 'lfu' }, 'acd'],
    [{ eviction: 'fifo' }, 'bcd'],
    [{ eviction: 'random', random: () => 0.99 }, 'abd'],
  ])('%o', (options, expected) => expect(kept(options)).toBe(expected));

  test('least frequently used is not least recently used', () => {
    const cache = new InMemoryCache({ maxEntries: 2, eviction: 'lfu' });
    cache.update(request('a'), record('a'));
    cache.update(request('b'), record('b'));
    for (const key of ['a', 'a', 'b']) cache.lookup(request(key));
    cache.update(request('c'), record('c'));
    expect(['a', 'b', 'c'].map((key) => cache.lookup(request(key)) !== undefined)).toEqual([
      true,
      false,
      true,
    ]);
  });

  test.each(['lru', 'lfu', 'fifo', 'random'] as const)(
    'C9, F123: %s stays in bounds and whole over many uses',
    (eviction) => {
      const cache = new InMemoryCache({ maxEntries: 50, eviction });
      for (let turn = 0; turn < 20_000; turn += 1) {
        const key = String((turn * 7919) % 200);
        const found = cache.lookup(request(key));
        if (found === undefined) cache.update(request(key), record(key));
        else expect(found.message.content).toBe(key);
        if (turn % 97 === 0) cache.delete(request(String(turn % 200)));
        expect(cache.size).toBeLessThanOrEqual(50);
      }
      cache.invalidate({});
      expect([cache.size, cache.bytes]).toEqual([0, 0]);
    },
  );
});

describe('F120, D39: time', () => {
  function clocked(options: InMemoryCacheOptions) {
    let now = 1_000;
    const cache = new InMemoryCache({ clock: () => now, ...options });
    cache.update(request('a'), record('a'));
    return { cache, at: (time: number) => ((now = time), cache.lookup(request('a')) !== undefined) };
  }
  test('an answer goes when its time is over, used or not', () => {
    const { at } = clocked({ ttl: 100 });
    expect([at(1_050), at(1_099), at(1_100)]).toEqual([true, true, false]);
  });
  test('or when nobody asked for long', () => {
    const { at } = clocked({ idleTtl: 100 });
    expect([at(1_099), at(1_198), at(1_298)]).toEqual([true, true, false]);
  });
  test('what the record says goes first', () => {
    const { cache, at } = clocked({ ttl: 100 });
    cache.update(request('a'), { ...record('a'), expiresAt: 5_000, staleUntil: 6_000 });
    expect([at(5_999), at(6_000)]).toEqual([true, false]);
    cache.update(request('a'), { ...record('a'), expiresAt: 6_000 });
    expect(cache.size).toBe(0);
  });
});

test('export and import carry answers over; stats count', () => {
  const [one, other] = [new InMemoryCache(), new InMemoryCache()];
  one.update(request('a'), { ...record('a'), tags: ['t'] });
  other.import(JSON.parse(JSON.stringify([...one.export()])));
  expect(other.lookup(request('a'))).toEqual(one.lookup(request('a')));
  other.lookup(request('b'));
  expect(other.stats()).toMatchObject({ entries: 1, hits: 1, misses: 1, evictions: 0 });
  expect(other.invalidate({ tag: 't' })).toBe(1);
});
