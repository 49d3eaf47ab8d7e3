import { describe, expect, test, vi } from 'vitest';
import {
  AuthError,
  type Clock,
  ConfigError,
  OutputParserException,
  ProviderError,
  RateLimitedError,
  RetryBudget,
  Runnable,
  RunnableGenerator,
  RunnableLambda,
  TimeoutError,
} from '../index.js';
import { runnableLaws, ScriptedChatModel } from '../testing/index.js';

/** A clock without waits that notes how long they would have been. */
function noted(random = 0.5) {
  const waits: number[] = [];
  const clock: Clock = {
    now: () => 0,
    date: () => 0,
    random: () => random,
    sleep: async (ms) => void waits.push(ms),
  };
  return { clock, waits };
}

/** Fails as often as told, then gives its input. */
function flaky(failures: number, error: unknown = new Error('flaky')) {
  let calls = 0;
  const step = RunnableLambda.from((x: number) => {
    calls += 1;
    if (calls <= failures) throw error;
    return x;
  });
  return { step, calls: () => calls };
}

const wrapped: [string, (bound: Runnable<string, string>) => Runnable<string, string>][] = [
  ['config', (bound) => bound.withConfig({ tags: ['t'] })],
  ['retry', (bound) => bound.withRetry({ clock: noted().clock })],
  ['fallbacks', (bound) => bound.withFallbacks([(text: string) => text])],
  ['timeout', (bound) => bound.withTimeout(10_000)],
  ['listeners', (bound) => bound.withListeners({ onStart: () => {} })],
  [
    'all of them',
    (bound) =>
      bound
        .withRetry({ clock: noted().clock })
        .withListeners({ onEnd: async () => {} })
        .withConfig({ tags: ['a'] })
        .withFallbacks([(text: string) => text])
        .withTimeout(10_000)
        .withConfig({ tags: ['b'] }),
  ],
];

const streaming = (): Runnable<string, string> =>
  RunnableLambda.from(async function* (text: string) {
    yield '';
    yield* text;
  }).pipe(
    RunnableGenerator.from(async function* (chunks: AsyncIterable<string>) {
      yield* chunks;
    }),
  );

describe.each(wrapped)('law 7: with %s', (_name, wrap) => {
  for (const law of runnableLaws(() => wrap(streaming()), ['', 'abc'])) test(law.name, () => law.check());
});

