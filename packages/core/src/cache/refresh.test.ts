import { afterEach, describe, expect, test, vi } from 'vitest';
import { mapCache } from '../../test/map-cache.js';
import { callOf, PlayedModel, turns } from '../../test/played-model.js';
import type { LlmCache, LlmRecord } from '../index.js';

describe('while a refresh asks the model', () => {
  afterEach(() => void vi.useRealTimers());

  /** A stale answer, and the refresh that it set off. */
  async function refreshing() {
    vi.useFakeTimers({ toFake: ['Date'] });
    const { cache, records } = mapCache(true);
    const config = { cache: { cache, ttl: 1_000, staleFor: 1_000 } };
    const model = new PlayedModel();
    const ask = async () => (await model.invoke('Hi', config)).text;
    const first = ask();
    await turns();
    callOf(model).give('old');
    callOf(model).end();
    await first;
    vi.advanceTimersByTime(1_500);
    expect(await ask()).toBe('old');
    expect(model.calls).toHaveLength(2);
    return { cache, records, model, ask, config };
  }
  const crowd = (ask: () => Promise<string>) => Promise.all(Array.from({ length: 100 }, ask));

  test.each<[string, (part: { cache: LlmCache; records: Map<string, LlmRecord> }) => void]>([
    ['is past its last use', () => void vi.advanceTimersByTime(500)],
    ['is dropped', ({ records }) => records.clear()],
    ['cannot be looked up', ({ cache }) => (cache.lookup = () => Promise.reject(new Error('down')))],
  ])('those who come when the stale answer %s wait for the new one', async (_what, lose) => {
    const { cache, records, model, ask } = await refreshing();
    lose({ cache, records });
    const answers = crowd(ask);
    await turns();
    callOf(model, 1).give('new');
    callOf(model, 1).end();
    expect(new Set(await answers)).toEqual(new Set(['new']));
    expect(model.calls).toHaveLength(2);
  });

  test('and when it fails, one of them asks for all', async () => {
    const { records, model, ask } = await refreshing();
    records.clear();
    const answers = crowd(ask);
    await turns();
    callOf(model, 1).fail(new Error('down'));
    await turns(30);
    callOf(model, 2).give('new');
    callOf(model, 2).end();
    expect(new Set(await answers)).toEqual(new Set(['new']));
    expect(model.calls).toHaveLength(3);
  });

  test('those who stream read its chunks, and leaving does not stop it', async () => {
    const { records, model, ask, config } = await refreshing();
    records.clear();
    const [leaving, staying] = [model.stream('Hi', config), model.stream('Hi', config)];
    const firsts = [leaving.next(), staying.next()];
    await turns();
    callOf(model, 1).give('n');
    expect((await Promise.all(firsts)).map(({ value }) => value?.text)).toEqual(['n', 'n']);
    await Promise.all([leaving.return(), staying.return()]);
    expect(callOf(model, 1).signal.aborted).toBe(false);
    callOf(model, 1).give('ew');
    callOf(model, 1).end();
    await turns();
    expect(await ask()).toBe('new');
  });

  test('while the stale answer is there, all get it', async () => {
    const { model, ask } = await refreshing();
    expect(new Set(await crowd(ask))).toEqual(new Set(['old']));
    expect(model.calls).toHaveLength(2);
  });
});

describe('a call that wants a new answer', () => {
  const kept: LlmRecord = { version: 1, message: { content: 'kept' } };
  const slowCache = () => {
    let find: (record: LlmRecord | undefined) => void = () => {};
    const cache: LlmCache = {
      lookup: () => new Promise((resolve) => (find = resolve)),
      update: () => undefined,
    };
    const refresh = { cache: { cache, policy: () => 'refresh' as const } };
    return { cache, refresh, find: (record?: LlmRecord) => find(record) };
  };

  test('does not wait for a lookup that is under way', async () => {
    const { cache, refresh, find } = slowCache();
    const model = new PlayedModel();
    const runs = [model.invoke('Hi', { cache }), model.invoke('Hi', refresh), model.invoke('Hi', refresh)];
    await turns();
    find(kept);
    callOf(model).give('new');
    callOf(model).end();
    expect((await Promise.all(runs)).map(({ text }) => text)).toEqual(['kept', 'new', 'new']);
    expect(model.calls).toHaveLength(1);
  });

  test('asks for those too whose lookup finds nothing', async () => {
    const { cache, refresh, find } = slowCache();
    const model = new PlayedModel();
    const runs = [model.invoke('Hi', { cache }), model.invoke('Hi', refresh), model.invoke('Hi', { cache })];
    await turns();
    find();
    await turns();
    callOf(model).give('new');
    callOf(model).end();
    expect((await Promise.all(runs)).map(({ text }) => text)).toEqual(['new', 'new', 'new']);
    expect(model.calls).toHaveLength(1);
  });

  test('waits for one that asks the model already', async () => {
    const { cache, refresh, find } = slowCache();
    const model = new PlayedModel();
    const first = model.invoke('Hi', { cache });
    find();
    await turns();
    const second = model.invoke('Hi', refresh);
    callOf(model).give('new');
    callOf(model).end();
    expect((await Promise.all([first, second])).map(({ text }) => text)).toEqual(['new', 'new']);
    expect(model.calls).toHaveLength(1);
  });
});
