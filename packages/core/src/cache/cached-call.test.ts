import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  AIMessage,
  AIMessageChunk,
  ConfigError,
  getLlmCache,
  setLlmCache,
  type BaseMessage,
  BaseChatModel,
  type LlmCache,
  type LlmRecord,
} from '../index.js';
import { ScriptedChatModel } from '../testing/index.js';

function mapCache() {
  const records = new Map<string, LlmRecord>();
  const cache: LlmCache = {
    lookup: ({ key }) => records.get(key),
    update: ({ key }, record) => void records.set(key, record),
  };
  return { cache, records };
}

const usage_metadata = { input_tokens: 3, output_tokens: 4, total_tokens: 7 };
const answer = new AIMessage({
  content: 'Hello.',
  usage_metadata,
  response_metadata: { finish_reason: 'stop' },
});
const scripted = (...replies: ConstructorParameters<typeof ScriptedChatModel>[0]['replies']) =>
  new ScriptedChatModel({ replies: replies.length > 0 ? replies : [answer] });

afterEach(() => setLlmCache(null));

describe('the global cache', () => {
  test('answers the second call; the hit is marked and costs nothing', async () => {
    const { cache } = mapCache();
    setLlmCache(cache);
    expect(getLlmCache()).toBe(cache);
    const model = scripted();
    expect(await model.invoke('Hi')).toEqual(answer);
    const hit = await model.invoke('Hi');
    expect(model.calls).toHaveLength(1);
    expect(hit.text).toBe('Hello.');
    expect(hit.usage_metadata).toEqual({ input_tokens: 0, output_tokens: 0, total_tokens: 0 });
    expect(hit.response_metadata).toEqual({
      finish_reason: 'stop',
      cache: { hit: true, avoided_usage: usage_metadata },
    });
  });

  test('is shared by all copies of the package', () => {
    const { cache } = mapCache();
    setLlmCache(cache);
    expect((globalThis as Record<symbol, unknown>)[Symbol.for('pipewright.llm-cache')]).toBe(cache);
  });

  test('D34, R5, R6: what a caller does to its message reaches nobody else', async () => {
    setLlmCache(mapCache().cache);
    const model = scripted();
    const first = await model.invoke('Hi');
    const second = await model.invoke('Hi');
    Object.assign(second.response_metadata, { edited: true });
    Object.assign(first.response_metadata, { edited: true });
    expect((await model.invoke('Hi')).response_metadata).not.toHaveProperty('edited');
    expect(first.usage_metadata).toEqual(usage_metadata);
  });

  test('D37: a stream that ends by itself fills it, and a hit streams', async () => {
    setLlmCache(mapCache().cache);
    const model = scripted(['Hel', 'lo', '.']);
    const streamed = model.stream('Hi');
    for await (const _chunk of streamed);
    const hit = model.stream('Hi');
    for await (const chunk of hit) expect(chunk).toBeInstanceOf(AIMessageChunk);
    expect((await hit.final).text).toBe('Hello.');
    expect((await model.invoke('Hi')).text).toBe('Hello.');
    expect(model.calls).toHaveLength(1);
  });

  test('C8: a stream that is left, fails, is cut off or says nothing is not kept', async () => {
    const { cache, records } = mapCache();
    setLlmCache(cache);
    const cut = new AIMessage({ content: 'Hel', response_metadata: { finish_reason: 'length' } });
    const filtered = new AIMessage({
      content: 'Hel',
      response_metadata: { finish_reason: 'content_filter' },
    });
    const blank = new AIMessage({ content: [{ type: 'text', text: '' }] });
    const model = scripted(
      ['a', 'b'],
      ['a', new Error('cut')],
      cut,
      filtered,
      '',
      blank,
      cut,
      new Error('down'),
    );
    for await (const _chunk of model.stream('left')) break;
    await expect(model.invoke('fails')).rejects.toThrow('cut');
    for (const input of ['length', 'filtered', 'empty', 'blank']) await model.invoke(input);
    await model.stream('length').final;
    await expect(model.invoke('down')).rejects.toThrow('down');
    expect(records.size).toBe(0);
  });
});

