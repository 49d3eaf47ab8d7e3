import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ConfigError,
  RecursionLimitError,
  RunnableLambda,
  RunnableParallel,
  SyncInvocationError,
  TimeoutError,
  type RunEvent,
} from '../index.js';

const tick = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A step that records how many of its calls run at once. */
function gauge(work: (x: number) => Promise<unknown> = tick) {
  const seen = { running: 0, most: 0, started: 0 };
  const step = RunnableLambda.from(async (x: number) => {
    seen.started += 1;
    seen.most = Math.max(seen.most, ++seen.running);
    try {
      await work(x);
      return x;
    } finally {
      seen.running -= 1;
    }
  });
  return { step, seen };
}

const range = (length: number) => Array.from({ length }, (_, index) => index);

describe('batch', () => {
  test('keeps the order of the inputs, whatever ends first', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(3)),
        fc.integer({ min: 1, max: 5 }),
        async (delays, maxConcurrency) => {
          const step = RunnableLambda.from(async (ticks: number) => {
            for (let i = 0; i < ticks; i += 1) await Promise.resolve();
            return ticks;
          });
          expect(await step.batch(delays, { maxConcurrency })).toEqual(delays);
        },
      ),
    );
  });

  test('no inputs give no outputs', async () => {
    expect(await gauge().step.batch([])).toEqual([]);
  });

  test('at most maxConcurrency run at once, and that many do', async () => {
    for (const limit of [1, 2, 7]) {
      const { step, seen } = gauge();
      await step.batch(range(20), { maxConcurrency: limit });
      expect(seen.most).toBe(limit);
    }
  });

  test('16 run at once when nothing is said; all of them with Infinity', async () => {
    const limited = gauge();
    await limited.step.batch(range(40));
    expect(limited.seen.most).toBe(16);
    const free = gauge();
    await free.step.batch(range(40), {}, { maxConcurrency: Number.POSITIVE_INFINITY });
    expect(free.seen.most).toBe(40);
  });

  test('the config wins over the options', async () => {
    const { step, seen } = gauge();
    await step.batch(range(9), { maxConcurrency: 2 }, { maxConcurrency: 5 });
    expect(seen.most).toBe(2);
  });

  test('withConfig binds the limit of a batch too, through further wrappers; the call wins', async () => {
    const { step, seen } = gauge();
    const bound = step.withConfig({ maxConcurrency: 2 }).withRetry();
    await bound.batch(range(9));
    expect(seen.most).toBe(2);
    for await (const _ of bound.batchAsCompleted(range(9)));
    expect(seen.most).toBe(2);
    await bound.batch(range(9), {}, { maxConcurrency: 5 });
    expect(seen.most).toBe(5);
  });

  test.each([0, -1, Number.NaN, 1.5, '3', Number.NEGATIVE_INFINITY])(
    'a limit of %s is refused',
    async (limit) => {
      const { step } = gauge();
      const refused = { name: 'ConfigError', option: 'maxConcurrency' };
      await expect(step.batch([1], { maxConcurrency: limit as number })).rejects.toMatchObject(refused);
      await expect(step.batch([1], {}, { maxConcurrency: limit as number })).rejects.toMatchObject(refused);
    },
  );

  test('each item goes through the whole chain: a slow one does not hold up the others', async () => {
    const order: string[] = [];
    let release: () => void = () => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const chain = RunnableLambda.from(async (x: number) => {
      if (x === 0) await gate;
      order.push(`first ${x}`);
      return x;
    }).pipe(async (x) => {
      order.push(`second ${x}`);
      if (x === 2) release();
      return x;
    });
    await chain.batch([0, 1, 2]);
    expect(order.indexOf('second 2')).toBeLessThan(order.indexOf('first 0'));
  });

  test('D13: the first failure starts nothing more, stops the others and is what rejects', async () => {
    const failure = new Error('third');
    let stopped = 0;
    let started = 0;
    const step = RunnableLambda.from(async (x: number, { signal }) => {
      started += 1;
      signal.addEventListener('abort', () => (stopped += signal.reason === failure ? 1 : 0));
      if (x === 2) {
        await tick();
        throw failure;
      }
      return new Promise(() => {});
    });
    await expect(step.batch(range(50), { maxConcurrency: 4 })).rejects.toBe(failure);
    await tick();
    expect(started).toBe(4);
    expect(stopped).toBe(4);
  });

  test('D1: with returnExceptions what was thrown stands in its place and no later step sees it', async () => {
    const seen: unknown[] = [];
    const chain = RunnableLambda.from((x: number) => {
      if (x === 1) throw new RangeError('one');
      return x;
    }).pipe((x) => {
      seen.push(x);
      return x;
    });
    expect(await chain.batch([0, 1, 2], {}, { returnExceptions: true })).toEqual([
      0,
      new RangeError('one'),
      2,
    ]);
    expect(seen).toEqual([0, 2]);
  });

  test('D14: a thrown value that is no error is not wrapped', async () => {
    const thrown = { status: 418 };
    const step = RunnableLambda.from((_: number) => {
      throw thrown;
    });
    expect(await step.batch([1], {}, { returnExceptions: true })).toEqual([thrown]);
    await expect(step.batch([1])).rejects.toBe(thrown);
  });

  test('an aborted signal rejects the batch even with returnExceptions', async () => {
    const abort = new AbortController();
    const { step, seen } = gauge(async (x) => {
      if (x === 1) abort.abort(new Error('enough'));
      await tick();
    });
    const run = step.batch(
      range(20),
      { signal: abort.signal, maxConcurrency: 2 },
      { returnExceptions: true },
    );
    await expect(run).rejects.toThrow('enough');
    await tick();
    expect(seen.started).toBe(2);
  });

  test("F011: a timeout is each item's own", async () => {
    const step = RunnableLambda.from(async (x: number) => (x === 1 ? new Promise(() => {}) : x));
    const results = await step.batch([0, 1, 2], { timeout: 10 }, { returnExceptions: true });
    expect(results[1]).toBeInstanceOf(TimeoutError);
    expect([results[0], results[2]]).toEqual([0, 2]);
  });

  test('a list of configs gives each item its own; a list of another length is refused', async () => {
    const step = RunnableLambda.from((_: number, { tags }) => tags);
    expect(await step.batch([1, 2], [{ tags: ['a'] }, { tags: ['b'] }])).toEqual([['a'], ['b']]);
    await expect(step.batch([1, 2], [{}])).rejects.toThrow(ConfigError);
  });

  test('a list of configs spread from a context belongs to its run', async () => {
    const child = RunnableLambda.from(function child(_: number, { tags, depth }) {
      return [...tags, depth];
    });
    const heard: string[] = [];
    const outer = RunnableLambda.from((_: number, context) =>
      child.batch([1, 2, 3], [{ ...context, tags: ['a'] }, { ...context }, context]),
    );
    const callbacks = [({ type, run }: RunEvent) => type === 'run-start' && heard.push(run.name)];
    expect(await outer.invoke(0, { tags: ['root'], callbacks })).toEqual([
      ['root', 'a', 1],
      ['root', 1],
      ['root', 1],
    ]);
    expect(heard).toEqual([outer.name, 'child', 'child', 'child']);
    const deeper: RunnableLambda<number, unknown> = RunnableLambda.from((x: number, context) =>
      deeper.batch([x], [{ ...context }]),
    );
    await expect(deeper.invoke(0)).rejects.toThrow(RecursionLimitError);
  });

  test('inputs that are not an array are refused', async () => {
    await expect(gauge().step.batch('ab' as never)).rejects.toThrow('invoke()');
  });

  test('F005: 100,000 items keep their order', async () => {
    const inputs = range(100_000);
    expect(await RunnableLambda.from((x: number) => x).batch(inputs)).toEqual(inputs);
  });
});

