import { createHash, createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { ConfigError, type LlmCache } from '@pipewright/core';
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RedisCache, type RedisCacheOptions, type StoreEvent } from '../src/redis.js';
import { linkOf } from '../src/redis-link.js';
import { RedisStore } from '../src/redis-store.js';
import { cacheContract, storeContract } from '../src/testing/index.js';
import { atEnd, later, newNamespace } from './redis-caches.js';
import { missing, RedisServer, reportMissing } from './redis-server.js';
import { record, request } from './requests.js';

if (missing !== undefined) reportMissing();
else {
  describe('one server', () => {
    let server: RedisServer;
    let nodeRedis: ReturnType<typeof createClient>;
    let ioredis: Redis;
    let prefixed: ReturnType<typeof createClient>;
    let ioprefixed: Redis;
    beforeAll(async () => {
      server = await RedisServer.start();
      nodeRedis = createClient({ url: server.url });
      nodeRedis.on('error', () => {});
      await nodeRedis.connect();
      ioredis = new Redis(server.port, { lazyConnect: true });
      await ioredis.connect();
      prefixed = createClient({ url: server.url, keyPrefix: 'a[b]*:' });
      await prefixed.connect();
      ioprefixed = new Redis(server.port, { lazyConnect: true, keyPrefix: 'a[b]*\\:' });
      await ioprefixed.connect();
    });
    afterAll(async () => {
      prefixed.destroy();
      ioprefixed.disconnect();
      nodeRedis.destroy();
      ioredis.disconnect();
      await server.stop();
    });

    const make = (): Record<string, () => Partial<RedisCacheOptions>> => ({
      'by address': () => ({ url: server.url }),
      'a node-redis client': () => ({ client: nodeRedis as never }),
      'an ioredis client': () => ({ client: ioredis as never }),
      'a node-redis client with a prefix': () => ({ client: prefixed as never }),
      'an ioredis client with a prefix': () => ({ client: ioprefixed as never }),
    });
    describe.each(Object.keys(make()))('the contract, %s', async (name) => {
      const open = (): RedisCache =>
        new RedisCache({ ...make()[name]?.(), namespace: newNamespace(), deadline: 5_000 });
      const rules = await cacheContract(async () => (server === undefined ? dummy() : open()));
      for (const rule of rules) test(rule.name, rule.check);
    });

    describe('the contract of stores', () => {
      const rules = storeContract(() => {
        const limits = { deadline: 2_000, clock: Date.now, onEvent: undefined };
        return new RedisStore({ link: linkOf(ioredis), namespace: newNamespace(), ...limits });
      });
      for (const { name, check } of rules) test(name, check);
    });

    test('C12: the server is sent SET with PX, GET, DEL and SCAN, and nothing else', async () => {
      const cache = later(new RedisCache({ client: nodeRedis as never, namespace: newNamespace() }));
      await cache.update(request('warm'), record('warm'));
      server.command('CONFIG', 'RESETSTAT');
      await cache.update(
        request('a\r\n*1\r\n$8\r\nFLUSHALL\r\n'),
        record('x\r\nFLUSHALL\r\n', { tags: ['*'] }),
      );
      await cache.lookup(request('a'));
      await cache.stats();
      for await (const { record: kept } of cache.export()) expect(kept.version).toBe(1);
      await cache.invalidate({ tag: '*' });
      await cache.clear();
      const calls = [...server.command('INFO', 'commandstats').matchAll(/cmdstat_(\S+?):/g)].map(
        ([, name]) => name,
      );
      const allowed = ['set', 'get', 'del', 'scan', 'config|resetstat', 'info', 'client|setinfo', 'ping'];
      expect(calls.filter((name) => !allowed.includes(name as string))).toEqual([]);
    });

    test('values expire by themselves, in one write; keys are namespaced and hash-tagged', async () => {
      server.command('FLUSHALL');
      const namespace = newNamespace();
      const cache = later(new RedisCache({ client: nodeRedis as never, namespace, ttl: 60_000 }));
      await cache.update(request('a'), record('a'));
      const digest = createHash('sha256').update('a').digest('hex');
      const key = `pipewright:${namespace}:{${digest}}`;
      expect(Number(server.command('PTTL', key))).toBeGreaterThan(59_000);
      expect(server.command('DBSIZE')).toBe('1');
      await cache.clear();
    });

    test('C5: clear leaves other namespaces and other programs alone', async () => {
      server.command('SET', 'theirs', '1');
      const [one, other] = ['app', 'app2'].map((namespace) =>
        later(new RedisCache({ client: ioredis as never, namespace })),
      ) as [RedisCache, RedisCache];
      for (const cache of [one, other]) await cache.update(request('a'), record('a'));
      await one.clear();
      expect(await one.lookup(request('a'))).toBeUndefined();
      expect(await other.lookup(request('a'))).toBeDefined();
      expect(server.command('GET', 'theirs')).toBe('1');
      await other.clear();
      server.command('DEL', 'theirs');
    });

    test('C5: clear and invalidate leave the keys of other prefixes alone', async () => {
      const other = new Redis(server.port, { lazyConnect: true, keyPrefix: 'ab-any:' });
      atEnd(() => other.disconnect());
      await other.connect();
      const caches = [prefixed, ioprefixed, other, ioredis].map((client) =>
        later(new RedisCache({ client: client as never, namespace: 'shared', deadline: 5_000 })),
      ) as [RedisCache, RedisCache, RedisCache, RedisCache];
      for (const [index, cache] of caches.entries()) {
        await cache.update(request(`of ${index}`), record('a', { tags: ['t'] }));
      }
      await caches[0].clear();
      expect(await caches[1].invalidate({ tag: 't' })).toBe(1);
      const found = await Promise.all(
        caches.map(async (cache, index) => cache.lookup(request(`of ${index}`))),
      );
      expect(found.map((one) => one !== undefined)).toEqual([false, false, true, true]);
      for (const cache of caches) await cache.clear();
    });

    test('F093, F094: a damaged, foreign or swapped value is a miss', async () => {
      const namespace = newNamespace();
      const events: string[] = [];
      const onEvent = ({ type }: StoreEvent): void => void events.push(type);
      const cache = later(new RedisCache({ client: nodeRedis as never, namespace, onEvent }));
      const key = (name: string) =>
        `pipewright:${namespace}:{${createHash('sha256').update(name).digest('hex')}}`;
      await cache.update(request('a'), record('of a'));
      await cache.update(request('b'), record('of b'));
      const whole = (await nodeRedis.get(key('a'))) as string;
      await nodeRedis.set(key('b'), whole);
      expect(await cache.lookup(request('b'))).toBeUndefined();
      const start = whole.indexOf('\n') + 1;
      for (let place = start; place < whole.length; place += 1) {
        await nodeRedis.set(
          key('a'),
          `${whole.slice(0, place)}${whole[place] === 'x' ? 'y' : 'x'}${whole.slice(place + 1)}`,
        );
        if ((await cache.lookup(request('a'))) !== undefined)
          throw new Error(`byte ${place} was not noticed`);
      }
      for (const foreign of ['', 'x', '\n', '{}', '{}\n{}', '\u0000']) {
        await nodeRedis.set(key('a'), foreign);
        expect(await cache.lookup(request('a'))).toBeUndefined();
      }
      await nodeRedis.del(key('a'));
      await nodeRedis.lPush(key('a'), 'a list');
      await expect(cache.lookup(request('a'))).rejects.toThrow('WRONGTYPE');
      expect(new Set(events)).toEqual(new Set(['corrupt']));
    });

    test('sealed with a real cipher, it opens only for its scope, request and secret', async () => {
      const sealWith = (secret: Buffer) => ({
        seal: (data: Uint8Array, context: Uint8Array) => {
          const nonce = randomBytes(12);
          const cipher = createCipheriv('aes-256-gcm', secret, nonce).setAAD(context);
          return Buffer.concat([nonce, cipher.update(data), cipher.final(), cipher.getAuthTag()]);
        },
        open: (data: Uint8Array, context: Uint8Array) => {
          const bytes = Buffer.from(data);
          const decipher = createDecipheriv('aes-256-gcm', secret, bytes.subarray(0, 12)).setAAD(context);
          decipher.setAuthTag(bytes.subarray(-16));
          return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]);
        },
      });
      const [mine, theirs] = [randomBytes(32), randomBytes(32)];
      const namespace = newNamespace();
      const open = (secret: Buffer, compress: boolean) =>
        later(new RedisCache({ client: nodeRedis as never, namespace, compress, seal: sealWith(secret) }));
      await open(mine, true).update(request('a'), record('a secret answer'));
      const [key] = [server.command('--scan', '--pattern', `pipewright:${namespace}:*`)];
      expect(server.command('GET', key as string)).not.toContain('secret answer');
      expect(await open(mine, false).lookup(request('a'))).toMatchObject({
        message: { content: 'a secret answer' },
      });
      expect(await open(theirs, true).lookup(request('a'))).toBeUndefined();
    });

    test('what cannot be a client, an address or a namespace is refused', () => {
      expect(() => new RedisCache({})).toThrow(ConfigError);
      expect(() => new RedisCache({ url: server.url, client: nodeRedis as never })).toThrow(ConfigError);
      expect(() => new RedisCache({ client: {} as never })).toThrow(ConfigError);
      expect(() => new RedisCache({ url: server.url, namespace: 'a*' })).toThrow(ConfigError);
    });

    test.each([
      'redis://:s3cret@127.0.0.1:99999',
      'redis://user:s3cret@bad host:6379',
      'redis://user:s3cret%@127.0.0.1:6379',
      'http://:s3cret@127.0.0.1:6379',
      'user:s3cret@127.0.0.1',
    ])('F111: an address that is none is refused at once, and a password in it is not shown: %s', (url) => {
      for (const options of [{ url }, { cluster: [server.url, url] }]) {
        let error: unknown;
        try {
          later(new RedisCache(options));
        } catch (thrown) {
          error = thrown;
        }
        expect(error).toBeInstanceOf(ConfigError);
        expect(inspect(error, { depth: 9 })).not.toContain('s3cret');
      }
    });
  });
}

/** Stands in where rules are only counted, before a server runs. */
function dummy(): LlmCache {
  return new RedisCache({
    client: {
      status: 'wait',
      get: async () => null,
      set: async () => null,
      del: async () => 0,
      on: () => {},
    },
  });
}
