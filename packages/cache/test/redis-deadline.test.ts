import { TimeoutError } from '@pipewright/core';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { RedisCache } from '../src/redis.js';
import { request } from './requests.js';

/** A client of a server that takes its time over everything. */
const slowClient = (milliseconds: number) => {
  const after = (value: unknown) => () =>
    new Promise((resolve) => setTimeout(() => resolve(value), milliseconds));
  const [get, set, del, scan] = [after(null), after('OK'), after(0), after(['0', []])];
  return { status: 'ready', get, set, del, scan, on: () => undefined };
};

describe('deadlines', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('without one a server is waited for', async () => {
    const cache = new RedisCache({ client: slowClient(3_600_000), deadline: Infinity });
    const found = cache.lookup(request('a'));
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(await found).toBeUndefined();
  });

  test.each<[string, (cache: RedisCache) => unknown]>([
    ['clear', (cache) => cache.clear()],
    ['invalidate', (cache) => cache.invalidate({ tag: 't' })],
    ['stats', (cache) => cache.stats()],
    ['export', (cache) => cache.export().next()],
  ])('a server that hangs does not hold up %s', async (_name, use) => {
    const cache = new RedisCache({ client: slowClient(3_600_000) });
    let outcome: unknown;
    void Promise.resolve(use(cache)).catch((error: unknown) => (outcome = error));
    await vi.advanceTimersByTimeAsync(250);
    expect(outcome).toBeInstanceOf(TimeoutError);
  });
});
