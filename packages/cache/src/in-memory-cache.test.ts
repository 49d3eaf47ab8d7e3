import { ConfigError, setLlmCache, type LlmRecord, type LlmRequest } from '@pipewright/core';
import { FakeListChatModel } from '@pipewright/core/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { InMemoryCache } from './index.js';

const request = (key: string): LlmRequest => ({ identity: {}, messages: [], parameters: {}, key });
const record = (content: string): LlmRecord => ({ version: 1, message: { content } });

afterEach(() => setLlmCache(null));

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
  expect(cache.lookup(request('k'))).not.toBe(found);
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
