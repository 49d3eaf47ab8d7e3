import { randomBytes } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import type { LlmCache } from '@pipewright/core';
import { describe, expect, test } from 'vitest';
import { InMemoryCache } from '../src/index.js';
import { record, request } from './requests.js';
import { libraries, newPath, openerFor } from './sqlite-databases.js';

/** Keeps answers to that many different requests. Gives the 99th percentile of a write, of each tenth, in µs. */
async function fill(
  cache: LlmCache,
  count: number,
  content: string,
  onTenth = (): void => {},
): Promise<number[]> {
  const percentiles: number[] = [];
  const times = new Float64Array(count / 10);
  for (let index = 0; index < count; index += 1) {
    const [asked, kept] = [request(`key ${index}`), record(content)];
    const since = performance.now();
    await cache.update(asked, kept);
    times[index % times.length] = (performance.now() - since) * 1_000;
    if ((index + 1) % times.length !== 0) continue;
    percentiles.push(times.sort()[Math.floor(times.length * 0.99)] as number);
    onTenth();
  }
  return percentiles;
}

/** The best of the last tenths against the best of the first that were full: other programs make single ones slow. */
function expectStable(percentiles: readonly number[]): void {
  const [early, late] = [percentiles.slice(2, 5), percentiles.slice(-3)].map((some) => Math.min(...some));
  expect(late).toBeLessThan(3 * (early as number) + 20);
}

describe('C9: a million different requests', () => {
  test('in memory, stay within the limits, and writes take no longer', async () => {
    const cache = new InMemoryCache({ maxEntries: 10_000, maxBytes: 4_000_000 });
    const before = process.memoryUsage().heapUsed;
    const percentiles = await fill(cache, 1_000_000, 'An answer.', () => {
      expect(cache.stats().bytes).toBeLessThanOrEqual(4_000_000);
      expect(cache.stats().entries).toBeLessThanOrEqual(10_000);
    });
    expect(cache.stats().entries).toBe(10_000);
    expect(cache.stats().bytes).toBeGreaterThan(1_000_000);
    // What is kept takes a few bytes besides what is counted; what was dropped may not have been collected.
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(200_000_000);
    expectStable(percentiles);
  });
});

const count = Number(process.env.PIPEWRIGHT_DISK_WRITES ?? 10_000);

describe.each(libraries)('C9: more requests than the file may hold, %s', (driver) => {
  test('the file stays as large as it was when it was full, and writes take no longer', async () => {
    const path = newPath();
    // Full after the second tenth.
    const maxBytes = count * 200;
    const cache = openerFor(driver)(path, { maxBytes });
    const sizes: number[] = [];
    const onDisk = (): number =>
      ['', '-wal', '-shm'].reduce(
        (sum, end) => sum + (existsSync(path + end) ? statSync(path + end).size : 0),
        0,
      );
    const percentiles = await fill(
      cache,
      count,
      randomBytes(500).toString('hex'),
      () => void sizes.push(onDisk()),
    );
    const { bytes } = await cache.stats();
    expect(bytes).toBeLessThanOrEqual(maxBytes);
    expect(bytes).toBeGreaterThan(maxBytes * 0.9);
    const full = sizes[2] as number;
    for (const size of sizes.slice(3)) expect(Math.abs(size - full) / full).toBeLessThan(0.1);
    expectStable(percentiles);
    if (process.env.PIPEWRIGHT_REPORT) console.log(driver, { maxBytes, bytes, sizes, percentiles });
    cache.close();
  }, 600_000);
});
