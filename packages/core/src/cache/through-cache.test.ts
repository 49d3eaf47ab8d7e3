import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { turns } from '../../test/played-model.js';
import {
  AIMessage,
  AIMessageChunk,
  AuthError,
  BaseChatModel,
  CacheError,
  CacheMissError,
  ConfigError,
  ContextTooLongError,
  llmRequest,
  ProviderError,
  QuotaExhaustedError,
  RateLimitedError,
  RunnableLambda,
  setLlmCache,
  temperatureWeighted,
  type CacheMark,
  type LlmCache,
  type LlmCacheEvent,
  type LlmCacheOptions,
  type LlmRecord,
} from '../index.js';
import { FakeListChatModel, ScriptedChatModel } from '../testing/index.js';

const texts = (count: number) => Array.from({ length: count }, (_, index) => `answer ${index}`);

function setup(options: Omit<LlmCacheOptions, 'cache'> = {}, asynchronous = true) {
  const records = new Map<string, LlmRecord>();
  const events: LlmCacheEvent[] = [];
  const store: LlmCache = {
    lookup: ({ key }) => (asynchronous ? Promise.resolve(records.get(key)) : records.get(key)),
    update: ({ key }, record) => void records.set(key, record),
  };
  const cache: LlmCacheOptions = { cache: store, onEvent: (event) => void events.push(event), ...options };
  const model = new ScriptedChatModel({ replies: texts(20), cache });
  const ask = async (config = {}): Promise<string> => (await model.invoke('Hi', config)).text;
  return { records, events, model, ask, store, types: () => events.map(({ type }) => type) };
}

const markOf = (message: AIMessage) => message.response_metadata.cache as CacheMark | undefined;

afterEach(() => setLlmCache(null));

test('R1, D31: a batch of which a part is known gives every answer at its place', async () => {
  const { model } = setup();
  await model.invoke('b');
  const answers = await model.batch(['a', 'b', 'c']);
  expect(answers.map(({ text }) => text)).toEqual(['answer 1', 'answer 0', 'answer 2']);
  expect(answers.map((answer) => markOf(answer)?.hit)).toEqual([undefined, true, undefined]);
});

describe('options in layers', () => {
  test('what a call says wins over what is bound, the model, and the global', async () => {
    const seen: string[] = [];
    const store = (name: string): LlmCache => ({
      lookup: ({ scope }) => void seen.push(`${name}:${scope}`),
      update: () => undefined,
    });
    setLlmCache(store('global'), { scope: 'global' });
    const plain = new FakeListChatModel({ responses: ['x'] });
    const own = new FakeListChatModel({ responses: ['x'], cache: { cache: store('model'), scope: 'model' } });
    await plain.invoke('a');
    await own.invoke('a');
    await own.invoke('a', { cache: { scope: 'call' } });
    await own.invoke('a', { cache: store('call') });
    await own.invoke('a', { cache: true });
    await own.invoke('a', { cache: false });
    const nested = RunnableLambda.from((text: string, context) =>
      own.invoke(text, { ...context, cache: { scope: 'inner' } }),
    );
    await nested.invoke('a', { cache: { cache: store('outer'), scope: 'outer' } });
    expect(seen).toEqual([
      'global:global',
      'model:model',
      'model:call',
      'call:model',
      'global:model',
      'outer:inner',
    ]);
  });

  test('a cache that was turned off stays off until one is named again, and the scope is kept', async () => {
    const { store, records } = setup();
    setLlmCache(store);
    const model = new FakeListChatModel({ responses: ['x'], cache: false });
    await model.invoke('a', { cache: { scope: 'call' } });
    await model.withConfig({ cache: { scope: 'bound' } }).invoke('a');
    const bound = new FakeListChatModel({ responses: ['x'] }).withConfig({ cache: false });
    await bound.invoke('a', { cache: { scope: 'call' } });
    expect(records.size).toBe(0);
    await model.invoke('a', { cache: true });
    await model.invoke('a', { cache: store });
    expect(records.size).toBe(1);
    const seen: string[] = [];
    const scoped = {
      lookup: ({ scope }) => void seen.push(scope),
      update: () => undefined,
    } satisfies LlmCache;
    const own = new FakeListChatModel({ responses: ['x'], cache: { cache: scoped, scope: 'own' } });
    const off = own.withConfig({ cache: { scope: 'bound' } }).withConfig({ cache: false });
    await off.invoke('a');
    await off.invoke('a', { cache: { cache: scoped } });
    expect(seen).toEqual(['bound']);
  });

  test.each<[string, LlmCacheOptions]>([
    ['scope', { scope: { tenant: 'a' } as never }],
    ['ttl', { ttl: -1 }],
    ['deadline', { deadline: Number.NaN }],
    ['samples', { samples: 0 }],
    ['policy', { policy: 'deterministic' as never }],
    ['onMiss', { onMiss: 'throw' as never }],
    ['replay', { replay: { delay: Number.POSITIVE_INFINITY } }],
  ])('%s is checked, in a call and with the global cache', async (name, options) => {
    const { ask, store } = setup();
    expect(() => setLlmCache(store, options)).toThrow(`cache.${name}`);
    await expect(ask({ cache: options })).rejects.toThrow(ConfigError);
    await expect(ask({ cache: options })).rejects.toThrow(`cache.${name}`);
  });

  test('C5: scopes that look alike never meet', async () => {
    const { model, records } = setup();
    const scopes = [
      'acme',
      'acme-corp',
      'ACME',
      'acme%',
      'acme*',
      'a_me',
      'acme\0',
      'acmé',
      'acme\u0301',
      '',
    ];
    for (const scope of scopes) await model.invoke('Hi', { cache: { scope } });
    expect(records.size).toBe(scopes.length);
  });
});

