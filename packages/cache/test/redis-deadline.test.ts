import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { RedisCache, type IORedisClient } from '../src/redis.js';
import { request } from './requests.js';

/** A client of a server that takes its time over everything. */
const slowClient = (milliseconds: number): IORedisClient => {
  const late = () => new Promise((resolve) => setTimeout(() => resolve(null), milliseconds));
  return { status: 'ready', get: late, set: late, del: late, on: () => undefined };
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
});
