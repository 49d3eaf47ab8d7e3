import { describe, expect, test } from 'vitest';
import type { RedisCache } from '../src/redis.js';
import { cacheAt, keep, look, proxyBefore, startServer, until } from './redis-caches.js';
import { missing, reportMissing } from './redis-server.js';
import { record, request } from './requests.js';

if (missing !== undefined) reportMissing();
else {
  describe('replies', () => {
    const names = Array.from({ length: 64 }, (_, index) => `tenant ${index}`);
    const filled = async () => {
      const server = await startServer();
      const proxy = await proxyBefore(server);
      const direct = cacheAt(server.url, { deadline: 2_000 });
      for (const name of names) await keep(direct.cache, name);
      return proxy;
    };
    /** One read for each tenant, at once; gives how many were answered in time. */
    const readAll = async (cache: RedisCache): Promise<number> => {
      const reads = names.map(async (name) => {
        const found = await look(cache, request(name)).catch((error: Error) => {
          if (error.name !== 'TimeoutError') throw error;
        });
        if (found !== undefined && found.message.content !== name)
          throw new Error(`${name} got ${JSON.stringify(found.message.content)}`);
        return found !== undefined;
      });
      return (await Promise.all(reads)).filter(Boolean).length;
    };

    test('F115, C1: of many reads by 64 tenants, given up at any time, none gets another tenant’s answer', async () => {
      const rounds = Math.ceil(Number(process.env.PIPEWRIGHT_READS ?? 200_000) / names.length);
      const proxy = await filled();
      // Each gives its commands up at another time; the connections stay.
      const caches = [1, 2, 5, 250].map((deadline) => cacheAt(proxy.url, { deadline }).cache);
      for (const cache of caches)
        await until(() => look(cache, request('tenant 0')).then(Boolean, () => false), 5_000);
      let hits = 0;
      for (let round = 0; round < rounds; round += 1) {
        proxy.delay = round % 50 === 0 ? 4 : 0;
        hits += await readAll(caches[round % caches.length] as RedisCache);
      }
      const late = rounds * names.length - hits;
      expect(hits).toBeGreaterThan((rounds * names.length) / 10);
      expect(late).toBeGreaterThan(rounds / 2);
    }, 300_000);

    test('C1: replies that a hostile proxy moves by one place never become another tenant’s answer', async () => {
      const proxy = await filled();
      const { cache, types } = cacheAt(proxy.url, { deadline: 20 });
      await until(() => look(cache, request('tenant 0')).then(Boolean, () => false), 5_000);
      let held: Buffer = Buffer.from('$-1\r\n');
      proxy.mangle = (bytes) => {
        const previous = held;
        held = bytes;
        return [previous];
      };
      for (let round = 0; round < 3; round += 1) {
        for (const name of names) {
          const found = await look(cache, request(name)).catch(() => undefined);
          if (found !== undefined) expect(found.message.content).toBe(name);
        }
      }
      expect(types()).toContain('corrupt');
    }, 120_000);

    test('F116: replies cut into single bytes, or joined, read the same', async () => {
      const server = await startServer();
      const proxy = await proxyBefore(server);
      proxy.mangle = (bytes) => Array.from(bytes, (byte) => Buffer.from([byte]));
      const { cache } = cacheAt(proxy.url, { deadline: 2_000 });
      for (const key of ['a', 'b', 'c']) await cache.update(request(key), record(key));
      const found = await Promise.all(['a', 'b', 'c'].map(async (key) => cache.lookup(request(key))));
      expect(found.map((one) => one?.message.content)).toEqual(['a', 'b', 'c']);
    });

    test('C13: a server that answers nonsense is a miss, and the caller is served', async () => {
      const server = await startServer();
      const proxy = await proxyBefore(server);
      const { call } = cacheAt(proxy.url);
      await call('known');
      let seed = 1;
      proxy.mangle = (bytes) => {
        const mangled = Buffer.from(bytes);
        for (let count = 0; count < 3; count += 1) {
          seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
          mangled[seed % mangled.length] = (seed >> 8) & 0xff;
        }
        return [mangled];
      };
      for (let turn = 0; turn < 200; turn += 1) expect((await call('known')).waited).toBeLessThan(400);
    });
  });
}