describe('policies by temperature', () => {
  const hitsAt = async (policy: LlmCacheOptions['policy'], temperature?: number): Promise<boolean> => {
    const { ask, model } = setup(policy && { policy });
    const config = temperature === undefined ? {} : { temperature };
    await ask(config);
    await ask(config);
    return model.calls.length === 1;
  };

  test('always: any temperature is kept', async () => {
    expect([await hitsAt('always', 1.5), await hitsAt(undefined, 1.5), await hitsAt('always')]).toEqual([
      true,
      true,
      true,
    ]);
  });

  test('deterministic-only: 0 is kept; more, and not saying, is not', async () => {
    const hits = [0, 0.1, undefined].map((temperature) => hitsAt('deterministic-only', temperature));
    expect(await Promise.all(hits)).toEqual([true, false, false]);
  });

  test('weighted: the hotter, the likelier the model is asked, and its answer replaces the old one', async () => {
    const decided = (temperature: number | undefined, random: number) => {
      const described = llmRequest(
        new FakeListChatModel({ responses: [] }),
        'Hi',
        temperature === undefined ? {} : { temperature },
      );
      return 'request' in described && temperatureWeighted(() => random)(described.request);
    };
    expect([decided(0, 0), decided(1, 0.26), decided(1, 0.27), decided(undefined, 0.26)]).toEqual([
      'use',
      'refresh',
      'use',
      'refresh',
    ]);
    expect([decided(1.99, 0.37), decided(1.99, 0.38), decided(2, 0.99)]).toEqual([
      'refresh',
      'use',
      'refresh',
    ]);
    const { ask } = setup({ policy: 'weighted' });
    expect([await ask({ temperature: 2 }), await ask({ temperature: 2 })]).toEqual(['answer 0', 'answer 1']);
  });
});

test('samples: so many different answers are kept and given in turn', async () => {
  const { ask, model } = setup({ samples: 3 });
  const given: string[] = [];
  for (let turn = 0; turn < 7; turn += 1) given.push(await ask());
  expect(given.map((text) => text.at(-1)).join('')).toBe('0120120');
  expect(model.calls).toHaveLength(3);
});

