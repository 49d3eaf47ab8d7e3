import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { LlmCache, LlmCacheEvent, LlmRecord } from '../index.js';
import { ScriptedChatModel } from '../testing/index.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

type State = 'fine' | 'down' | 'slow';

function setup(asynchronous: boolean) {
  let state: State = 'fine';
  let lookups = 0;
  const records = new Map<string, LlmRecord>();
  const answer = <T>(value: T): T | Promise<T> => {
    if (state === 'slow') return new Promise((resolve) => setTimeout(resolve, 5_000, value));
    if (state === 'fine') return asynchronous ? Promise.resolve(value) : value;
    if (asynchronous) return Promise.reject(new Error('store down'));
    throw new Error('store down');
  };
  const cache: LlmCache = {
    lookup: ({ key }) => {
      lookups += 1;
      return answer(records.get(key));
    },
    update: ({ key }, record) => {
      records.set(key, record);
      return answer(undefined);
    },
  };
  const events: LlmCacheEvent[] = [];
  const onEvent = (event: LlmCacheEvent): void => void events.push(event);
  const model = new ScriptedChatModel({ replies: Array(100).fill('x'), cache: { cache, onEvent } });
  /** Makes a call; gives how long it took in milliseconds, and whether it was a hit. */
  const call = async (input: string): Promise<[number, boolean]> => {
    const start = performance.now();
    let done: [number, boolean] | undefined;
    void model.invoke(input).then((message) => {
      done = [performance.now() - start, 'cache' in message.response_metadata];
    });
    while (done === undefined) await vi.advanceTimersByTimeAsync(1);
    await vi.advanceTimersByTimeAsync(0);
    return done;
  };
  const changes = () =>
    events.map(({ type }) => type).filter((type) => /failing|disabled|recovered/.test(type));
  return {
    call,
    changes,
    set: (next: State) => void (state = next),
    lookups: () => lookups,
    cache,
    model,
  };
}

test('F092, R3, R4: a slow cache costs its deadline a few times, then nothing, and comes back by itself', async () => {
  const { call, set, changes } = setup(true);
  await call('known');
  set('slow');
  const costs: number[] = [];
  for (let turn = 0; turn < 8; turn += 1) {
    costs.push((await call(`new ${turn}`))[0]);
    await vi.advanceTimersByTimeAsync(260);
  }
  expect(costs.slice(0, 5).every((cost) => cost <= 251)).toBe(true);
  expect(costs.slice(5).every((cost) => cost <= 2)).toBe(true);
  expect(changes()).toEqual(['failing', 'disabled']);
  set('fine');
  const since = performance.now();
  while (!(await call('known'))[1]) await vi.advanceTimersByTimeAsync(100);
  expect(performance.now() - since).toBeLessThan(3_000);
  expect(changes()).toEqual(['failing', 'disabled', 'recovered']);
});

describe.each([
  ['synchronous', false],
  ['asynchronous', true],
])('F091: a %s cache that is down', (_name, asynchronous) => {
  test('is left alone after five failures, with one event for each change', async () => {
    const { call, set, changes, lookups } = setup(asynchronous);
    await call('known');
    set('down');
    for (let turn = 0; turn < 50; turn += 1) expect((await call(`new ${turn}`))[0]).toBeLessThan(3);
    expect(lookups()).toBeLessThan(10);
    expect(changes()).toEqual(['failing', 'disabled']);
    set('fine');
    await vi.advanceTimersByTimeAsync(10_000);
    await call('another');
    expect((await call('known'))[1]).toBe(true);
    expect(changes()).toEqual(['failing', 'disabled', 'recovered']);
  });

  test('is asked by one call only when its time is over', async () => {
    const { model, set, lookups, call } = setup(asynchronous);
    set('down');
    for (let turn = 0; turn < 6; turn += 1) await call(`new ${turn}`);
    await vi.advanceTimersByTimeAsync(10_000);
    const before = lookups();
    await Promise.all(Array.from({ length: 20 }, (_, index) => model.invoke(`later ${index}`)));
    expect(lookups() - before).toBe(1);
  });
});

test('a deadline without end waits for the cache', async () => {
  const { cache, set, call, model } = setup(true);
  await call('known');
  set('slow');
  const options = { cache, deadline: Number.POSITIVE_INFINITY };
  const run = model.invoke('known', { cache: options });
  await vi.advanceTimersByTimeAsync(5_000);
  expect((await run).response_metadata).toHaveProperty('cache');
  expect(vi.getTimerCount()).toBe(0);
});

test('an answer after the deadline does not count as recovery', async () => {
  const { call, set, changes } = setup(true);
  set('slow');
  for (let turn = 0; turn < 6; turn += 1) await call(`new ${turn}`);
  await vi.advanceTimersByTimeAsync(6_000);
  expect(changes()).toEqual(['failing', 'disabled']);
});