describe('D15: one limit for everything inside', () => {
  test('nested batches and parallel branches together stay within it, and it is reached', async () => {
    const { step, seen } = gauge();
    const parallel = RunnableParallel.from({ a: step, b: step, c: step });
    const nested = RunnableLambda.from(async (x: number, context) => parallel.batch([x, x], context));
    await nested.batch(range(6), { maxConcurrency: 3 });
    expect(seen.most).toBe(3);
    expect(seen.started).toBe(36);
  });

  test('F017: 20 batches of 20 in each other cannot deadlock', async () => {
    const { step, seen } = gauge();
    const nested = RunnableLambda.from(async (x: number, context) => step.batch(range(20), context));
    for (const limit of [1, 2, 5]) await nested.batch(range(20), { maxConcurrency: limit });
    expect(seen.most).toBe(5);
  });

  test('a smaller limit inside holds for its part', async () => {
    const inner = gauge();
    const outer = RunnableLambda.from(async (x: number, context) =>
      inner.step.batch([x, x, x], { ...context, maxConcurrency: 1 }),
    );
    await outer.batch(range(4), { maxConcurrency: 4 });
    expect(inner.seen.most).toBeLessThanOrEqual(4);
    const alone = gauge();
    const single = RunnableLambda.from(async (_: number, context) =>
      alone.step.batch(range(8), { ...context, maxConcurrency: 2 }),
    );
    await single.invoke(0, { maxConcurrency: 8 });
    expect(alone.seen.most).toBe(2);
  });

  test('a larger limit inside is held to the one around', async () => {
    const { step, seen } = gauge();
    const outer = RunnableLambda.from(async (_: number, context) =>
      step.batch(range(8), context, { maxConcurrency: 4 }),
    );
    for (const limit of [1, 2]) {
      await outer.invoke(0, { maxConcurrency: limit });
      await step.map().withConfig({ maxConcurrency: 3 }).invoke(range(8), { maxConcurrency: limit });
      expect(seen.most).toBe(limit);
    }
  });

  test('branches that stream take turns too', async () => {
    let open = 0;
    let most = 0;
    const branch = RunnableLambda.from(async function* (x: number) {
      most = Math.max(most, ++open);
      try {
        yield x;
        await tick();
        yield x;
      } finally {
        open -= 1;
      }
    });
    const chain = RunnableParallel.from({ a: branch, b: branch, c: branch, d: branch });
    const chunks: unknown[] = [];
    for await (const chunk of chain.stream(1, { maxConcurrency: 2 })) chunks.push(chunk);
    expect(most).toBe(2);
    expect(chunks).toHaveLength(8);
  });

  test('without a limit, branches all run at once, also inside a batch', async () => {
    const { step, seen } = gauge();
    await RunnableParallel.from({ a: step, b: step, c: step }).batch(range(16));
    expect(seen.most).toBe(48);
  });
});

test('a batch inside a synchronous run is refused where it turns asynchronous', () => {
  const step = RunnableLambda.from(async (x: number) => x);
  expect(() => step.batchSync([1])).toThrow(SyncInvocationError);
});