describe('time', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('D39: an answer past its ttl is asked for again', async () => {
    const { ask, events } = setup({ ttl: 1_000 });
    expect([await ask(), await ask()]).toEqual(['answer 0', 'answer 0']);
    vi.advanceTimersByTime(1_000);
    expect(await ask()).toBe('answer 1');
    expect(events.findLast(({ type }) => type === 'miss')).toMatchObject({ reason: 'expired' });
  });

  test.each<Omit<LlmCacheOptions, 'cache'>>([
    { ttl: Number.POSITIVE_INFINITY },
    { ttl: Number.MAX_VALUE },
    { ttl: 1_000, staleFor: Number.POSITIVE_INFINITY },
  ])('a time without end can be kept as JSON: %o', async (options) => {
    const { ask, records } = setup({ ...options, negativeTtl: Number.POSITIVE_INFINITY });
    await ask();
    for (const [key, record] of records) records.set(key, JSON.parse(JSON.stringify(record)) as LlmRecord);
    vi.advanceTimersByTime(10 ** 12);
    expect(await ask()).toBe('answer 0');
  });

  test('a stale answer is given while one new one is fetched', async () => {
    const { ask, model, types } = setup({ ttl: 1_000, staleFor: 1_000 });
    await ask();
    vi.advanceTimersByTime(1_500);
    const stale = await Promise.all([model.invoke('Hi'), model.invoke('Hi')]);
    expect(stale.map(({ text }) => text)).toEqual(['answer 0', 'answer 0']);
    expect(markOf(stale[0] as AIMessage)?.stale).toBe(true);
    await vi.advanceTimersByTimeAsync(0);
    expect(await ask()).toBe('answer 1');
    expect(model.calls).toHaveLength(2);
    vi.advanceTimersByTime(2_000);
    expect(await ask()).toBe('answer 2');
    expect(types()).toContain('stored');
  });

  test.each([true, false])(
    'nobody with a stale answer waits for the refresh; asynchronous: %s',
    async (asynchronous) => {
      let answer: (text: string) => void = () => {};
      const { ask, model } = setup({ ttl: 1_000, staleFor: 10_000 }, asynchronous);
      await ask();
      (model.replies as unknown[])[1] = () => new Promise<string>((resolve) => (answer = resolve));
      vi.advanceTimersByTime(1_500);
      const given = [await ask(), await ask(), ...(await Promise.all([ask(), ask()]))];
      expect(given).toEqual(Array(4).fill('answer 0'));
      answer('new');
      await vi.advanceTimersByTimeAsync(0);
      expect(await ask()).toBe('new');
      expect(model.calls).toHaveLength(2);
    },
  );

  test('a refresh that fails leaves the stale answer', async () => {
    const { ask, model } = setup({ ttl: 1_000, staleFor: 10_000 });
    await ask();
    (model.replies as unknown[])[1] = new Error('down');
    vi.advanceTimersByTime(1_500);
    expect([await ask(), await ask()]).toEqual(['answer 0', 'answer 0']);
  });

  test('hits are streamed at a pace, and stopping stops the clock', async () => {
    const { model } = setup({ replay: { delay: 100 } });
    (model.replies as unknown[])[0] = ['a', 'b', 'c'];
    await model.stream('Hi').final;
    const stream = model.stream('Hi');
    expect((await stream.next()).value?.text).toBe('a');
    const second = stream.next();
    await vi.advanceTimersByTimeAsync(99);
    expect(vi.getTimerCount()).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect((await second).value?.text).toBe('b');
    const third = stream.next();
    await stream.return();
    expect((await third).done).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });
});

test('R2, D37: a hit is streamed in the pieces it came in, and adds up to the same', async () => {
  const { model } = setup();
  const usage_metadata = { input_tokens: 1, output_tokens: 2, total_tokens: 3 };
  const last = new AIMessageChunk({
    content: '',
    usage_metadata,
    response_metadata: { finish_reason: 'stop' },
  });
  (model.replies as unknown[])[0] = ['Hel', '', 'lo', '.', last];
  await model.stream('Hi').final;
  const stream = model.stream('Hi');
  const pieces: string[] = [];
  for await (const chunk of stream) pieces.push(chunk.text);
  expect(pieces).toEqual(['Hel', 'lo', '.', '']);
  const whole = await model.invoke('Hi');
  expect(await stream.final).toEqual(whole);
  expect(whole.response_metadata).toEqual({
    finish_reason: 'stop',
    cache: { hit: true, avoided_usage: usage_metadata },
  });
  expect(model.calls).toHaveLength(1);
});