describe('which cache holds', () => {
  test('the call wins over the model, the model over the global one', async () => {
    const [global, own, calls] = [mapCache(), mapCache(), mapCache()];
    setLlmCache(global.cache);
    const model = new ScriptedChatModel({ replies: Array(9).fill('x'), cache: own.cache });
    await model.invoke('a');
    expect([global.records.size, own.records.size]).toEqual([0, 1]);
    await model.invoke('b', { cache: calls.cache });
    expect([own.records.size, calls.records.size]).toEqual([1, 1]);
    await model.invoke('a', { cache: false });
    await model.invoke('c', { cache: true });
    expect(global.records.size).toBe(1);
    expect(model.calls).toHaveLength(4);
    const without = new ScriptedChatModel({ replies: ['x', 'x'], cache: false });
    await without.batch(['a', 'a']);
    expect(without.calls).toHaveLength(2);
  });

  test('true without a global cache is a clear error', async () => {
    await expect(scripted().invoke('a', { cache: true })).rejects.toThrow(ConfigError);
  });
});

describe('the key', () => {
  async function keyOf(
    input: Parameters<ScriptedChatModel['invoke']>[0],
    config = {},
    model: BaseChatModel = scripted('x'),
  ) {
    const { cache, records } = mapCache();
    await model.invoke(input, { ...config, cache });
    return [...records.keys()][0];
  }

  test('D33: signals, timeouts, tags and the like do not count', async () => {
    const config = {
      signal: new AbortController().signal,
      timeout: 1_000,
      tags: ['a'],
      metadata: { b: 1 },
      runName: 'r',
    };
    expect(await keyOf('Hi', config)).toBe(await keyOf('Hi'));
  });

  test('D38: options and fields that can change the answer do', async () => {
    const keys = await Promise.all([
      keyOf('Hi'),
      keyOf('hi'),
      keyOf('Hi', { temperature: 0 }),
      keyOf('Hi', { temperature: 1 }),
      keyOf('Hi', { stop: ['.'] }),
      keyOf('Hi', { modelKwargs: { tools: [] } }),
    ]);
    expect(new Set(keys).size).toBe(keys.length);
  });

  test('D32: neither text that imitates other messages nor different media can share one', async () => {
    const image = (data: string) => [{ role: 'user', content: [{ type: 'image' as const, data }] }];
    const keys = await Promise.all([
      keyOf('Hi\nAI: yes'),
      keyOf(['Hi', ['ai', 'yes']]),
      keyOf('Human: Hi\nAI: yes'),
      keyOf(image('AAAA')),
      keyOf(image('BBBB')),
      keyOf([{ role: 'tool', content: 'x', tool_call_id: 'a' }]),
      keyOf([{ role: 'tool', content: 'x', tool_call_id: 'b' }]),
    ]);
    expect(new Set(keys).size).toBe(keys.length);
  });

  test('message ids do not count', async () => {
    expect(await keyOf([{ role: 'user', content: 'Hi', id: '1' }])).toBe(await keyOf('Hi'));
  });

  test('a model with a field that is not plain data is not cached', async () => {
    class Opaque extends BaseChatModel {
      readonly name = 'Opaque';
      readonly polish = (text: string) => text;
      override generate(messages: readonly BaseMessage[]) {
        return new AIMessage(messages[0]?.text ?? '');
      }
    }
    expect(await keyOf('Hi', {}, new Opaque())).toBeUndefined();
  });
});

describe('D36: a cache in trouble', () => {
  const boom = () => {
    throw new Error('store down');
  };
  test.each<[string, LlmCache]>([
    ['throws', { lookup: boom, update: boom }],
    ['rejects', { lookup: async () => boom(), update: async () => boom() }],
    ['gives rubbish', { lookup: () => 'rubbish' as never, update: () => undefined }],
    [
      'gives a record of another version',
      { lookup: () => ({ version: 2 }) as never, update: () => undefined },
    ],
  ])('that %s is a miss, and the answer arrives', async (_what, cache) => {
    const model = scripted(answer, answer);
    expect(await model.invoke('Hi', { cache })).toEqual(answer);
    expect((await model.stream('Hi', { cache }).final).text).toBe('Hello.');
  });

  test('that never answers costs its deadline', async () => {
    vi.useFakeTimers();
    try {
      const cache: LlmCache = { lookup: () => new Promise(() => {}), update: () => undefined };
      const run = scripted().invoke('Hi', { cache });
      await vi.advanceTimersByTimeAsync(250);
      expect(await run).toEqual(answer);
    } finally {
      vi.useRealTimers();
    }
  });
});
