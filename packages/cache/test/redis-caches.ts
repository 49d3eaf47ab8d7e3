// What tests of Redis caches have in common.
import { ScriptedChatModel } from '@pipewright/core/testing';
import type { LlmRequest } from '@pipewright/core';
import { afterEach } from 'vitest';
import { RedisCache, type RedisCacheOptions, type StoreEvent } from '../src/redis.js';
import { FaultProxy, RedisServer } from './redis-server.js';
import { record, request } from './requests.js';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** Does something at the end of the test, the last first. */
export const atEnd = (close: () => unknown): void => void closing.push(close);

export const later = <T extends { close(): unknown }>(cache: T): T => {
  atEnd(() => cache.close());
  return cache;
};

export const look = async (cache: RedisCache, asked: LlmRequest) => cache.lookup(asked);

let namespaces = 0;
export const newNamespace = (): string => `test-${(namespaces += 1)}`;

export async function until(
  condition: () => boolean | Promise<boolean>,
  milliseconds: number,
): Promise<number> {
  const start = performance.now();
  while (!(await condition())) {
    if (performance.now() - start > milliseconds) throw new Error(`not within ${milliseconds} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return performance.now() - start;
}

/** Keeps an answer as soon as there is a connection. */
export async function keep(cache: RedisCache, key: string): Promise<void> {
  const kept = async (): Promise<boolean> =>
    Promise.resolve(cache.update(request(key), record(key))).then(
      () => true,
      () => false,
    );
  await until(kept, 5_000);
}

/** A server for one test. */
export async function startServer(...args: string[]): Promise<RedisServer> {
  const server = await RedisServer.start(args);
  atEnd(() => server.stop());
  return server;
}

export async function proxyBefore(server: RedisServer): Promise<FaultProxy> {
  const proxy = await FaultProxy.before(server.port);
  atEnd(() => proxy.stop());
  return proxy;
}

/** A cache of its own connection, and a model that uses it. */
export function cacheAt(url: string, options: Partial<RedisCacheOptions> = {}) {
  const events: StoreEvent[] = [];
  const cache = later(new RedisCache({ url, onEvent: (event) => void events.push(event), ...options }));
  const model = new ScriptedChatModel({ replies: Array(500).fill('x'), cache });
  const call = async (input: string): Promise<{ waited: number; hit: boolean }> => {
    const wait = waitedSinceNow();
    const { response_metadata } = await model.invoke(input);
    return { waited: wait(), hit: 'cache' in response_metadata };
  };
  return { cache, model, call, events, types: () => events.map(({ type }) => type) };
}

/**
 * Gives how many milliseconds have gone by, by timers: 0 until 25 are over, then 25 until 300 are. Where a busy machine
 * holds the process up, these timers are as late as those that are tested, so it does not count.
 */
function waitedSinceNow(): () => number {
  let waited = 0;
  const timers = [25, 300, 400].map((ms) => setTimeout(() => (waited = ms), ms));
  return () => {
    timers.forEach(clearTimeout);
    return waited;
  };
}