describe('negative caching', () => {
  const tooLong = new ContextTooLongError('Too long.', { status: 400 });

  test('a refusal without end can be kept as JSON', async () => {
    const { ask, model, records } = setup({ negativeTtl: Number.POSITIVE_INFINITY });
    (model.replies as unknown[])[0] = tooLong;
    await expect(ask()).rejects.toBe(tooLong);
    expect([...records.values()]).toEqual(JSON.parse(JSON.stringify([...records.values()])));
  });

  test('off by default', async () => {
    const { ask, model } = setup();
    (model.replies as unknown[])[0] = tooLong;
    await expect(ask()).rejects.toBe(tooLong);
    expect(await ask()).toBe('answer 1');
  });

  test.each([
    new AuthError('Wrong key.', { status: 400 }),
    new QuotaExhaustedError('No credit.', { status: 400 }),
  ])('keeps none that a new key would cure, whatever its status', async (error) => {
    const { ask, model, records } = setup({ negativeTtl: 1_000 });
    (model.replies as unknown[])[0] = error;
    await expect(ask()).rejects.toBe(error);
    expect(records.size).toBe(0);
  });

  test.each<[string, Omit<LlmCacheOptions, 'cache'>]>([
    ['stale', { ttl: 0, staleFor: 60_000 }],
    ['asked for anew', { policy: () => 'refresh' }],
  ])('an answer that is %s is not replaced by a refusal', async (_what, options) => {
    const { ask, model, records } = setup({ negativeTtl: 1_000, ...options });
    await ask();
    (model.replies as unknown[])[1] = tooLong;
    await ask().catch(() => 'refused');
    await turns();
    expect(model.calls).toHaveLength(2);
    expect([...records.values()].map(({ error }) => error)).toEqual([undefined]);
  });

  test('keeps refusals that would come again, for their time', async () => {
    vi.useFakeTimers();
    try {
      const { ask, model } = setup({ negativeTtl: 1_000 });
      (model.replies as unknown[])[0] = tooLong;
      await expect(ask()).rejects.toBe(tooLong);
      const again = await ask().catch((error: unknown) => error);
      expect(again).toBeInstanceOf(ContextTooLongError);
      expect(again).toMatchObject({ message: 'Too long.', status: 400 });
      expect(model.calls).toHaveLength(1);
      vi.advanceTimersByTime(1_000);
      expect(await ask()).toBe('answer 1');
    } finally {
      vi.useRealTimers();
    }
  });

  test.each([
    new RateLimitedError('Slow down.', { status: 429, retryable: true }),
    new ProviderError('Down.', { status: 500 }),
    new Error('Something else.'),
  ])('keeps no other failure', async (error) => {
    const { ask, model, records } = setup({ negativeTtl: 1_000 });
    (model.replies as unknown[])[0] = error;
    await expect(ask()).rejects.toBe(error);
    expect(records.size).toBe(0);
  });
});

