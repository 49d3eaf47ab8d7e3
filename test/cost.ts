// What a piece of work may cost in time: the processor's, as a busy machine interrupts long work more often than short
// work. Times only ever come out too long, so the best of several counts, and it is measured again while the result looks
// bad: work that costs too much does so every time.
import { expect } from 'vitest';

/** Below this it is the clock and the collector that are measured. */
const SHORTEST_MS = 2;
const LONGEST_MS = 20_000;

/** Asserts that `large` takes less than `most` times as long as `small`. */
export function expectGrowthBelow(most: number, small: () => unknown, large: () => unknown): void {
  let [short, long] = [Infinity, Infinity];
  const end = performance.now() + LONGEST_MS;
  // In turns, so that what slows one down slows the other one too.
  for (let turn = 0; turn < 3 || (long / short >= most && performance.now() < end); turn += 1) {
    short = Math.min(short, timeOf(small));
    long = Math.min(long, timeOf(large));
  }
  expect(long / short).toBeLessThan(most);
}

/** Asserts that work takes less than `most` milliseconds. */
export function expectTimeBelow(most: number, work: () => unknown): void {
  let time = Infinity;
  const end = performance.now() + LONGEST_MS;
  while (time >= most && performance.now() < end) time = Math.min(time, timeOf(work));
  expect(time).toBeLessThan(most);
}

function timeOf(work: () => unknown): number {
  const start = process.cpuUsage();
  let [times, ms] = [0, 0];
  do {
    work();
    times += 1;
    const { user, system } = process.cpuUsage(start);
    ms = (user + system) / 1_000;
  } while (ms < SHORTEST_MS);
  return ms / times;
}
