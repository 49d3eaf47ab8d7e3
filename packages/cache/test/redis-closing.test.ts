import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RedisCache } from '../src/redis.js';
import { bundle, run, succeeded } from './child.js';
import { atEnd, startServer } from './redis-caches.js';
import { missing, reportMissing } from './redis-server.js';
import { request } from './requests.js';

/** Closes its cache while commands and model calls are pending, and then has nothing more to do. */
const CLOSER = `
  import { writeSync } from 'node:fs';
  import { FakeStreamingChatModel } from '@pipewright/core/testing';
  import { RedisCache } from './src/redis.js';
  import { record, request } from './test/requests.js';
  const [url, mode] = process.argv.slice(2);
  const cache = new RedisCache({ url, deadline: mode === 'connected' ? 5_000 : 250 });
  const model = new FakeStreamingChatModel({ chunks: ['an answer'], cache });
  if (mode === 'connected') await cache.update(request('first'), record('first'));
  const updates = Array.from({ length: 200 }, (_, index) => cache.update(request('pending ' + index), record('kept')));
  const lookups = Array.from({ length: 200 }, (_, index) => cache.lookup(request('first')));
  const answers = Array.from({ length: 20 }, (_, index) => model.invoke('Hi ' + index % 4));
  const since = performance.now();
  await cache.close();
  const closedAfter = performance.now() - since;
  const settled = await Promise.allSettled([...updates, ...lookups]);
  const texts = new Set((await Promise.all(answers)).map(({ text }) => text));
  const failed = settled.filter(({ status }) => status === 'rejected').length;
  const late = await cache.lookup(request('first')).then(() => 'found', () => 'refused');
  writeSync(1, JSON.stringify({ closedAfter, texts: [...texts], failed, late, endedAfter: performance.now() - since }));
`;

interface Report {
  readonly closedAfter: number;
  readonly texts: readonly string[];
  readonly failed: number;
  readonly late: string;
  readonly endedAfter: number;
}

if (missing !== undefined) reportMissing();
else {
  describe('F121: closing while calls are pending', () => {
    let program: { readonly path: string; remove(): void };
    beforeAll(async () => {
      program = await bundle('closer', CLOSER);
    });
    afterAll(() => program.remove());

    /** The process has to end by itself. */
    const close = async (url: string, mode: string): Promise<Report> => {
      const report = JSON.parse(await succeeded(run(program.path, url, mode))) as Report;
      expect(report.texts).toEqual(['an answer']);
      expect(report.late).toBe('refused');
      return report;
    };

    test('what was sent is kept, and the process can end', async () => {
      const server = await startServer();
      const { closedAfter, failed } = await close(server.url, 'connected');
      expect(closedAfter).toBeLessThan(1_000);
      expect(failed).toBe(0);
      const cache = new RedisCache({ url: server.url, deadline: 2_000 });
      atEnd(() => cache.close());
      for (let index = 0; index < 200; index += 1) {
        expect(await cache.lookup(request(`pending ${index}`))).toMatchObject({
          message: { content: 'kept' },
        });
      }
    });

    test('a server that is down holds nothing up', async () => {
      const server = await startServer();
      await server.down();
      const { closedAfter, endedAfter } = await close(server.url, 'down');
      expect(closedAfter).toBeLessThan(2_000);
      expect(endedAfter).toBeLessThan(3_000);
    });

    test('a server that takes connections and says nothing holds nothing up', async () => {
      const silent = createServer((socket) => socket.on('error', () => {}));
      silent.listen(0, '127.0.0.1');
      await once(silent, 'listening');
      atEnd(() => silent.close());
      const { port } = silent.address() as AddressInfo;
      const { closedAfter, failed, endedAfter } = await close(`redis://127.0.0.1:${port}`, 'silent');
      expect(closedAfter).toBeLessThan(1_500);
      expect(failed).toBe(400);
      expect(endedAfter).toBeLessThan(3_000);
    });
  });
}
