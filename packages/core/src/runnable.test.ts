import { describe, expect, test, vi } from 'vitest';
import {
  AbortedError,
  CoercionError,
  ConfigError,
  RecursionLimitError,
  Runnable,
  RunnableLambda,
  RunnableParallel,
  RunnablePassthrough,
  RunnableSequence,
  SyncInvocationError,
  TimeoutError,
} from './index.js';

const inc = RunnableLambda.from((x: number) => x + 1);
const never = () => new Promise<never>(() => {});

describe('composition', () => {
  test('outputs flow through the steps in order, and an object literal gives an object', async () => {
    const chain = inc.pipe((x) => x * 10).pipe({ value: (x) => x, text: (x) => String(x) });
    expect(await chain.invoke(1)).toEqual({ value: 20, text: '20' });
  });

  test('object literals nest', async () => {
    const chain = inc.pipe({ outer: { inner: (x: number) => x } });
    expect(await chain.invoke(1)).toEqual({ outer: { inner: 2 } });
  });

  test('an empty object is a step that gives an empty object', async () => {
    expect(await inc.pipe({}).invoke(1)).toEqual({});
    expect(await inc.pipe({}).stream(1).final).toEqual({});
  });

  test('D29: keys keep their order whichever branch ends first, and __proto__ is a key like others', async () => {
    const chain = inc.pipe({ slow: async (x: number) => x, ['__proto__']: (x: number) => x });
    const result = await chain.invoke(1);
    expect(Object.keys(result)).toEqual(['slow', '__proto__']);
    expect(Object.getPrototypeOf(result)).toBe(Object.prototype);
  });

  test.each([
    [7, 'a number'],
    ['text', 'a string'],
    [[inc], 'an array'],
    [null, 'null'],
    [undefined, 'undefined'],
    [new Date(), 'an object of class Date'],
  ])('%s is refused as a step when the chain is built', (step, described) => {
    expect(() => inc.pipe(step as never)).toThrow(CoercionError);
    expect(() => inc.pipe(step as never)).toThrow(described);
    expect(() => inc.pipe({ answer: step } as never)).toThrow('"answer"');
  });

  test('a sequence of fewer than two steps is refused', () => {
    expect(() => new RunnableSequence({ steps: [inc] })).toThrow(ConfigError);
    expect(() => new RunnableSequence({} as never)).toThrow(ConfigError);
    expect(() => new RunnableSequence({ first: inc } as never)).toThrow(ConfigError);
  });

  test('a sequence may be made of its first step, its last, and those in the middle', () => {
    const two = new RunnableSequence({ first: inc, last: inc, name: 'Pair' });
    expect([two.invokeSync(1), two.name]).toEqual([3, 'Pair']);
    expect(new RunnableSequence({ first: inc, middle: [inc, inc], last: inc }).invokeSync(1)).toBe(5);
  });

  test('what belongs into an array is refused outside of one', () => {
    const sequence = RunnableSequence as unknown as { from: (...steps: unknown[]) => unknown };
    const attempts: [() => unknown, string][] = [
      [() => sequence.from(inc, inc), 'steps is an object of class RunnableLambda'],
      [() => new RunnableSequence({ last: inc } as never), 'steps is undefined'],
      [() => new RunnableSequence(undefined as never), 'steps is undefined'],
      [() => inc.withFallbacks(inc as never), 'fallbacks is an object of class RunnableLambda'],
      [
        () => inc.withFallbacks({ fallbacks: inc } as never),
        'fallbacks is an object of class RunnableLambda',
      ],
      [() => inc.withFallbacks(undefined as never), 'fallbacks is undefined'],
    ];
    for (const [attempt, described] of attempts) {
      expect(attempt).toThrow(ConfigError);
      expect(attempt).toThrow(described);
    }
  });

  test('a class that has no run is refused by name, also where it has an invoke of its own', async () => {
    // @ts-expect-error -- which JavaScript does not say
    class Inverted extends Runnable<number, number> {
      readonly name = 'Inverted';
      override async invoke(x: number) {
        return -x;
      }
    }
    const refused = { name: 'ConfigError', option: 'run()', message: expect.stringContaining('Inverted') };
    const chain = inc.pipe(new Inverted());
    await expect(chain.invoke(1)).rejects.toMatchObject(refused);
    await expect(chain.stream(1).final).rejects.toMatchObject(refused);
    await expect(chain.events(1).final).rejects.toMatchObject(refused);
  });

  test('D61: lambdas are named after their function', () => {
    function double(x: number) {
      return x * 2;
    }
    expect(RunnableLambda.from(double).getName()).toBe('double');
    expect(new RunnableLambda({ func: double, name: 'twice' }).getName()).toBe('twice');
  });

  test('piping keeps a sequence flat, but not one with a name', () => {
    const inner = inc.pipe(inc);
    expect((inc.pipe(inner) as RunnableSequence<number, number>).steps).toHaveLength(3);
    const named = new RunnableSequence<number, number>({ steps: [inc, inc], name: 'Pair' });
    expect((inc.pipe(named) as RunnableSequence<number, number>).steps).toHaveLength(2);
  });

  test('10,000 pipes run without overflowing the stack, synchronous or not', async () => {
    let chain: Runnable<number, number> = inc;
    let later: Runnable<number, number> = RunnableLambda.from(async (x: number) => x + 1);
    const step = later;
    for (let i = 1; i < 10_000; i += 1) chain = chain.pipe(inc);
    for (let i = 1; i < 10_000; i += 1) later = later.pipe(step);
    expect(chain.invokeSync(0)).toBe(10_000);
    expect(await later.invoke(0)).toBe(10_000);
    expect(await chain.stream(0).final).toBe(10_000);
  });
});

