import { describe, expect, test } from 'vitest';
import {
  chain,
  ConfigError,
  type Runnable,
  RunnableBranch,
  RunnableGenerator,
  RunnableLambda,
  RunnableParallel,
  RunnablePassthrough,
  RunnablePick,
  RunnableSequence,
  RouterRunnable,
  type RunStream,
} from '../index.js';
import { runnableLaws } from '../testing/index.js';

async function chunksOf<T>(stream: RunStream<T, unknown>): Promise<T[]> {
  const all: T[] = [];
  for await (const chunk of stream) all.push(chunk);
  return all;
}

const letters = RunnableLambda.from(async function* (text: string) {
  yield '';
  yield* text;
});
const upper = RunnableGenerator.from(async function* upper(chunks: AsyncIterable<string>) {
  for await (const text of chunks) yield text.toUpperCase();
});
type AB = { a: string; b: string };
const record = RunnableParallel.from({ a: letters, b: letters });

describe.each<[string, () => Runnable<string, unknown, unknown>]>([
  ['a generator over chunks', () => letters.pipe(upper)],
  ['assign', () => record.assign({ c: ({ a }: AB) => a.length })],
  ['assign that replaces', () => record.assign({ a: ({ b }: AB) => [b] })],
  [
    'assign with a mapper that streams',
    () =>
      record.assign({
        c: RunnableLambda.from(async function* ({ a }: AB) {
          yield '';
          yield* a;
        }),
      }),
  ],
  ['pick of one key', () => record.pick('a')],
  ['pick of several', () => record.pick(['b', 'a'])],
  ['pick of a key that is not there', () => record.pipe(new RunnablePick<AB, unknown>(['z']))],
  ['a branch', () => RunnableBranch.from([[(text: string) => text.length > 2, letters], upper])],
  [
    'a router',
    () =>
      RunnableLambda.from((input: string) => ({ key: 'x' as const, input })).pipe(
        RouterRunnable.from({ x: letters }),
      ),
  ],
  ['each', () => RunnableLambda.from((text: string) => Array.from(text)).pipe(upper.map())],
  [
    'a passthrough that watches',
    () => letters.pipe(new RunnablePassthrough<string>({ func: async () => 1 })),
  ],
])('%s', (_name, make) => {
  for (const law of runnableLaws(make, ['', 'ab', 'hello'])) test(law.name, () => law.check());
});

describe('RunnableGenerator', () => {
  test('D30: streams through without gathering its input', async () => {
    const seen: string[] = [];
    const source = RunnableLambda.from(async function* (_: number) {
      for (const text of ['a', 'b']) {
        seen.push(`made ${text}`);
        yield text;
      }
    });
    for await (const chunk of source.pipe(upper).stream(0)) seen.push(`read ${chunk}`);
    expect(seen).toEqual(['made a', 'read A', 'made b', 'read B']);
  });

  test('leaving its input early closes it', async () => {
    let closed = 0;
    const source = RunnableLambda.from(async function* (_: number) {
      try {
        for (;;) yield 'x';
      } finally {
        closed += 1;
      }
    });
    const first = RunnableGenerator.from(async function* first(chunks: AsyncIterable<string>) {
      for await (const text of chunks) {
        yield text;
        return;
      }
    });
    expect(await source.pipe(first).invoke(0)).toBe('x');
    expect(closed).toBe(1);
  });

  test('a fold of its own says how its chunks add up', async () => {
    const sum = new RunnableGenerator<number, number>({
      async *transform(chunks) {
        for await (const n of chunks) yield n;
      },
      fold: () => {
        let total = 0;
        return { add: (n) => void (total += n), value: () => total };
      },
    });
    const numbers = RunnableLambda.from(function* (_: number) {
      yield 1;
      yield 2;
    });
    expect(await numbers.pipe(sum).invoke(0)).toBe(3);
  });
});