describe('retry', () => {
  test('the third attempt counts by default, in every mode', async () => {
    const { clock } = noted();
    expect(await flaky(2).step.withRetry({ clock }).invoke(1)).toBe(1);
    expect(await flaky(2).step.withRetry({ clock }).stream(1).final).toBe(1);
    expect(await flaky(2).step.withRetry({ clock }).batch([1, 2])).toEqual([1, 2]);
    const failing = flaky(3);
    await expect(failing.step.withRetry({ clock }).invoke(1)).rejects.toThrow('flaky');
    expect(failing.calls()).toBe(3);
  });

  test('D10: a stream is tried again before its first chunk, and never after', async () => {
    const { clock } = noted();
    const model = new ScriptedChatModel({ replies: [new Error('down'), ['a', new Error('cut')], 'never'] });
    const seen: string[] = [];
    const loop = async () => {
      for await (const chunk of model.withRetry({ clock }).stream('hi')) seen.push(chunk.text);
    };
    await expect(loop()).rejects.toThrow('cut');
    expect(seen).toEqual(['a']);
    expect(model.calls).toHaveLength(2);
    const whole = new ScriptedChatModel({
      replies: [
        ['a', new Error('cut')],
        ['b', 'c'],
      ],
    });
    expect((await whole.withRetry({ clock }).invoke('hi')).text).toBe('bc');
  });

  test('a step over chunks is tried again on the same chunks, without gathering them first', async () => {
    let attempts = 0;
    const picky = RunnableGenerator.from(async function* picky(chunks: AsyncIterable<string>) {
      attempts += 1;
      for await (const text of chunks) {
        if (attempts === 1 && text === 'b') throw new Error('not b');
        if (attempts > 1) yield text;
      }
    });
    const source = RunnableLambda.from(async function* (_: number) {
      yield* ['a', 'b', 'c'];
    });
    expect(await source.pipe(picky.withRetry({ clock: noted().clock })).stream(0).final).toBe('abc');
    expect(attempts).toBe(2);
  });

  test("an input that fails is not the step's own failure", async () => {
    let attempts = 0;
    const step = RunnableGenerator.from(async function* step(chunks: AsyncIterable<string>) {
      attempts += 1;
      for await (const text of chunks) void text;
      yield 'done';
    });
    const source = RunnableLambda.from(async function* (_: number) {
      yield 'a';
      throw new Error('source');
    });
    await expect(source.pipe(step.withRetry({ clock: noted().clock })).invoke(0)).rejects.toThrow('source');
    expect(attempts).toBe(1);
  });

  test('onFailedAttempt hears of every failure with the input, and can stop', async () => {
    const heard: unknown[] = [];
    const onFailedAttempt = (error: unknown, input: unknown) => void heard.push([String(error), input]);
    const failing = flaky(9);
    await expect(
      failing.step.withRetry({ clock: noted().clock, onFailedAttempt }).invoke(5),
    ).rejects.toThrow();
    expect(heard).toEqual(Array(3).fill(['Error: flaky', 5]));
    const stopped = flaky(9);
    const stop = stopped.step.withRetry({
      clock: noted().clock,
      onFailedAttempt: () => {
        throw new Error('stop');
      },
    });
    await expect(stop.invoke(1)).rejects.toThrow('stop');
    expect(stopped.calls()).toBe(1);
  });

  test('only what may help is tried again', async () => {
    const { clock } = noted();
    const tries = async (error: unknown, options = {}) => {
      const failing = flaky(9, error);
      await failing.step
        .withRetry({ clock, ...options })
        .invoke(1)
        .catch(() => {});
      return failing.calls();
    };
    expect(await tries(new TypeError('bug?'))).toBe(3);
    expect(await tries(new ProviderError('500', { retryable: true }))).toBe(3);
    expect(await tries(new OutputParserException('no JSON', 'text'))).toBe(3);
    expect(await tries(new AuthError('401'))).toBe(1);
    expect(await tries(Object.assign(new Error('bad request'), { status: 400 }))).toBe(1);
    expect(await tries(Object.assign(new Error('busy'), { status: 429 }))).toBe(3);
    expect(await tries(new Error('x'), { retryIf: () => false })).toBe(1);
  });

  test('waits double up to the longest, with a random part', async () => {
    const waitsWith = async (options: object, random = 0.5) => {
      const { clock, waits } = noted(random);
      await flaky(9)
        .step.withRetry({ clock, stopAfterAttempt: 5, ...options })
        .invoke(1)
        .catch(() => {});
      return waits;
    };
    expect(await waitsWith({ jitter: 'none' })).toEqual([500, 1_000, 2_000, 4_000]);
    expect(await waitsWith({ jitter: 'full' })).toEqual([250, 500, 1_000, 2_000]);
    expect(await waitsWith({ jitter: 'equal' })).toEqual([375, 750, 1_500, 3_000]);
    expect(await waitsWith({ jitter: 'none', initialDelayMs: 10, maxDelayMs: 25 })).toEqual([10, 20, 25, 25]);
  });

  test("a provider's Retry-After is waited for, and given up on when it is too long", async () => {
    const asks = (retryAfterMs: number) => new RateLimitedError('429', { retryAfterMs, retryable: true });
    const short = noted(0);
    await flaky(1, asks(3_000)).step.withRetry({ clock: short.clock }).invoke(1);
    expect(short.waits).toEqual([3_000]);
    const long = noted();
    await expect(flaky(1, asks(61_000)).step.withRetry({ clock: long.clock }).invoke(1)).rejects.toThrow(
      '429',
    );
    expect(long.waits).toEqual([]);
  });

  test('F071: aborting ends a wait at once, and nothing is tried after it', async () => {
    const abort = new AbortController();
    const failing = flaky(9);
    const clock: Clock = {
      now: () => 0,
      date: () => 0,
      random: () => 1,
      sleep: (_ms, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason as Error));
          queueMicrotask(() => abort.abort(new Error('enough')));
        }),
    };
    await expect(failing.step.withRetry({ clock }).invoke(1, { signal: abort.signal })).rejects.toThrow(
      'enough',
    );
    expect(failing.calls()).toBe(1);
  });

  test('a synchronous run is tried again without waiting', async () => {
    const { clock, waits } = noted();
    expect(flaky(2).step.withRetry({ clock }).invokeSync(1)).toBe(1);
    expect([...flaky(2).step.withRetry({ clock }).streamSync(1)]).toEqual([1]);
    const error = new Error('boom');
    const failing = flaky(9, error);
    expect(() => failing.step.withRetry({ clock }).invokeSync(1)).toThrow(error);
    expect(failing.calls()).toBe(3);
    expect(waits).toEqual([]);
  });

  test("a synchronous run that would have to wait fails with the step's own error, and nothing runs after it", async () => {
    const { clock, waits } = noted();
    const busy = flaky(9, new RateLimitedError('429', { retryAfterMs: 10, retryable: true }));
    expect(() => busy.step.withRetry({ clock }).invokeSync(1)).toThrow('429');
    const error = new Error('boom');
    const failing = flaky(9, error);
    for (const told of [Promise.resolve(), Promise.reject(new Error('later'))]) {
      const retrying = failing.step.withRetry({ clock, onFailedAttempt: () => told });
      expect(() => retrying.invokeSync(1)).toThrow(error);
    }
    await new Promise((resolve) => setImmediate(resolve));
    expect([busy.calls(), failing.calls(), waits]).toEqual([1, 2, []]);
  });

  test('F080: a budget that is used up makes failures final, and successes refill it', async () => {
    const budget = new RetryBudget({ tokens: 30 });
    const { clock } = noted();
    const failing = flaky(99);
    for (let i = 0; i < 3; i += 1) {
      await failing.step
        .withRetry({ clock, budget })
        .invoke(1)
        .catch(() => {});
    }
    expect(failing.calls()).toBe(3 + 2);
    expect(budget.left).toBe(2);
    await RunnableLambda.from((x: number) => x)
      .withRetry({ budget })
      .invoke(1);
    expect(budget.left).toBe(3);
  });

  test('D7: options survive further wrapping', async () => {
    const failing = flaky(9);
    const chain = failing.step.withRetry({ stopAfterAttempt: 1 }).withConfig({ tags: ['a'] });
    await expect(chain.invoke(1)).rejects.toThrow('flaky');
    expect(failing.calls()).toBe(1);
  });

  test.each([0, -1, 1.5, Number.NaN])('%s attempts are refused', (stopAfterAttempt) => {
    expect(() => flaky(0).step.withRetry({ stopAfterAttempt })).toThrow(ConfigError);
  });

  test('undefined is a result, not a failure', async () => {
    let calls = 0;
    const step = RunnableLambda.from((_: number) => void (calls += 1));
    await step.withRetry().batch([1, 2]);
    expect(calls).toBe(2);
  });
});