describe('what a function may return', () => {
  async function* letters() {
    yield 'a';
    yield 'b';
  }
  const readable = () =>
    new ReadableStream<string>({
      start(controller) {
        controller.enqueue('a');
        controller.enqueue('b');
        controller.close();
      },
    });

  test.each<[string, () => unknown]>([
    [
      'a generator',
      function* () {
        yield 'a';
        yield 'b';
      },
    ],
    ['an async generator', letters],
    ['a promise of one', async () => letters()],
    ['an async iterable', () => ({ [Symbol.asyncIterator]: letters })],
    ['a ReadableStream', readable],
    ['the stream of a run', () => RunnableLambda.from(letters).stream(0)],
    ['another runnable', () => RunnableLambda.from(letters)],
  ])('%s streams, and adds up for invoke', async (_what, func) => {
    const chain = RunnableLambda.from(func);
    const streamed: unknown[] = [];
    for await (const chunk of chain.stream(0)) streamed.push(chunk);
    expect(streamed).toEqual(['a', 'b']);
    expect(await chain.invoke(0)).toBe('ab');
  });

  test.each([[[1, 2]], [new Set([1])], ['text'], [undefined], [null], [{ a: 1 }]])(
    '%s stays a value, streamed as one chunk',
    async (value) => {
      const chain = RunnableLambda.from(() => value as unknown);
      expect(await chain.invoke(0)).toBe(value);
      const streamed: unknown[] = [];
      for await (const chunk of chain.stream(0)) streamed.push(chunk);
      expect(streamed).toEqual([value]);
    },
  );

  test('objects from a generator merge key by key; numbers are not added up', async () => {
    const chain = RunnableLambda.from(function* (_: number): Generator<unknown> {
      yield { text: 'x', count: 1 };
      yield { text: 'y', count: 2, more: [1] };
      yield { more: [2] };
    });
    expect(await chain.invoke(0)).toEqual({ text: 'xy', count: 2, more: [1, 2] });
  });

  test('D22: booleans take the last, bytes append as bytes', async () => {
    const flags = RunnableLambda.from(function* () {
      yield true;
      yield false;
    });
    expect(await flags.invoke(0)).toBe(false);
    const bytes = RunnableLambda.from(function* () {
      yield new Uint8Array([1]);
      yield new Uint8Array([2, 3]);
    });
    expect(await bytes.invoke(0)).toEqual(new Uint8Array([1, 2, 3]));
  });

  test('a generator that yields nothing streams nothing and gives undefined', async () => {
    const chain = RunnableLambda.from(async function* (): AsyncGenerator<string> {});
    expect(await chain.invoke(0)).toBeUndefined();
    for await (const chunk of chain.stream(0)) expect.unreachable(String(chunk));
  });

  test('a returned runnable runs on the same input and streams through', async () => {
    const chain = RunnableLambda.from((x: number) => (x > 5 ? inc : RunnableLambda.from(letters)));
    expect(await chain.invoke(6)).toBe(7);
    expect(await chain.invoke(1)).toBe('ab');
  });

  test.each([1, 2, 10, 25])(
    'D6, R2: a lambda that returns itself stops at a recursion limit of %i, exactly',
    async (limit) => {
      let calls = 0;
      const self: Runnable<number, number> = RunnableLambda.from((_: number): unknown => {
        calls += 1;
        return self;
      }) as Runnable<number, number>;
      for (const run of [
        () => self.invoke(0, { recursionLimit: limit }),
        () => self.batch([0], { recursionLimit: limit }),
        () => self.stream(0, { recursionLimit: limit }).final,
        async () => self.invokeSync(0, { recursionLimit: limit }),
      ]) {
        calls = 0;
        await expect(run()).rejects.toThrow(RecursionLimitError);
        expect(calls).toBe(limit + 1);
      }
    },
  );
});