describe('assign', () => {
  test('computes from the whole input, wins where keys meet, and leaves the input as it was', async () => {
    const input = Object.freeze({ a: 1, b: 2 });
    const chain = RunnablePassthrough.assign({ a: (x: { a: number; b: number }) => x.a + x.b, c: () => 'c' });
    expect(await chain.invoke(input)).toEqual({ a: 3, b: 2, c: 'c' });
  });

  test('streams the keys that stay first, then the new ones as they are made', async () => {
    const chain = RunnablePassthrough.assign({
      text: RunnableLambda.from((_: { a: number }) => letters.invoke('x')),
    });
    expect(await chunksOf(chain.stream({ a: 1 }))).toEqual([{ a: 1 }, { text: 'x' }]);
    const streaming = record.assign({ both: ({ a, b }: AB) => a + b });
    const chunks = await chunksOf(streaming.stream('x'));
    expect(chunks.at(-1)).toEqual({ both: 'xx' });
    expect(chunks.slice(0, -1)).toEqual([{ a: '' }, { b: '' }, { a: 'x' }, { b: 'x' }]);
  });

  test('however many chunks in a row have nothing that stays', async () => {
    const texts = RunnableLambda.from(function* (count: number) {
      for (let n = 0; n < count; n += 1) yield { text: 'x' };
    });
    const chain = texts.assign({ text: ({ text }) => text.length });
    expect(await chunksOf(chain.stream(20_000))).toEqual([{ text: 20_000 }]);
  });

  test.each([['text'], [5], [null], [[1]]])(
    'D26: %j is refused alike by invoke and stream',
    async (input) => {
      const chain = RunnablePassthrough.assign({ a: () => 1 });
      await expect(chain.invoke(input as never)).rejects.toThrow(ConfigError);
      await expect(chain.stream(input as never).next()).rejects.toThrow(ConfigError);
    },
  );
});

describe('pick', () => {
  const object = { a: 1, b: 2 };
  test('one key gives its value, several an object, none undefined', async () => {
    expect(await new RunnablePick('a').invoke(object)).toBe(1);
    expect(await new RunnablePick(['a', 'z']).invoke(object)).toEqual({ a: 1 });
    expect(await new RunnablePick(['z']).invoke(object)).toBeUndefined();
    expect(await new RunnablePick('toString').invoke(object)).toBeUndefined();
  });

  test('chunks without the keys are left out', async () => {
    const chain = RunnableParallel.from({ a: letters, b: letters }).pick('a');
    expect(await chunksOf(chain.stream('xy'))).toEqual(['', 'x', 'y']);
  });
});

describe('RunnableBranch', () => {
  const size = RunnableBranch.from([
    [(n: number) => n > 10, () => 'big'],
    [(n: number) => n > 5, () => 'mid'],
    () => 'small',
  ]);

  test('the first condition that holds decides', async () => {
    expect(await size.batch([1, 7, 20, 6])).toEqual(['small', 'mid', 'big', 'mid']);
    expect(size.invokeSync(20)).toBe('big');
  });

  test.each([[0], [''], [false], [null], [undefined]])('D2: a result of %j is a result', async (value) => {
    let defaults = 0;
    const branch = RunnableBranch.from([
      [() => true, () => value as unknown],
      () => {
        defaults += 1;
        return 'default';
      },
    ]);
    expect(await branch.invoke(1)).toBe(value);
    expect(await branch.stream(1).final).toBe(value);
    expect(defaults).toBe(0);
  });

  test('conditions may be runnables and asynchronous, and the branch streams', async () => {
    const branch = RunnableBranch.from([[async (text: string) => text === 'yes', letters], upper]);
    expect(await chunksOf(branch.stream('yes'))).toEqual(['', 'y', 'e', 's']);
    expect(await chunksOf(branch.stream('no'))).toEqual(['NO']);
  });

  test('without a pair, or without a default, it is refused', () => {
    expect(() => RunnableBranch.from([() => 1] as never)).toThrow(ConfigError);
    expect(() => RunnableBranch.from([[() => true, () => 1]] as never)).toThrow(ConfigError);
  });
});

