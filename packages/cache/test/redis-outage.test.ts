import { ConfigError } from '@pipewright/core';
import { Redis } from 'ioredis';
import { describe, expect, test } from 'vitest';
import { atEnd, cacheAt, keep, look, proxyBefore, startServer, until } from './redis-caches.js';
import { missing, reportMissing } from './redis-server.js';
import { record, request } from './requests.js';

if (missing !== undefined) reportMissing();
else {
  describe('a server in trouble', () => {
    test('F111: a wrong password is a clear error once, and the password is not shown', async () => {
      const server = await startServer('--requirepass', 'right');
      const { cache, events, call } = cacheAt(`redis://:hunter2@127.0.0.1:${server.port}`, {
        deadline: 2_000,
      });
      const error = await look(cache, request('a')).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(ConfigError);
      for (let turn = 0; turn < 10; turn += 1) expect((await call(`${turn}`)).waited).toBeLessThan(300);
      expect(events.filter(({ type }) => type === 'disconnected')).toHaveLength(1);
      expect(JSON.stringify([String(error), events])).not.toContain('hunter2');
      const allowed = cacheAt(`redis://:right@127.0.0.1:${server.port}`, { deadline: 2_000 });
      await allowed.cache.update(request('a'), record('a'));
      expect(await allowed.cache.lookup(request('a'))).toBeDefined();
    });

    test('F091, F108: down at start, then up, then restarted: calls are served, and hits come within 3 s', async () => {
      const server = await startServer();
      await server.down();
      const { call, types } = cacheAt(server.url);
      const costs: number[] = [];
      for (let turn = 0; turn < 10; turn += 1) costs.push((await call(`new ${turn}`)).waited);
      expect(costs.every((waited) => waited < 300)).toBe(true);
      expect(Math.max(...costs.slice(5))).toBeLessThan(25);
      await server.up();
      expect(await until(async () => (await call('known')).hit, 3_000)).toBeLessThan(3_000);
      await server.down();
      const during: number[] = [];
      for (let turn = 0; turn < 20; turn += 1) during.push((await call(`gap ${turn}`)).waited);
      expect(during.every((waited) => waited < 300)).toBe(true);
      await server.up();
      expect(await until(async () => (await call('known again')).hit, 3_000)).toBeLessThan(3_000);
      expect(types()).toEqual(['disconnected', 'connected', 'disconnected', 'connected']);
    });

    test('F092: a server that is slow costs 250 ms five times, then nothing, and hits are back within 3 s', async () => {
      const server = await startServer();
      const proxy = await proxyBefore(server);
      const { call } = cacheAt(proxy.url);
      await call('known');
      await until(async () => (await call('known')).hit, 2_000);
      proxy.delay = 5_000;
      const costs: number[] = [];
      for (let turn = 0; turn < 15; turn += 1) costs.push((await call(`new ${turn}`)).waited);
      expect(Math.max(...costs)).toBeLessThan(300);
      expect(Math.max(...costs.slice(5))).toBeLessThan(25);
      proxy.delay = 0;
      proxy.cut();
      expect(await until(async () => (await call('known')).hit, 3_000)).toBeLessThan(3_000);
    });

    test('F113: without memory, writes are dropped with one event, and reads go on', async () => {
      const server = await startServer('--maxmemory-policy', 'noeviction');
      const { cache, types } = cacheAt(server.url, { deadline: 2_000 });
      await keep(cache, 'a');
      server.command('CONFIG', 'SET', 'maxmemory', '100kb');
      for (const key of ['b', 'c', 'd']) await cache.update(request(key), record('x'.repeat(1_000)));
      expect(await cache.update(request('b'), record('x'.repeat(1_000)))).toBe(false);
      expect(await cache.lookup(request('a'))).toBeDefined();
      expect(await cache.lookup(request('b'))).toBeUndefined();
      expect(types()).toEqual(['connected', 'read-only']);
    });

    test('F114: a server that is busy with a script is a miss', async () => {
      const server = await startServer('--busy-reply-threshold', '50');
      const { cache, call } = cacheAt(server.url);
      await keep(cache, 'a');
      const script = "local t = redis.call('TIME')[1]; while redis.call('TIME')[1] - t < 2 do end";
      const busy = new Redis(server.port);
      atEnd(() => busy.disconnect());
      const ended = busy.eval(script, 0).catch(() => {});
      await until(async () => {
        const failed = await look(cache, request('a')).then(
          () => undefined,
          (error: Error) => error.message,
        );
        return failed !== undefined;
      }, 2_000);
      expect((await call('Hi')).waited).toBeLessThan(300);
      await ended;
      await until(async () => (await look(cache, request('a')).catch(() => undefined)) !== undefined, 3_000);
    });
  });
}