describe('errors', () => {
  test('a thrown value comes back as it is', async () => {
    class Mine extends Error {}
    const error = new Mine('mine');
    for (const thrown of [error, 'text', undefined, null, { code: 1 }]) {
      const chain = inc.pipe(() => {
        throw thrown;
      });
      const caught: unknown[] = [];
      await chain.invoke(1).catch((e: unknown) => caught.push(e));
      await chain
        .stream(1)
        .next()
        .catch((e: unknown) => caught.push(e));
      await chain.batch([1]).catch((e: unknown) => caught.push(e));
      expect(caught).toEqual([thrown, thrown, thrown]);
    }
  });

  test('a step after a failed one never starts', async () => {
    let started = false;
    const chain = RunnableLambda.from(async () => Promise.reject(new Error('first'))).pipe(() => {
      started = true;
    });
    await expect(chain.invoke(0)).rejects.toThrow('first');
    expect(started).toBe(false);
  });

  test('a failing branch stops the others and is what the caller hears', async () => {
    const stopped = deferred();
    const chain = RunnableParallel.from({
      bad: async (_: number) => Promise.reject(new Error('bad branch')),
      slow: async (_: number, { signal }: { signal: AbortSignal }) => {
        signal.addEventListener('abort', () => stopped.resolve(signal.reason));
        return never();
      },
    });
    await expect(chain.invoke(0)).rejects.toThrow('bad branch');
    expect(String(await stopped.promise)).toContain('bad branch');
    await expect(chain.stream(0).final).rejects.toThrow('bad branch');
  });
});

function deferred() {
  let resolve: (value: unknown) => void = () => {};
  const promise = new Promise<unknown>((r) => {
    resolve = r;
  });
  return { promise, resolve };
}

describe('signal and timeout', () => {
  const reason = new Error('enough');

  test('D20: an aborted signal rejects with its reason and runs nothing', async () => {
    let ran = false;
    const chain = RunnableLambda.from((_: number) => {
      ran = true;
    });
    const signal = AbortSignal.abort(reason);
    await expect(chain.invoke(1, { signal })).rejects.toBe(reason);
    await expect(chain.batch([1], { signal })).rejects.toBe(reason);
    await expect(chain.stream(1, { signal }).next()).rejects.toBe(reason);
    expect(() => chain.invokeSync(1, { signal })).toThrow(reason);
    expect(ran).toBe(false);
  });

  test('aborting rejects at once, also when the step does not listen', async () => {
    const abort = new AbortController();
    const run = RunnableLambda.from(never).invoke(0, { signal: abort.signal });
    abort.abort(reason);
    await expect(run).rejects.toBe(reason);
  });

  test('when a step aborts the run, the next one never starts', async () => {
    const abort = new AbortController();
    let started = false;
    const chain = RunnableLambda.from(async (_: number) => abort.abort(reason)).pipe(() => {
      started = true;
    });
    await expect(chain.invoke(0, { signal: abort.signal })).rejects.toBe(reason);
    expect(started).toBe(false);
  });

  test('a timeout rejects with a TimeoutError and aborts the signal that steps see', async () => {
    let seen: AbortSignal | undefined;
    const chain = RunnableLambda.from(async (_: number, { signal }) => {
      seen = signal;
      return never();
    });
    await expect(chain.invoke(0, { timeout: 5 })).rejects.toThrow(TimeoutError);
    expect(seen?.aborted).toBe(true);
    await expect(chain.stream(0, { timeout: 5 }).next()).rejects.toThrow('5 ms');
  });

  test.each([0, -1, Number.NaN, '5', 2 ** 31])('a timeout of %s is refused', async (timeout) => {
    await expect(inc.invoke(1, { timeout: timeout as number })).rejects.toThrow(ConfigError);
    expect(() => inc.stream(1, { timeout: timeout as number })).toThrow(ConfigError);
  });

  test('D19: 1,000 runs on one signal share one listener, and none is left', async () => {
    const abort = new AbortController();
    const added = vi.spyOn(abort.signal, 'addEventListener');
    const removed = vi.spyOn(abort.signal, 'removeEventListener');
    const later = RunnableLambda.from(async (x: number) => x);
    const runs = Array.from({ length: 1_000 }, (_, i) =>
      later.pipe(later).invoke(i, { signal: abort.signal }),
    );
    await Promise.all(runs);
    expect(added).toHaveBeenCalledTimes(1);
    expect(removed).toHaveBeenCalledTimes(1);
  });

  test('a nested call with the context stops with the run around it', async () => {
    const abort = new AbortController();
    let innerSignal: AbortSignal | undefined;
    const inner = RunnableLambda.from((_: number, { signal }) => {
      innerSignal = signal;
      return never();
    });
    const outer = RunnableLambda.from(async (x: number, context) => inner.invoke(x, context));
    const run = outer.invoke(1, { signal: abort.signal });
    await Promise.resolve();
    abort.abort(reason);
    await expect(run).rejects.toBe(reason);
    expect(innerSignal?.reason).toBe(reason);
  });
});