describe('RouterRunnable', () => {
  const router = RouterRunnable.from({ a: (n: number) => `a${n}`, b: (n: number) => `b${n}` });

  test('D3: every item of a batch reaches its own runnable', async () => {
    const inputs = (['a', 'b', 'b'] as const).map((key, input) => ({ key, input }));
    expect(await router.batch(inputs, {}, { maxConcurrency: 1 })).toEqual(['a0', 'b1', 'b2']);
  });

  test.each(['z', 'toString', '__proto__'])('an unknown key is named: %s', async (key) => {
    await expect(router.invoke({ key: key as 'a', input: 1 })).rejects.toThrow(JSON.stringify(key));
  });

  test('a failing item stands in its place when asked for', async () => {
    const inputs = [
      { key: 'a' as const, input: 1 },
      { key: 'z' as 'a', input: 1 },
    ];
    const [first, second] = await router.batch(inputs, {}, { returnExceptions: true });
    expect(first).toBe('a1');
    expect(second).toBeInstanceOf(ConfigError);
  });
});

describe('each', () => {
  test('runs on every item and keeps their order', async () => {
    const double = RunnableLambda.from((n: number) => n * 2).map();
    expect(await double.invoke([1, 2])).toEqual([2, 4]);
    expect(double.invokeSync([1, 2])).toEqual([2, 4]);
    await expect(double.invoke('ab' as never)).rejects.toThrow(ConfigError);
  });

  test('one failure stops the others', async () => {
    const stopped: number[] = [];
    const step = RunnableLambda.from(async (n: number, { signal }) => {
      if (n === 1) throw new Error('one');
      return new Promise<number>((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          stopped.push(n);
          reject(signal.reason as Error);
        });
      });
    });
    await expect(step.map().invoke([0, 1, 2])).rejects.toThrow('one');
    expect(stopped).toEqual([0, 2]);
  });
});

test('a function that watches sees the value, cannot change it, and is waited for', async () => {
  const seen: unknown[] = [];
  const watch = new RunnablePassthrough<string>({
    func: async (value) => {
      await Promise.resolve();
      seen.push(value);
      return 'other';
    },
  });
  expect(await watch.invoke('a')).toBe('a');
  expect(await letters.pipe(watch).stream('bc').final).toBe('bc');
  expect(seen).toEqual(['a', 'bc']);
});

describe('RunnableSequence.from', () => {
  test('takes runnables, functions and objects; the name is kept by a later pipe', async () => {
    const chain = RunnableSequence.from([(x: number) => x + 1, { a: (x: number) => x }], 'Pair');
    expect(await chain.invoke(1)).toEqual({ a: 2 });
    expect(chain.pipe(({ a }) => a).name).toBe('Pair');
  });

  test('one step, or something that is none, is refused', () => {
    expect(() => RunnableSequence.from([() => 1] as never)).toThrow(ConfigError);
    expect(() => RunnableSequence.from([() => 1, 5] as never)).toThrow('"step:2"');
  });

  test('D11: leaving the tags off survives a later pipe', async () => {
    const tags: (readonly string[])[] = [];
    const chain = RunnableSequence.from([(x: number) => x, (x: number) => x], {
      omitSequenceTags: true,
    }).pipe((x) => x);
    await chain.invoke(1, { callbacks: [{ onStart: ({ run }) => void tags.push(run.tags) }] });
    expect(tags.flat()).toEqual([]);
    expect(tags).toHaveLength(4);
  });
});

test('chain() makes a runnable of a function, whose runs are inside its own', async () => {
  const double = RunnableLambda.from(function double(x: number) {
    return x * 2;
  });
  const twice = chain(async function twice(x: number, context) {
    return double.invoke(await double.invoke(x, context), context);
  });
  const parents: (string | undefined)[] = [];
  expect(
    await twice.invoke(1, { callbacks: [{ onStart: ({ run }) => void parents.push(run.parentId) }] }),
  ).toBe(4);
  expect(parents[0]).toBeUndefined();
  expect(parents[1]).toBe(parents[2]);
  expect(chain((x: number) => x, 'named').name).toBe('named');
});
