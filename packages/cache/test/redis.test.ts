import { execFileSync } from 'node:child_process';
import { createHash, createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, type LlmCache, type LlmRequest } from '@pipewright/core';
import { ScriptedChatModel } from '@pipewright/core/testing';
import { Cluster, Redis } from 'ioredis';
import { createClient } from 'redis';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { RedisCache, type RedisCacheOptions, type StoreEvent } from '../src/redis.js';
import { connectionOf } from '../src/redis-connection.js';
import { RedisStore } from '../src/redis-store.js';
import { cacheContract, storeContract } from '../src/testing/index.js';
import { FaultProxy, missing, RedisServer, reportMissing } from './redis-server.js';
import { record, request } from './requests.js';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});
const later = <T extends { close(): unknown }>(cache: T): T => {
  closing.push(() => cache.close());
  return cache;
};

const look = async (cache: RedisCache, asked: LlmRequest) => cache.lookup(asked);

let namespaces = 0;
const newNamespace = (): string => `test-${(namespaces += 1)}`;

async function until(condition: () => boolean | Promise<boolean>, milliseconds: number): Promise<number> {
  const start = performance.now();
  while (!(await condition())) {
    if (performance.now() - start > milliseconds) throw new Error(`not within ${milliseconds} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return performance.now() - start;
}

if (missing !== undefined) reportMissing();
else {
  describe('one server', () => {
    let server: RedisServer;
    let nodeRedis: ReturnType<typeof createClient>;
    let ioredis: Redis;
    beforeAll(async () => {
      server = await RedisServer.start();
      nodeRedis = createClient({ url: server.url });
      nodeRedis.on('error', () => {});
      await nodeRedis.connect();
      ioredis = new Redis(server.port, { lazyConnect: true });
      await ioredis.connect();
    });
    afterAll(async () => {
      nodeRedis.destroy();
      ioredis.disconnect();
      await server.stop();
    });

    const make = (): Record<string, () => Partial<RedisCacheOptions>> => ({
      'by address': () => ({ url: server.url }),
      'a node-redis client': () => ({ client: nodeRedis as never }),
      'an ioredis client': () => ({ client: ioredis as never }),
    });
    describe.each(Object.keys(make()))('the contract, %s', async (name) => {
      const open = (): RedisCache => new RedisCache({ ...make()[name]?.(), namespace: newNamespace() });
      const rules = await cacheContract(async () => (server === undefined ? dummy() : open()));
      for (const rule of rules) test(rule.name, rule.check);
    });

    describe('the contract of stores', () => {
      const rules = storeContract(() => {
        const open = async () => connectionOf(ioredis);
        const limits = { deadline: 2_000, clock: Date.now, onEvent: undefined };
        return new RedisStore({ open, close: async () => {}, namespace: newNamespace(), ...limits });
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
  });

  describe('a cluster of three', () => {
    let servers: RedisServer[];
    let cluster: Cluster;
    beforeAll(async () => {
      const args = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '2000'];
      servers = await Promise.all([1, 2, 3].map(() => RedisServer.start(args)));
      const nodes = servers.map(({ port }) => `127.0.0.1:${port}`);
      execFileSync('redis-cli', ['--cluster', 'create', ...nodes, '--cluster-yes']);
      await until(
        () => servers.every((server) => server.command('CLUSTER', 'INFO').includes('cluster_state:ok')),
        15_000,
      );
      cluster = new Cluster(servers.map(({ port }) => ({ host: '127.0.0.1', port })));
      await new Promise((resolve) => cluster.once('ready', resolve));
    }, 30_000);
    afterAll(async () => {
      cluster?.disconnect();
      for (const server of servers ?? []) await server.stop();
    });

    test.each(['by address', 'an ioredis cluster'])(
      'F110: answers spread over all nodes, %s',
      async (how) => {
        const where: Partial<RedisCacheOptions> =
          how === 'by address' ? { cluster: servers.map(({ url }) => url) } : { client: cluster as never };
        const cache = later(new RedisCache({ ...where, namespace: newNamespace(), deadline: 2_000 }));
        const keys = Array.from({ length: 60 }, (_, index) => `key ${index}`);
        for (const key of keys) await cache.update(request(key), record(key, { tags: ['t'] }));
        for (const key of keys)
          expect(await cache.lookup(request(key))).toMatchObject({ message: { content: key } });
        for (const server of servers) expect(Number(server.command('DBSIZE'))).toBeGreaterThan(0);
        expect(await cache.invalidate({ tag: 't' })).toBe(60);
        for (const server of servers) expect(server.command('DBSIZE')).toBe('0');
      },
    );

    test('F110: a client for one server says what to do', async () => {
      const cache = later(
        new RedisCache({ url: (servers[0] as RedisServer).url, namespace: newNamespace() }),
      );
      const keys = Array.from({ length: 20 }, (_, index) => request(`key ${index}`));
      const settled = await Promise.allSettled(keys.map(async (key) => cache.lookup(key)));
      const failed = settled.find(({ status }) => status === 'rejected') as PromiseRejectedResult;
      expect(failed.reason).toBeInstanceOf(ConfigError);
      expect(failed.reason.message).toContain('cluster');
    });
  });

  describe('TLS', () => {
    const folder = mkdtempSync(join(tmpdir(), 'pipewright-tls-'));
    afterAll(() => rmSync(folder, { recursive: true, force: true }));
    const file = (name: string): string => join(folder, name);
    const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });

    test('F112: with its certificate authority it connects; without, the caller is served and no secret is said', async () => {
      openssl(
        'req',
        '-x509',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-keyout',
        'ca.key',
        '-out',
        'ca.crt',
        '-days',
        '2',
        '-subj',
        '/CN=test',
      ); // prettier-ignore
      openssl(
        'req',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-keyout',
        'server.key',
        '-out',
        'server.csr',
        '-subj',
        '/CN=localhost',
        '-addext',
        'subjectAltName=IP:127.0.0.1,DNS:localhost',
      ); // prettier-ignore
      openssl(
        'x509',
        '-req',
        '-in',
        'server.csr',
        '-CA',
        'ca.crt',
        '-CAkey',
        'ca.key',
        '-CAcreateserial',
        '-out',
        'server.crt',
        '-days',
        '2',
        '-copy_extensions',
        'copy',
      ); // prettier-ignore
      const certificates = ['--tls-cert-file', file('server.crt'), '--tls-key-file', file('server.key')];
      const server = await RedisServer.start(
        [...certificates, '--tls-ca-cert-file', file('ca.crt'), '--tls-auth-clients', 'no'],
        true,
      );
      closing.push(() => server.stop());
      const url = `rediss://127.0.0.1:${server.port}`;
      const trusting = later(
        new RedisCache({ url, tls: { ca: readFileSync(file('ca.crt')) }, deadline: 2_000 }),
      );
      await trusting.update(request('a'), record('a'));
      expect(await trusting.lookup(request('a'))).toBeDefined();
      const events: StoreEvent[] = [];
      const wary = later(new RedisCache({ url, onEvent: (event) => void events.push(event) }));
      const model = new ScriptedChatModel({ replies: ['served'], cache: wary });
      expect((await model.invoke('Hi')).text).toBe('served');
      await until(() => events.length > 0, 3_000);
      expect(events[0]).toMatchObject({ type: 'disconnected' });
    }, 20_000);
  });

  describe('trouble', () => {
    const start = async (...args: string[]): Promise<RedisServer> => {
      const server = await RedisServer.start(args);
      closing.push(() => server.stop());
      return server;
    };
    const setup = (url: string, options: Partial<RedisCacheOptions> = {}) => {
      const events: StoreEvent[] = [];
      const cache = later(new RedisCache({ url, onEvent: (event) => void events.push(event), ...options }));
      const model = new ScriptedChatModel({ replies: Array(500).fill('x'), cache });
      const call = async (input: string): Promise<{ ms: number; hit: boolean }> => {
        const since = performance.now();
        const { response_metadata } = await model.invoke(input);
        return { ms: performance.now() - since, hit: 'cache' in response_metadata };
      };
      return { cache, model, call, events, types: () => events.map(({ type }) => type) };
    };

    test('F111: a wrong password is a clear error once, and the password is not shown', async () => {
      const server = await start('--requirepass', 'right');
      const { cache, events, call } = setup(`redis://:hunter2@127.0.0.1:${server.port}`);
      const error = await look(cache, request('a')).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(ConfigError);
      for (let turn = 0; turn < 10; turn += 1) expect((await call(`${turn}`)).ms).toBeLessThan(300);
      expect(events.filter(({ type }) => type === 'disconnected')).toHaveLength(1);
      expect(JSON.stringify([String(error), events])).not.toContain('hunter2');
      const allowed = setup(`redis://:right@127.0.0.1:${server.port}`, { deadline: 2_000 });
      await allowed.cache.update(request('a'), record('a'));
      expect(await allowed.cache.lookup(request('a'))).toBeDefined();
    });

    test('F091, F108: down at start, then up, then restarted: calls are served, and hits come within 3 s', async () => {
      const server = await start();
      await server.down();
      const { call, types } = setup(server.url);
      const costs: number[] = [];
      for (let turn = 0; turn < 10; turn += 1) costs.push((await call(`new ${turn}`)).ms);
      expect(costs.every((ms) => ms < 300)).toBe(true);
      expect(Math.max(...costs.slice(5))).toBeLessThan(25);
      await server.up();
      expect(await until(async () => (await call('known')).hit, 3_000)).toBeLessThan(3_000);
      await server.down();
      const during: number[] = [];
      for (let turn = 0; turn < 20; turn += 1) during.push((await call(`gap ${turn}`)).ms);
      expect(during.every((ms) => ms < 300)).toBe(true);
      await server.up();
      expect(await until(async () => (await call('known again')).hit, 3_000)).toBeLessThan(3_000);
      expect(types()).toEqual(['disconnected', 'connected', 'disconnected', 'connected']);
    }, 30_000);

    test('F092: a server that is slow costs 250 ms five times, then nothing, and hits are back within 3 s', async () => {
      const server = await start();
      const proxy = await FaultProxy.before(server.port);
      closing.push(() => proxy.stop());
      const { call } = setup(proxy.url);
      await call('known');
      await until(async () => (await call('known')).hit, 2_000);
      proxy.delay = 5_000;
      const costs: number[] = [];
      for (let turn = 0; turn < 15; turn += 1) costs.push((await call(`new ${turn}`)).ms);
      expect(Math.max(...costs)).toBeLessThan(300);
      expect(Math.max(...costs.slice(5))).toBeLessThan(25);
      proxy.delay = 0;
      proxy.cut();
      expect(await until(async () => (await call('known')).hit, 3_000)).toBeLessThan(3_000);
    }, 30_000);

    test('F109: a replica that takes no writes goes on answering', async () => {
      const server = await start();
      const { cache, types } = setup(server.url);
      await until(async () => (await cache.update(request('a'), record('a')), true), 2_000);
      server.command('REPLICAOF', '127.0.0.1', '1');
      await cache.update(request('b'), record('b'));
      await cache.update(request('c'), record('c'));
      expect(await cache.lookup(request('a'))).toBeDefined();
      expect(await cache.lookup(request('b'))).toBeUndefined();
      server.command('REPLICAOF', 'NO', 'ONE');
      await cache.update(request('b'), record('b'));
      expect(await cache.lookup(request('b'))).toBeDefined();
      expect(types()).toEqual(['connected', 'read-only', 'writable']);
    });

    test('F113: without memory, writes are dropped with one event, and reads go on', async () => {
      const server = await start('--maxmemory-policy', 'noeviction');
      const { cache, types } = setup(server.url);
      await until(async () => (await cache.update(request('a'), record('a')), true), 2_000);
      server.command('CONFIG', 'SET', 'maxmemory', '100kb');
      for (const key of ['b', 'c', 'd']) await cache.update(request(key), record('x'.repeat(1_000)));
      expect(await cache.lookup(request('a'))).toBeDefined();
      expect(await cache.lookup(request('b'))).toBeUndefined();
      expect(types()).toEqual(['connected', 'read-only']);
    });

    test('F114: a server that is busy with a script is a miss', async () => {
      const server = await start('--busy-reply-threshold', '50');
      const { cache, call } = setup(server.url);
      await until(async () => (await cache.update(request('a'), record('a')), true), 2_000);
      const script = "local t = redis.call('TIME')[1]; while redis.call('TIME')[1] - t < 2 do end";
      const busy = new Redis(server.port);
      closing.push(() => busy.disconnect());
      const ended = busy.eval(script, 0).catch(() => {});
      await until(async () => {
        const failed = await look(cache, request('a')).then(
          () => undefined,
          (error: Error) => error.message,
        );
        return failed !== undefined;
      }, 2_000);
      expect((await call('Hi')).ms).toBeLessThan(300);
      await ended;
      await until(async () => (await look(cache, request('a')).catch(() => undefined)) !== undefined, 3_000);
    }, 15_000);

    test('F115, C1: replies that come late, or one place off, never become another request’s answer', async () => {
      const server = await start();
      const proxy = await FaultProxy.before(server.port);
      closing.push(() => proxy.stop());
      const direct = setup(server.url, { deadline: 2_000 });
      const names = Array.from({ length: 64 }, (_, index) => `tenant ${index}`);
      for (const name of names) await direct.cache.update(request(name), record(name));
      const { cache } = setup(proxy.url, { deadline: 5 });
      await until(() => look(cache, request('tenant 0')).then(Boolean, () => false), 3_000);
      let [hits, late] = [0, 0];
      const readAll = async (): Promise<void> => {
        const reads = names.map(async (name) => {
          try {
            const found = await cache.lookup(request(name));
            if (found === undefined) return;
            hits += 1;
            if (found.message.content !== name)
              throw new Error(`${name} got ${JSON.stringify(found.message.content)}`);
          } catch (error) {
            if ((error as Error).name !== 'TimeoutError') throw error;
            late += 1;
          }
        });
        await Promise.all(reads);
      };
      for (let round = 0; round < 40; round += 1) {
        proxy.delay = round % 4 === 0 ? 10 : 0;
        await readAll();
        await new Promise((resolve) => setTimeout(resolve, 12));
      }
      expect(hits).toBeGreaterThan(500);
      expect(late).toBeGreaterThan(100);

      // A hostile proxy gives each reply to the next request.
      proxy.delay = 0;
      let held: Buffer = Buffer.from('$-1\r\n');
      proxy.mangle = (bytes) => {
        const previous = held;
        held = bytes;
        return [previous];
      };
      for (let round = 0; round < 20; round += 1) {
        for (const name of names) {
          const found = await look(cache, request(name)).catch(() => undefined);
          if (found !== undefined) expect(found.message.content).toBe(name);
        }
      }
    }, 60_000);

    test('F116: replies cut into single bytes, or joined, read the same', async () => {
      const server = await start();
      const proxy = await FaultProxy.before(server.port);
      closing.push(() => proxy.stop());
      proxy.mangle = (bytes) => Array.from(bytes, (byte) => Buffer.from([byte]));
      const { cache } = setup(proxy.url, { deadline: 2_000 });
      for (const key of ['a', 'b', 'c']) await cache.update(request(key), record(key));
      const found = await Promise.all(['a', 'b', 'c'].map(async (key) => cache.lookup(request(key))));
      expect(found.map((one) => one?.message.content)).toEqual(['a', 'b', 'c']);
    });

    test('C13: a server that answers nonsense is a miss, and the caller is served', async () => {
      const server = await start();
      const proxy = await FaultProxy.before(server.port);
      closing.push(() => proxy.stop());
      const { call } = setup(proxy.url);
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
      for (let turn = 0; turn < 200; turn += 1) expect((await call('known')).ms).toBeLessThan(400);
    }, 60_000);
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
