import {
  AIMessage,
  CacheError,
  ConfigError,
  llmRequest,
  type LlmCache,
  type LlmRecord,
  type LlmRequest,
  type RunnableConfig,
} from '@pipewright/core';
import { FakeListChatModel, ScriptedChatModel } from '@pipewright/core/testing';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { CacheStats, explain, InMemoryCache, prewarm } from './index.js';

const model = new FakeListChatModel({ responses: ['x'] });
const requestOf = (input: string, config: RunnableConfig = {}): LlmRequest => {
  const described = llmRequest(model, input, config);
  if ('reason' in described) throw new Error(described.reason);
  return described.request;
};

describe('explain', () => {
  test.each<[RunnableConfig, string, unknown, unknown]>([
    [{ temperature: 1 }, 'parameters.temperature', 0, 1],
    [{ temperature: 0, stop: ['a', 'b'] }, 'parameters.stop', undefined, ['a', 'b']],
    [
      { temperature: 0, modelKwargs: { a: { b: [1, 3] } } },
      'parameters.modelKwargs',
      undefined,
      { a: { b: [1, 3] } },
    ],
    [{ temperature: 0, cache: { scope: 's' } }, 'scope', '', 's'],
    [{ temperature: 0, cache: { epochs: { doc: 2 } } }, 'epochs.doc', undefined, 2],
  ])('names the field: %o', (config, path, left, right) => {
    expect(explain(requestOf('Hi', { temperature: 0 }), requestOf('Hi', config))).toEqual([
      { path, left, right },
    ]);
  });

  test('requests that share an answer differ in nothing, and the other way round', () => {
    const pairs: [LlmRequest, LlmRequest][] = [
      [requestOf('Hi', { tags: ['a'] }), requestOf('Hi', { timeout: 5 })],
      [requestOf('Hi'), requestOf('Hi!')],
      [requestOf('Hi', { modelKwargs: { a: 1, b: 2 } }), requestOf('Hi', { modelKwargs: { b: 2, a: 1 } })],
    ];
    for (const [left, right] of pairs) expect(explain(left, right).length === 0).toBe(left.key === right.key);
    expect(explain(requestOf('Hi'), requestOf('Hi!'))).toEqual([
      { path: 'messages[0].content', left: 'Hi', right: 'Hi!' },
    ]);
  });

  test('says whether a call would hit, and why not', async () => {
    const cache = new InMemoryCache();
    expect(await explain(requestOf('Hi'), cache)).toEqual({ hit: false, reason: 'No answer to it is kept.' });
    await prewarm(cache, model, [{ input: 'Hi', answer: 'Hello.' }]);
    expect(await explain(requestOf('Hi'), cache)).toMatchObject({ hit: true });
    const down = { lookup: () => Promise.reject(new Error('down')), update: () => undefined };
    const newer = { lookup: () => ({ version: 2 }) as never, update: () => undefined };
    expect(await explain(requestOf('Hi'), newer)).toMatchObject({ hit: false });
    expect(await explain(requestOf('Hi'), down)).toEqual({ hit: false, reason: 'The cache failed: down' });
  });
});

test('epochs: after a change of what an answer depends on, it is not met again', async () => {
  const cache = new InMemoryCache();
  const scripted = new ScriptedChatModel({ replies: ['one', 'two'] });
  const ask = async (handbook: number) =>
    (await scripted.invoke('Hi', { cache: { cache, epochs: { handbook } } })).text;
  expect([await ask(1), await ask(2), await ask(1), await ask(2)]).toEqual(['one', 'two', 'one', 'two']);
});

test('stats count hits, misses, coalesced calls, tokens and money', async () => {
  const stats = new CacheStats({ price: () => ({ input: 1_000_000, output: 2_000_000 }) });
  const usage_metadata = { input_tokens: 3, output_tokens: 4, total_tokens: 7 };
  const answer = new AIMessage({ content: 'x', usage_metadata });
  const scripted = new ScriptedChatModel({
    replies: [answer, answer, ''],
    cache: { cache: new InMemoryCache(), onEvent: stats.count },
  });
  await scripted.invoke('a');
  await scripted.invoke('a');
  await Promise.all([scripted.invoke('b'), scripted.invoke('b'), scripted.stream('b').final]);
  await scripted.invoke('c');
  await scripted.invoke('d', { cache: { policy: 'deterministic-only' } }).catch(() => {});
  expect(stats.report()).toMatchObject({
    hits: 3,
    coalesced: 2,
    misses: 3,
    missesBy: { absent: 3 },
    stored: 2,
    refused: 1,
    bypassed: 1,
    hitRatio: 0.5,
    avoided: { inputTokens: 9, outputTokens: 12, money: 33 },
  });
  expect(stats.report().lookupMs.p99).toBeGreaterThan(0);
});

describe('prewarm', () => {
  afterEach(() => void vi.useRealTimers());

  test('refuses what cannot be cached', async () => {
    const answers = [{ input: 'Hi', answer: 'x', config: { modelKwargs: { f: () => 1 } } }];
    await expect(prewarm(new InMemoryCache(), model, answers)).rejects.toThrow('cannot be cached');
    for (const answer of ['', { content: 'x', response_metadata: { finish_reason: 'length' } }]) {
      await expect(prewarm(new InMemoryCache(), model, [{ input: 'Hi', answer }])).rejects.toThrow(
        ConfigError,
      );
    }
  });

  test('says when the cache could not write an answer', async () => {
    const full: LlmCache = { lookup: () => undefined, update: () => false };
    await expect(prewarm(full, model, [{ input: 'Hi', answer: 'x' }])).rejects.toThrow(CacheError);
  });

  test('keeps answers as the options of the call and of the model say', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const cache = new InMemoryCache();
    const own = new FakeListChatModel({ responses: ['x'], cache: { cache, ttl: 1_000, staleFor: 500 } });
    const config = { cache: { tags: ['faq'] } };
    await prewarm(cache, own, [
      { input: 'Hi', answer: 'x', config },
      { input: 'Bye', answer: 'y' },
    ]);
    expect(cache.lookup(requestOf('Hi'))).toEqual({
      version: 1,
      message: { content: 'x' },
      createdAt: Date.now(),
      expiresAt: Date.now() + 1_000,
      staleUntil: Date.now() + 1_500,
      tags: ['faq'],
    });
    expect(cache.invalidate({ tag: 'faq' })).toBe(1);
    expect((await own.invoke('Bye')).text).toBe('y');
  });

  test('shares no object with the caller, whatever the cache does', async () => {
    const records = new Map<string, LlmRecord>();
    const cache: LlmCache = {
      lookup: ({ key }) => records.get(key),
      update: ({ key }, record) => void records.set(key, record),
    };
    const answer = new AIMessage({ content: 'x', response_metadata: { a: { b: 1 } } });
    await prewarm(cache, model, [
      { input: 'Hi', answer },
      { input: 'Bye', answer: new AIMessage('y') },
    ]);
    const hit = await model.invoke('Hi', { cache });
    expect(hit.response_metadata).toEqual({ a: { b: 1 }, cache: { hit: true } });
    expect(answer.response_metadata).toEqual({ a: { b: 1 } });
    expect((await model.invoke('Bye', { cache })).text).toBe('y');
  });
});