describe('fallbacks', () => {
  const fails = (message: string) =>
    RunnableLambda.from((_: number): string => {
      throw new Error(message);
    });

  test('the next one answers, given as an array or by name', async () => {
    expect(
      await fails('a')
        .withFallbacks([() => 'b'])
        .invoke(1),
    ).toBe('b');
    expect(
      await fails('a')
        .withFallbacks({ fallbacks: [fails('b'), () => 'c'] })
        .invoke(1),
    ).toBe('c');
    expect(
      fails('a')
        .withFallbacks([() => 'b'])
        .invokeSync(1),
    ).toBe('b');
  });

  test('when all fail, the first error is thrown', async () => {
    await expect(
      fails('first')
        .withFallbacks([fails('b'), fails('c')])
        .invoke(1),
    ).rejects.toThrow('first');
  });

  test('D4: in a batch only the failed items go there, errors can be kept, and no inputs are fine', async () => {
    const picky = RunnableLambda.from((x: number) => {
      if (x === 2) throw new Error('two');
      return `p${x}`;
    });
    expect(await picky.withFallbacks([(x: number) => `f${x}`]).batch([1, 2, 3])).toEqual(['p1', 'f2', 'p3']);
    const kept = await picky.withFallbacks([fails('b')]).batch([1, 2], {}, { returnExceptions: true });
    expect(kept).toEqual(['p1', new Error('two')]);
    expect(await picky.withFallbacks([fails('b')]).batch([])).toEqual([]);
  });

  test('F047: before the first chunk only; never two answers in one', async () => {
    const before = new ScriptedChatModel({ replies: [new Error('down')] });
    const after = new ScriptedChatModel({ replies: [['a', new Error('cut')]] });
    const other = () => new ScriptedChatModel({ replies: [['x', 'y']] });
    expect((await before.withFallbacks([other()]).stream('hi').final).text).toBe('xy');
    const spare = other();
    await expect(after.withFallbacks([spare]).stream('hi').final).rejects.toThrow('cut');
    expect(spare.calls).toHaveLength(0);
  });

  test('F085: an aborted run is not tried elsewhere', async () => {
    const abort = new AbortController();
    let tried = false;
    const primary = RunnableLambda.from(async (_: number): Promise<string> => {
      abort.abort(new Error('enough'));
      throw new Error('failed meanwhile');
    });
    const chain = primary.withFallbacks([
      () => {
        tried = true;
        return 'b';
      },
    ]);
    await expect(chain.invoke(1, { signal: abort.signal })).rejects.toThrow('enough');
    expect(tried).toBe(false);
  });

  test('a filter decides which errors lead on, and the error can be handed over', async () => {
    const chain = RunnableLambda.from((_: { q: string }): string => {
      throw new Error('why');
    });
    const told = chain.withFallbacks({
      fallbacks: [(input: { q: string; error?: Error }) => `${input.q}: ${input.error?.message}`],
      exceptionKey: 'error',
    });
    expect(await told.invoke({ q: 'q' })).toBe('q: why');
    const filtered = chain.withFallbacks({
      fallbacks: [() => 'b'],
      fallbackIf: (error) => error instanceof TypeError,
    });
    await expect(filtered.invoke({ q: 'q' })).rejects.toThrow('why');
  });
});