describe('strict', () => {
  const down: LlmCache = {
    lookup: () => Promise.reject(new Error('store down')),
    update: () => Promise.reject(new Error('store full')),
  };

  test('a failing lookup rejects the call, and the model is not asked', async () => {
    const { ask, model } = setup();
    for (let turn = 0; turn < 7; turn += 1) {
      await expect(ask({ cache: { cache: down, strict: true } })).rejects.toThrow(CacheError);
    }
    expect(model.calls).toHaveLength(0);
  });

  test.each<[string, Partial<LlmCache>]>([
    ['be looked up', down],
    ['be kept', { ...down, lookup: async () => undefined }],
  ])('an answer that cannot %s rejects strict calls only, whoever asked', async (_what, broken) => {
    const cache = { ...down, ...broken };
    const model = new ScriptedChatModel({ replies: texts(9) });
    const ask = (strict: boolean) => model.invoke('Hi', { cache: { cache, strict } });
    const [lenient, strict, stream] = await Promise.allSettled([
      ask(false),
      ask(true),
      model.stream('Hi', { cache: { cache, strict: true } }).final,
    ]);
    expect(lenient).toMatchObject({ value: { text: 'answer 0' } });
    for (const result of [strict, stream]) expect(result).toMatchObject({ reason: expect.any(CacheError) });
    const [first, second] = await Promise.allSettled([ask(true), ask(false)]);
    expect(first).toMatchObject({ reason: expect.any(CacheError) });
    expect(second).toMatchObject({ status: 'fulfilled' });
  });

  test('so does an answer that cannot be kept', async () => {
    const { ask, model } = setup();
    const cache = { cache: { ...down, lookup: () => undefined }, strict: true };
    await expect(ask({ cache })).rejects.toThrow('store full');
    await expect(model.stream('Hi', { cache }).final).rejects.toThrow('store full');
  });

  test('"kept": so does one that may not be kept; a call that is not cached is not made', async () => {
    const { store } = setup();
    const cut = new AIMessage({ content: 'x', response_metadata: { finish_reason: 'length' } });
    const model = new ScriptedChatModel({ replies: [cut, cut] });
    const cache = { cache: store, strict: 'kept' as const };
    const failure = await model.invoke('Hi', { cache }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'CACHE', retryable: false });
    await expect(model.stream('Hi', { cache }).final).rejects.toThrow('ended with "length"');
    await expect(model.invoke('Hi', { cache, modelKwargs: { f: () => 0 } })).rejects.toThrow('modelKwargs.f');
    await expect(model.invoke('Hi', { cache: { ...cache, policy: 'deterministic-only' } })).rejects.toThrow(
      CacheError,
    );
    expect(model.calls).toHaveLength(2);
  });
});

test('a run that is stopped while it is described asks nobody', async () => {
  const abort = new AbortController();
  class Stopping extends ScriptedChatModel {
    override identity() {
      abort.abort(new Error('enough'));
      return {};
    }
  }
  const { store } = setup();
  const model = new Stopping({ replies: ['x'], cache: store });
  await expect(model.invoke('Hi', { signal: abort.signal })).rejects.toThrow('enough');
  expect(model.calls).toHaveLength(0);
});

test('onMiss "fail": what is not in the cache is an error, and the model is never asked', async () => {
  const { ask, model } = setup();
  await expect(ask({ cache: { onMiss: 'fail' } })).rejects.toThrow(CacheMissError);
  await expect(ask({ cache: { onMiss: 'fail', policy: 'deterministic-only' } })).rejects.toThrow(
    CacheMissError,
  );
  await expect(ask({ modelKwargs: { f: () => 1 }, cache: { onMiss: 'fail' } })).rejects.toThrow(
    CacheMissError,
  );
  expect(model.calls).toHaveLength(0);
  await ask();
  expect(await ask({ cache: { onMiss: 'fail' } })).toBe('answer 0');
});

test('onMiss "fail" without a cache is an error, unless the cache is turned off after it was said', async () => {
  const { store } = setup();
  const cache = { onMiss: 'fail' } as const;
  const [plain, off, replaying] = [undefined, false, { cache: store, ...cache }].map(
    (own) => new ScriptedChatModel({ replies: ['x'], ...(own !== undefined && { cache: own }) }),
  ) as [ScriptedChatModel, ScriptedChatModel, ScriptedChatModel];
  await expect(plain.invoke('Hi', { cache })).rejects.toThrow(CacheMissError);
  await expect(off.invoke('Hi', { cache })).rejects.toThrow(CacheMissError);
  expect((await replaying.invoke('Hi', { cache: false })).text).toBe('x');
});

