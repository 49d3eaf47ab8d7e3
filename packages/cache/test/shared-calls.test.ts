import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundle, run, succeeded, type Child } from './child.js';
import { missing, RedisServer, reportMissing } from './redis-server.js';

/** Waits for a line, then asks the same 500 times at once. Its model is a server that counts. */
const ASKER = `
  import { once } from 'node:events';
  import { AIMessageChunk } from '@pipewright/core';
  import { FakeStreamingChatModel } from '@pipewright/core/testing';
  import { RedisCache } from './src/redis.js';
  import { SQLiteCache } from './src/sqlite.js';
  const [kind, where, provider, mode] = process.argv.slice(2);
  class Model extends FakeStreamingChatModel {
    identity() { return { provider: 'counting' }; }
    async *streamChunks() {
      const { body } = await fetch(provider);
      for await (const text of body.pipeThrough(new TextDecoderStream())) yield new AIMessageChunk(text);
    }
  }
  // How many calls there are is what counts here, however busy the machine is.
  const deadline = 15_000;
  const cache =
    kind === 'sqlite' ? new SQLiteCache({ path: where }) : new RedisCache({ url: where, namespace: mode, deadline });
  const model = new Model({ chunks: [], cache: { cache, strict: true, deadline } });
  const other = { model: 'other', scope: '', key: 'warm up' };
  await cache.lookup(other);
  console.log('ready');
  await once(process.stdin, 'data');
  const ask = (index) =>
    mode === 'invoke' || (mode === 'both' && index % 2 === 0) ? model.invoke('Hi') : model.stream('Hi').final;
  const answers = await Promise.all(Array.from({ length: 500 }, (_, index) => ask(index)));
  const later = await model.invoke('Hi');
  await cache.close();
  console.log(JSON.stringify([...new Set([...answers, later].map(({ text }) => text))]));
  process.exit();
`;

const folder = mkdtempSync(join(tmpdir(), 'pipewright-shared-calls-'));
const kinds = missing === undefined ? ['sqlite', 'redis'] : ['sqlite'];
let program: { readonly path: string; remove(): void };
let provider: Server;
let redis: RedisServer | undefined;
let calls = 0;
let whenCalled: (() => void) | undefined;

beforeAll(async () => {
  program = await bundle('shared-calls', ASKER);
  provider = createServer((_request, response) => {
    calls += 1;
    whenCalled?.();
    response.write('an ');
    setTimeout(() => response.end('answer'), 300);
  });
  provider.listen(0, '127.0.0.1');
  await once(provider, 'listening');
  if (missing === undefined) redis = await RedisServer.start();
});
afterAll(async () => {
  program.remove();
  provider.closeAllConnections();
  provider.close();
  await redis?.stop();
  rmSync(folder, { recursive: true, force: true });
});

if (missing !== undefined) reportMissing();

/** Two processes that have opened the same store, and wait. */
async function startTwo(kind: string, name: string, mode: string): Promise<readonly [Child, Child]> {
  calls = 0;
  const where = kind === 'sqlite' ? join(folder, `${name}.db`) : (redis as RedisServer).url;
  const url = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`;
  const start = async (): Promise<Child> => {
    const child = run(program.path, kind, where, url, mode);
    const ended = once(child, 'close').then(() => ['it ended']);
    const [line] = (await Promise.race([once(child.stdout, 'data'), ended])) as readonly unknown[];
    expect(String(line)).toBe('ready\n');
    return child;
  };
  return [await start(), await start()];
}

describe.each(kinds)('F118: two processes with one store, %s', (kind) => {
  test.each(['invoke', 'stream', 'both'])(
    'make at most two calls for 500 identical ones each, by %s',
    async (mode) => {
      const children = await startTwo(kind, mode, mode);
      const ended = children.map(succeeded);
      for (const child of children) child.stdin.write('go\n');
      for (const output of await Promise.all(ended)) expect(JSON.parse(output)).toEqual(['an answer']);
      expect(calls).toBeGreaterThanOrEqual(1);
      expect(calls).toBeLessThanOrEqual(2);
    },
  );

  test('one that dies while it asks holds nobody up', async () => {
    const [dies, lives] = await startTwo(kind, 'dying', 'stream-dying');
    const asked = new Promise<void>((resolve) => (whenCalled = resolve));
    dies.stdin.write('go\n');
    await asked;
    whenCalled = undefined;
    dies.kill('SIGKILL');
    const ended = succeeded(lives);
    lives.stdin.write('go\n');
    expect(JSON.parse(await ended)).toEqual(['an answer']);
    expect(calls).toBe(2);
  });
});