describe('the context', () => {
  test('is a valid config, also spread, and hands the options down', async () => {
    const inner = RunnableLambda.from((_: number, { tags, metadata, configurable }) => ({
      tags,
      metadata,
      configurable,
    }));
    const config = { tags: ['a'], metadata: { m: 1 }, configurable: { user: 'u' } };
    const plain = RunnableLambda.from(async (x: number, context) => inner.invoke(x, context));
    const spread = RunnableLambda.from(async (x: number, context) =>
      inner.invoke(x, { ...context, tags: ['b'] }),
    );
    expect(await plain.invoke(1, config)).toEqual(config);
    expect(await spread.invoke(1, config)).toEqual({ ...config, tags: ['a', 'b'] });
  });

  test('a config is not changed', async () => {
    const config = Object.freeze({ tags: Object.freeze(['a']), metadata: Object.freeze({}), timeout: 1_000 });
    expect(await inc.pipe({ a: inc }).invoke(1, config)).toEqual({ a: 3 });
  });
});

describe('the synchronous forms', () => {
  const chain = inc.pipe((x) => x * 2).pipe({ a: (x) => x, b: new RunnablePassthrough<number>() });

  test('give what the others give', async () => {
    expect(chain.invokeSync(1)).toEqual(await chain.invoke(1));
    expect(chain.batchSync([1, 2])).toEqual(await chain.batch([1, 2]));
    expect([...chain.streamSync(1)]).toEqual([{ a: 4 }, { b: 4 }]);
  });

  test('run in the same tick: nothing is left for a microtask', () => {
    let after = false;
    queueMicrotask(() => {
      after = true;
    });
    chain.invokeSync(1);
    expect([...chain.streamSync(1)]).toHaveLength(2);
    expect(after).toBe(false);
  });

  test('name the step that is not synchronous', () => {
    async function fetchPage(x: number) {
      return x;
    }
    const mixed = inc.pipe({ page: fetchPage });
    expect(() => mixed.invokeSync(1)).toThrow(SyncInvocationError);
    expect(() => mixed.invokeSync(1)).toThrow('"fetchPage"');
    expect(() => mixed.batchSync([1])).toThrow('"fetchPage"');
    expect(() => [...mixed.streamSync(1)]).toThrow('"fetchPage"');
  });

  test('name the step whose chunks turn out to be asynchronous', () => {
    async function* tokens(x: number) {
      yield x;
    }
    const mixed = inc.pipe(tokens).pipe(inc);
    expect(() => mixed.invokeSync(1)).toThrow('"tokens"');
    expect(() => [...mixed.streamSync(1)]).toThrow('"tokens"');
  });

  test('batchSync keeps what was thrown in place when asked to', () => {
    const odd = RunnableLambda.from((x: number) => {
      if (x % 2 === 0) throw new RangeError(`even ${x}`);
      return x;
    });
    const results = odd.batchSync([1, 2, 3], {}, { returnExceptions: true });
    expect(results).toEqual([1, new RangeError('even 2'), 3]);
    expect(() => odd.batchSync([1, 2, 3])).toThrow('even 2');
  });

  test('leaving a synchronous stream early closes its source', () => {
    let closed = false;
    const source = RunnableLambda.from(function* (_: number) {
      try {
        yield 1;
        yield 2;
      } finally {
        closed = true;
      }
    });
    for (const chunk of source.streamSync(0)) if (chunk === 1) break;
    expect(closed).toBe(true);
  });
});

test("a runnable of one's own needs a name and one method", async () => {
  class Shout extends Runnable<string, string> {
    readonly name = 'Shout';
    run(input: string) {
      return input.toUpperCase();
    }
  }
  const chain = new Shout().pipe((text) => `${text}!`);
  expect(await chain.invoke('hey')).toBe('HEY!');
  expect(await chain.ainvoke('hey')).toBe('HEY!');
  expect(await chain.abatch(['a', 'b'])).toEqual(['A!', 'B!']);
  expect(await chain.astream('a').final).toBe('A!');
});

test('transform takes an input that arrives in chunks', async () => {
  const upper = RunnableLambda.from((text: string) => text.toUpperCase());
  expect(await upper.transform(['a', 'b']).final).toBe('AB');
  const same = new RunnablePassthrough<string>();
  const seen: string[] = [];
  for await (const chunk of same.transform(['a', 'b'])) seen.push(chunk);
  expect(seen).toEqual(['a', 'b']);
});

test('AbortedError is what a cancelled run sees', async () => {
  const stream = inc.stream(1);
  await stream.cancel();
  await expect(stream.final).rejects.toThrow(AbortedError);
});