describe('an error handed over in an input that is no object', () => {
  const why = new Error('why');
  const failing = RunnableGenerator.from(async function* (chunks: AsyncIterable<unknown>) {
    for await (const chunk of chunks) if (chunk !== undefined) throw why;
    yield 'never';
  });
  let ran = 0;
  const fallbacks = [() => (ran += 1), () => (ran += 1)] as never[];
  const chain = failing.withFallbacks({ fallbacks, exceptionKey: 'error' });

  test.each([
    ['a string', 'hi'],
    ['an array', ['hi']],
    ['null', null],
  ])('is refused: %s', async (what, input) => {
    const refusal = { option: 'exceptionKey', message: expect.stringContaining(what), cause: why };
    await expect(chain.invoke(input)).rejects.toMatchObject(refusal);
    await expect(chain.stream(input).next()).rejects.toMatchObject(refusal);
    await expect(chain.transform([input]).next()).rejects.toBeInstanceOf(ConfigError);
    expect(ran).toBe(0);
  });
});

describe('config', () => {
  const see = RunnableLambda.from((_: number, { config, tags, metadata }) => ({
    tags,
    metadata,
    stop: config.stop,
  }));

  test('bound options hold where the call leaves them open; tags add up, bound ones first', async () => {
    const bound = see.withConfig({ tags: ['a'], metadata: { x: 1, y: 1 }, stop: ['.'] });
    expect(await bound.invoke(1, { tags: ['b'], metadata: { y: 2 } })).toEqual({
      tags: ['a', 'b'],
      metadata: { x: 1, y: 2 },
      stop: ['.'],
    });
    expect((await bound.invoke(1, { stop: ['!'] })).stop).toEqual(['!']);
  });

  test('D9: bound twice, both hold', async () => {
    const bound = see
      .withConfig({ tags: ['a'], metadata: { x: 1 } })
      .withConfig({ tags: ['b'], metadata: { y: 1 } });
    const { tags, metadata } = await bound.invoke(1);
    expect([...tags].sort()).toEqual(['a', 'b']);
    expect(metadata).toEqual({ x: 1, y: 1 });
  });

  test('model options reach the model in every mode', async () => {
    const model = new ScriptedChatModel({ replies: Array(4).fill('x') });
    const bound = model.bind({ stop: ['.'] });
    await bound.invoke('a');
    await bound.stream('a').final;
    await bound.batch(['a', 'a']);
    expect(model.calls.map(({ options }) => options)).toEqual(Array(4).fill({ stop: ['.'] }));
  });

  test('a bound signal or timeout stops that part alone', async () => {
    const stuck = RunnableLambda.from(() => new Promise<string>(() => {}));
    const chain = stuck.withTimeout(5).withFallbacks([() => 'instead']);
    expect(await chain.invoke(0)).toBe('instead');
    await expect(stuck.withTimeout(5).stream(0).next()).rejects.toThrow(TimeoutError);
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(stuck.withConfig({ signal }).invoke(0)).rejects.toThrow('enough');
  });

  test('a timeout holds between chunks too', async () => {
    const slow = RunnableLambda.from(async function* (_: number) {
      yield 'a';
      await new Promise(() => {});
    });
    const stream = slow.withTimeout(20).stream(0);
    expect((await stream.next()).value).toBe('a');
    await expect(stream.next()).rejects.toThrow(TimeoutError);
  });

  test('options that cannot work are refused when they are bound', () => {
    expect(() => see.withConfig({ maxConcurrency: 0 })).toThrow(ConfigError);
    expect(() => see.withTimeout(-1)).toThrow(ConfigError);
  });
});

