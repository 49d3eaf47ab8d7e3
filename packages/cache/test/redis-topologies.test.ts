import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '@pipewright/core';
import { ScriptedChatModel } from '@pipewright/core/testing';
import { Cluster } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RedisCache, type RedisCacheOptions, type StoreEvent } from '../src/redis.js';
import {
  atEnd,
  cacheAt,
  keep,
  later,
  newNamespace,
  proxyBefore,
  startServer,
  until,
} from './redis-caches.js';
import { missing, RedisServer, reportMissing } from './redis-server.js';
import { record, request } from './requests.js';

if (missing !== undefined) reportMissing();
else {
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
    });
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
        new RedisCache({ url: (servers[0] as RedisServer).url, namespace: newNamespace(), deadline: 5_000 }),
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
      atEnd(() => server.stop());
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
    });
  });

  describe('a server with a replica', () => {
    const startBoth = async () => {
      const [first, second] = [await startServer(), await startServer()];
      second.command('REPLICAOF', '127.0.0.1', `${first.port}`);
      await until(() => second.command('INFO', 'replication').includes('master_link_status:up'), 10_000);
      const address = await proxyBefore(first);
      return { first, second, address, ...cacheAt(address.url, { deadline: 2_000 }) };
    };
    const replicated = (server: RedisServer, keys: number) =>
      until(() => server.command('DBSIZE') === `${keys}`, 5_000);

    test('F109: the address leads to a replica, which is promoted: hits throughout, writes again by themselves', async () => {
      const { first, second, address, cache, types } = await startBoth();
      await keep(cache, 'a');
      await replicated(second, 1);
      address.port = second.port;
      await first.down();
      const found = async (key: string) =>
        Promise.resolve(cache.lookup(request(key))).then(Boolean, () => false);
      expect(await until(() => found('a'), 3_000)).toBeLessThan(3_000);
      await cache.update(request('b'), record('b'));
      expect(await found('b')).toBe(false);
      second.command('REPLICAOF', 'NO', 'ONE');
      const writes = async () => {
        await Promise.resolve(cache.update(request('b'), record('b'))).catch(() => {});
        return found('b');
      };
      expect(await until(writes, 3_000)).toBeLessThan(3_000);
      expect(types().filter((type) => type === 'read-only')).toHaveLength(1);
      expect(types().at(-1)).toBe('writable');
    });

    test('F109: a server that became a replica is left for the one that the address leads to now', async () => {
      const { first, second, address, cache, types } = await startBoth();
      await keep(cache, 'a');
      await replicated(second, 1);
      // The roles are exchanged, and the connection stays: only an error tells of it.
      second.command('REPLICAOF', 'NO', 'ONE');
      first.command('REPLICAOF', '127.0.0.1', `${second.port}`);
      address.port = second.port;
      await cache.update(request('b'), record('b'));
      expect(await cache.lookup(request('a'))).toBeDefined();
      const kept = async () => {
        await cache.update(request('b'), record('b'));
        return second.command('DBSIZE') === '2';
      };
      expect(await until(kept, 3_000)).toBeLessThan(3_000);
      expect(await cache.lookup(request('b'))).toBeDefined();
      expect(types()).toEqual(['connected', 'read-only', 'writable']);
    });

    test('F109: a replica that takes no writes goes on answering', async () => {
      const server = await startServer();
      const { cache, types } = cacheAt(server.url, { deadline: 2_000 });
      await keep(cache, 'a');
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
  });
}
