import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LlmCache } from '@pipewright/core';
import { InMemoryCache } from '../src/index.js';
import { RedisCache } from '../src/redis.js';
import { SQLiteCache } from '../src/sqlite.js';
import { record, requestOf } from '../src/testing/requests.js';
import { missing, RedisServer, reportMissing } from './redis-server.js';
import { newPath } from './sqlite-databases.js';

const SAMPLES = 2_000;
/** Where the largest distance of two such samples lies once in a million, if they come from one distribution. */
const LARGEST_DISTANCE = Math.sqrt(-Math.log(1e-6 / 2) / 2) * Math.sqrt(2 / SAMPLES);

/** How far the shares of values up to any limit lie apart: the statistic of Kolmogorov and Smirnov, from 0 to 1. */
function distance(left: readonly number[], right: readonly number[]): number {
  const [a, b] = [left, right].map((values) => [...values].sort((one, other) => one - other)) as [
    number[],
    number[],
  ];
  let [largest, i, j] = [0, 0, 0];
  while (i < a.length && j < b.length) {
    const limit = Math.min(a[i] as number, b[j] as number);
    while (i < a.length && (a[i] as number) <= limit) i += 1;
    while (j < b.length && (b[j] as number) <= limit) j += 1;
    largest = Math.max(largest, Math.abs(i / a.length - j / b.length));
  }
  return largest;
}

/** How long a tenant waits for prompts that tenant A has asked, and for prompts that nobody has, in turns. */
async function waits(
  cache: LlmCache,
  scope: string,
): Promise<{ readonly asked: number[]; readonly fresh: number[] }> {
  const asked: number[] = [];
  const fresh: number[] = [];
  const turns = Array.from({ length: 2 * SAMPLES }, (_, index) => index % 2 === 0);
  for (let last = turns.length - 1; last > 0; last -= 1) {
    const other = Math.floor(Math.random() * (last + 1));
    [turns[last], turns[other]] = [turns[other] as boolean, turns[last] as boolean];
  }
  for (const isAsked of turns) {
    const times = isAsked ? asked : fresh;
    const request = requestOf(`${isAsked ? 'asked' : 'fresh'} ${times.length}`, { scope });
    const since = process.hrtime.bigint();
    await cache.lookup(request);
    times.push(Number(process.hrtime.bigint() - since));
  }
  return { asked, fresh };
}

let server: RedisServer | undefined;
beforeAll(async () => {
  if (missing === undefined) server = await RedisServer.start();
});
afterAll(() => server?.stop());
if (missing !== undefined) reportMissing();

const STORES: Readonly<Record<string, () => LlmCache>> = {
  'in memory': () => new InMemoryCache({ maxEntries: 10_000 }),
  'in SQLite': () => new SQLiteCache({ path: newPath() }),
  ...(missing === undefined && {
    'in Redis': () => new RedisCache({ url: (server as RedisServer).url, deadline: 5_000 }),
  }),
};

describe.each(Object.keys(STORES))('C7: what the time of an answer tells, %s', (name) => {
  test('tenant B cannot tell what tenant A has asked', async () => {
    const cache = (STORES[name] as () => LlmCache)();
    for (let index = 0; index < SAMPLES; index += 1) {
      await cache.update(requestOf(`asked ${index}`, { scope: 'A' }), record('x'.repeat(1_000)));
    }
    // The machine warms up, and the test can tell a hit from a miss at all.
    const own = await waits(cache, 'A');
    expect(distance(own.asked, own.fresh)).toBeGreaterThan(LARGEST_DISTANCE);
    const { asked, fresh } = await waits(cache, 'B');
    expect(distance(asked, fresh)).toBeLessThan(LARGEST_DISTANCE);
    await cache.close?.();
  });
});