describe('listeners', () => {
  test('D8: all of them hear, in any order of wrapping, once each, and are waited for', async () => {
    const heard: string[] = [];
    const hear = (name: string) => ({
      onStart: (event: { input?: unknown }) => void heard.push(`${name} start ${String(event.input)}`),
      onEnd: async (event: { output: unknown }) => {
        await Promise.resolve();
        heard.push(`${name} end ${String(event.output)}`);
      },
    });
    const chain = RunnableLambda.from((x: number) => x + 1)
      .withListeners(hear('inner'))
      .withRetry()
      .withConfig({ tags: ['x'] })
      .withListeners(hear('outer'));
    expect(await chain.invoke(1)).toBe(2);
    expect(heard.sort()).toEqual(['inner end 2', 'inner start 1', 'outer end 2', 'outer start 1']);
  });

  test('hear of failures, and not of the runs inside', async () => {
    const heard: string[] = [];
    const inner = RunnableLambda.from((_: number) => {
      throw new Error('no');
    });
    const chain = inner
      .pipe((x) => x)
      .withListeners({
        onStart: ({ run }) => void heard.push(`start ${run.name}`),
        onError: ({ run, error }) => void heard.push(`error ${run.name} ${String(error)}`),
      });
    await expect(chain.invoke(1)).rejects.toThrow('no');
    expect(heard).toEqual(['start RunnableSequence', 'error RunnableSequence Error: no']);
  });

  test('one that fails is reported and ignored, unless it raises', async () => {
    const report = vi.spyOn(console, 'error').mockImplementation(() => {});
    const fail = () => {
      throw new Error('listener');
    };
    const step = RunnableLambda.from((x: number) => x);
    expect(await step.withListeners({ onEnd: fail }).invoke(1)).toBe(1);
    expect(await step.withListeners({ onEnd: async () => fail() }).invoke(1)).toBe(1);
    expect(report).toHaveBeenCalledTimes(2);
    await expect(step.withListeners({ onEnd: fail, raiseError: true }).invoke(1)).rejects.toThrow('listener');
    const later = { onEnd: async () => fail(), raiseError: true };
    await expect(step.withListeners(later).invoke(1)).rejects.toThrow('listener');
    await expect(step.withListeners(later).stream(1).final).rejects.toThrow('listener');
    report.mockRestore();
  });
});

describe('configurable', () => {
  class Greeter extends Runnable<string, string> {
    readonly name = 'Greeter';
    constructor(readonly greeting: string) {
      super();
    }
    run(input: string) {
      return `${this.greeting} ${input}`;
    }
  }

  test('fields are set by a call, for that call', async () => {
    const chain = new Greeter('Hello').configurableFields({ greeting: { id: 'salute' } });
    expect(await chain.invoke('Ann')).toBe('Hello Ann');
    expect(await chain.invoke('Ann', { configurable: { salute: 'Ciao' } })).toBe('Ciao Ann');
    expect(await chain.batch(['Ann'], { configurable: { salute: 'Hi' } })).toEqual(['Hi Ann']);
    expect(await chain.invoke('Ann')).toBe('Hello Ann');
    expect(() => new Greeter('x').configurableFields({ volume: 'v' } as never)).toThrow(ConfigError);
  });

  test('alternatives are chosen by a call, and stream', async () => {
    const chain = new Greeter('Hello').configurableAlternatives(
      { id: 'style', defaultKey: 'plain' },
      { loud: (name: string) => `HELLO ${name}`, letters: streaming() },
    );
    const styles = ['plain', 'loud', 'letters'];
    const answers = await Promise.all(
      styles.map((style) => chain.invoke('Ann', { configurable: { style } })),
    );
    expect(answers).toEqual(['Hello Ann', 'HELLO Ann', 'Ann']);
    expect(await chain.invoke('Ann')).toBe('Hello Ann');
    await expect(chain.invoke('Ann', { configurable: { style: 'toString' } })).rejects.toThrow(
      'plain, loud, letters',
    );
    await expect(chain.invoke('Ann', { configurable: { style: 5 } })).rejects.toThrow(ConfigError);
  });
});

test("a user's interceptor works in every mode", async () => {
  const seen: unknown[] = [];
  const chain = RunnableLambda.from((x: number) => x + 1).with({
    kind: 'Spy',
    around(inner, input, context) {
      seen.push(input);
      return inner(input, context);
    },
  });
  expect(await chain.invoke(1)).toBe(2);
  expect(await chain.stream(2).final).toBe(3);
  expect(await chain.batch([3])).toEqual([4]);
  expect(seen).toEqual([1, 2, 3]);
});
