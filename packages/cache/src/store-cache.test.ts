import { createHash } from 'node:crypto';
import { ConfigError, type LlmRequest } from '@pipewright/core';
import { describe, expect, test } from 'vitest';
import { record, request } from '../test/requests.js';
import { InMemoryCache } from './index.js';
import { applies, StoreCache, type Store, type StoreEntry, type StoreEvent } from './store.js';
import { cacheContract, storeContract } from './testing/index.js';

const bareStore = (): Store & { readonly entries: Map<string, StoreEntry> } => {
  const entries = new Map<string, StoreEntry>();
  return {
    entries,
    get: (digest) => entries.get(digest)?.text,
    set: (entry) => void entries.set(entry.digest, entry),
    delete: (digest) => entries.delete(digest),
    remove: (selector) => {
      const found = [...entries.values()].filter((entry) => applies(selector, entry));
      for (const { digest } of found) entries.delete(digest);
      return found.length;
    },
  };
};
const listingStore = (): Store => {
  const store = bareStore();
  return { ...store, texts: () => [...store.entries.values()].map(({ text }) => text) };
};

describe.each([
  ['four methods', bareStore],
  ['a list of its texts', listingStore],
])('a store with %s', async (_name, make) => {
  for (const { name, check } of storeContract(make)) test(`as a store: ${name}`, check);
  const rules = await cacheContract(() => new StoreCache(make()));
  for (const { name, check } of rules) test(`as a cache: ${name}`, check);
});

test('a store that cannot list its texts says so when it is to be exported or counted', async () => {
  const cache = new StoreCache(bareStore());
  await expect(cache.export().next()).rejects.toThrow(ConfigError);
  await expect(cache.stats()).rejects.toThrow('cannot list');
});

test('what is damaged, or past its time, is not exported', async () => {
  const store = bareStore();
  let now = Date.now();
  const cache = new StoreCache(
    { ...store, texts: () => [...store.entries.values()].map(({ text }) => text) },
    { clock: () => now },
  );
  for (const name of ['good', 'damaged']) await cache.update(request(name), record(name));
  await cache.update(request('soon over'), record('soon over', { expiresAt: now + 1_000 }));
  for (const [digest, entry] of store.entries) {
    if (entry.text.includes('damaged'))
      store.entries.set(digest, { ...entry, text: entry.text.replace('d', 'e') });
  }
  now += 1_000;
  const exported: unknown[] = [];
  for await (const { record: kept } of cache.export()) exported.push(kept.message.content);
  expect(exported).toEqual(['good']);
});

test('F095: a text of another layout is a miss, and stays where it is; one that is damaged goes', async () => {
  const store = bareStore();
  const events: StoreEvent[] = [];
  const cache = new StoreCache(store, { onEvent: (event) => void events.push(event) });
  await cache.update(request('a'), record('a'));
  const [[digest, entry]] = [...store.entries] as [[string, StoreEntry]];
  store.entries.set(digest, { ...entry, text: `pw12:${entry.text}` });
  expect(await cache.lookup(request('a'))).toBeUndefined();
  expect([store.entries.size, events]).toEqual([1, []]);
  store.entries.set(digest, { ...entry, text: entry.text.slice(0, -1) });
  expect(await cache.lookup(request('a'))).toBeUndefined();
  expect([store.entries.size, events]).toEqual([0, [{ type: 'corrupt', digest }]]);
});

describe('in memory, answers that came without their keys', () => {
  const filled = async (): Promise<InMemoryCache> => {
    const cache = new StoreCache(listingStore());
    for (const scope of ['s', 't']) {
      await cache.update(request(`asked in ${scope}`, { scope }), record(scope, { tags: [`of ${scope}`] }));
    }
    const memory = new InMemoryCache();
    await memory.import(cache.export());
    return memory;
  };
  const asked = (scope: string) => request(`asked in ${scope}`, { scope });

  test('are found, and found again', async () => {
    const memory = await filled();
    for (const _ of [1, 2]) expect(memory.lookup(asked('s'))).toMatchObject({ message: { content: 's' } });
    expect(memory.lookup(request('never asked'))).toBeUndefined();
    expect(memory.stats()).toMatchObject({ entries: 2, hits: 2, misses: 1 });
  });

  test('are deleted by request, and dropped by key, scope and tag', async () => {
    const memory = await filled();
    memory.delete(asked('s'));
    expect(memory.lookup(asked('s'))).toBeUndefined();
    expect(memory.invalidate({ scope: 's' })).toBe(0);
    expect(memory.invalidate({ scope: 't', tag: 'of s' })).toBe(0);
    expect(memory.invalidate({ scope: 't', tag: 'of t' })).toBe(1);
    expect((await filled()).invalidate({ key: asked('t').key })).toBe(1);
    expect((await filled()).invalidate({ model: 'm' })).toBe(2);
  });

  test('are replaced by what is kept for the same request', async () => {
    const memory = await filled();
    memory.update(asked('s'), record('newer'));
    expect(memory.lookup(asked('s'))).toMatchObject({ message: { content: 'newer' } });
    expect(memory.size).toBe(2);
    memory.delete(asked('s'));
    expect(memory.lookup(asked('s'))).toBeUndefined();
  });
});

test('what was imported by digest is found for its own half of a character only', async () => {
  const cache = new StoreCache(listingStore());
  const [asked, other] = ['\ud83c', '\ud83d'].map((half) => request(`asked ${half}`, { scope: half }));
  await cache.update(asked as LlmRequest, record('a'));
  const memory = new InMemoryCache();
  await memory.import(cache.export());
  expect(memory.invalidate({ scope: '\ud83d' })).toBe(0);
  expect(memory.lookup(other as LlmRequest)).toBeUndefined();
  expect(memory.lookup(asked as LlmRequest)).toMatchObject({ message: { content: 'a' } });
});

test('C4: an answer is kept under the SHA-256 of its whole key, which its text has to name', async () => {
  const store = bareStore();
  const cache = new StoreCache(store);
  await cache.update(request('a'), record('a'));
  const digest = createHash('sha256').update(request('a').key).digest('hex');
  expect([...store.entries.keys()]).toEqual([digest]);
  const other = createHash('sha256').update(request('b').key).digest('hex');
  store.entries.set(other, store.entries.get(digest) as StoreEntry);
  expect(await cache.lookup(request('b'))).toBeUndefined();
});