describe('events', () => {
  test('tell of hits, misses, what was stored and what was not', async () => {
    const { ask, model, types, events } = setup();
    await ask();
    await ask();
    expect(types()).toEqual(['miss', 'stored', 'hit']);
    (model.replies as unknown[])[1] = new AIMessage({
      content: 'cut',
      response_metadata: { finish_reason: 'length' },
    });
    await ask({ temperature: 1 });
    expect(events.at(-1)).toMatchObject({ type: 'refused', reason: 'it ended with "length"' });
    await ask({ modelKwargs: { when: new Map() } });
    expect(events.at(-1)).toMatchObject({ type: 'bypassed', model: 'ScriptedChatModel' });
    expect((events.at(-1) as { reason: string }).reason).toContain('modelKwargs.when');
  });

  test('an answer that JSON cannot hold is given and not kept', async () => {
    const { model, records, events } = setup();
    const odd = new AIMessage({ content: 'x', additional_kwargs: { raw: { at: new Date(0) } } });
    (model.replies as unknown[])[0] = odd;
    expect((await model.invoke('Hi')).additional_kwargs).toEqual(odd.additional_kwargs);
    expect(records.size).toBe(0);
    expect((events.at(-1) as { reason: string }).reason).toContain('additional_kwargs.raw.at');
  });

  test('an answer that goes round in circles is given to all who wait, and not kept', async () => {
    const { model, records, events } = setup();
    const circle: Record<string, unknown> = { list: [] };
    circle.self = circle;
    (circle.list as unknown[]).push(circle);
    const whole = new AIMessage({ content: 'x', additional_kwargs: { circle } });
    const chunk = new AIMessageChunk({ content: 'one ', additional_kwargs: { circle } });
    (model.replies as unknown[]).splice(0, 2, whole, [chunk, 'two']);
    const answers = [
      ...(await Promise.all([model.invoke('Hi'), model.invoke('Hi')])),
      ...(await Promise.all([model.stream('Hi').final, model.stream('Hi').final])),
    ];
    expect(answers.map(({ text }) => text)).toEqual(['x', 'x', 'one two', 'one two']);
    const circles = answers.map(({ additional_kwargs }) => additional_kwargs.circle as typeof circle);
    for (const own of circles) expect(own.self).toBe(own);
    expect(new Set(circles.map(({ list }) => list)).size).toBeGreaterThan(2);
    expect(model.calls).toHaveLength(2);
    expect(records.size).toBe(0);
    const refused = events.filter(({ type }) => type === 'refused') as { reason: string }[];
    expect(refused.map(({ reason }) => reason)).toEqual(Array(2).fill(expect.stringContaining('circular')));
  });

  test('what an answer has none of is not kept, and is there again in what is given', async () => {
    const { store, records } = setup();
    const fields = {
      content: [],
      name: '',
      tool_calls: [{ type: 'tool_call', id: 'c', name: 'f', args: {} }],
    } as const;
    class Caller extends BaseChatModel {
      readonly name = 'Caller';
      override generate() {
        return new AIMessage(fields);
      }
    }
    const model = new Caller({ cache: store });
    const { response_metadata: _none, ...made } = await model.invoke('Hi');
    expect([...records.values()].map(({ message }) => message)).toStrictEqual([fields]);
    const { response_metadata: _mark, ...given } = await model.invoke('Hi');
    expect(given).toStrictEqual(made);
  });

  test('a listener that throws does no harm', async () => {
    const { ask } = setup({
      onEvent: () => {
        throw new Error('counter broken');
      },
    });
    expect([await ask(), await ask()]).toEqual(['answer 0', 'answer 0']);
  });
});

test('a chain stays synchronous with a synchronous cache, and says so with another', () => {
  const model = (asynchronous: boolean) =>
    new FakeListChatModel({ responses: ['a', 'b'], cache: { cache: setup({}, asynchronous).store } });
  const sync = model(false);
  expect([sync.invokeSync('Hi').text, sync.invokeSync('Hi').text]).toEqual(['a', 'a']);
  expect([...sync.streamSync('Hi')].map(({ text }) => text)).toEqual(['a']);
  const late = model(true);
  expect(() => late.invokeSync('Hi')).toThrow('FakeListChatModel');
  expect(late.calls).toBe(0);
});
