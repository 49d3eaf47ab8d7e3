import { expect, test } from 'vitest';
import {
  AIMessage,
  coreRegistry,
  DeserializationError,
  dumps,
  loads,
  PipewrightError,
  type Runnable,
  RunnableLambda,
  RunnableParallel,
  RunnablePassthrough,
  RunnableSequence,
  SerializationError,
  type Children,
} from '../index.js';

const pass = new RunnablePassthrough<unknown>();
const holding = (value: unknown): Runnable<unknown, unknown> => pass.withConfig({ metadata: { value } });
const place = 'root.options.metadata.value';

class Odd {
  readonly a = 1;
}
const circular: Record<string, unknown> = {};
circular.self = { circular };
let deep: unknown = 'x';
for (let level = 0; level < 100_000; level += 1) deep = [deep];
let doubled: unknown = 'x';
for (let level = 0; level < 50; level += 1) doubled = [doubled, doubled];
const holes = new Array<number>(2);

test.each<[what: string, value: unknown, path: string]>([
  ['a symbol', Symbol('x'), place],
  ['a bigint', 1n, place],
  ['undefined in an array', [undefined], `${place}[0]`],
  ['NaN', Number.NaN, place],
  ['Infinity', [Number.POSITIVE_INFINITY], `${place}[0]`],
  ['-0', { a: -0 }, `${place}.a`],
  ['a Date', new Date(0), place],
  ['a Map', new Map(), place],
  ['a typed array', new Uint8Array(2), place],
  ['an instance of a class', { odd: new Odd() }, `${place}.odd`],
  ['something circular', circular, place],
  ['something 100,000 levels deep', deep, place],
  ['something that unfolds without end', doubled, place],
  ['an array with holes', holes, place],
  ['an object with a symbol as a key', { [Symbol('x')]: 1 }, place],
  [
    'a getter, which is not called',
    {
      get a(): never {
        throw new Error('called');
      },
    },
    place,
  ],
  [
    'a Proxy that throws',
    new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error('trap');
        },
      },
    ),
    'root',
  ],
  ['an abort signal', AbortSignal.abort(), place],
  ['half a surrogate pair in a key', { '\ud800': 1 }, place],
])('F125: %s is an error with its place, and nothing is written', (_what, value, path) => {
  const attempt = (): unknown => dumps(holding(value));
  expect(attempt).toThrow(SerializationError);
  try {
    attempt();
  } catch (error) {
    expect((error as SerializationError).path.startsWith(path)).toBe(true);
    expect(PipewrightError.isInstance(error) && error.code).toBe('SERIALIZATION');
  }
  expect(() => JSON.stringify(holding(value))).toThrow(SerializationError);
});

test('F125: a message with more than plain data is an error', () => {
  const message = new AIMessage({ content: 'x', additional_kwargs: { at: new Date() } });
  expect(() => dumps(holding(message))).toThrow(/additional_kwargs\.at: .* an object of class Date/);
});

test('F125: members that are undefined are left out, as everywhere in JSON', () => {
  const loaded = loads(dumps(holding({ a: undefined, b: 1 })), { registry: coreRegistry });
  expect(JSON.stringify(loaded)).toContain('{"b":1}');
  expect(JSON.stringify(loaded)).toBe(JSON.stringify(holding({ b: 1 })));
});

test('functions need names, and names of their own; for looking at a chain they do not', () => {
  const nameless = RunnableLambda.from(
    (
      () => (x: number) =>
        x
    )(),
  );
  expect(() => dumps(nameless)).toThrow(/^root\.options\.func: A function without a name/);
  expect(nameless.toJSON().root).toEqual({ kind: 'RunnableLambda', options: { func: { function: null } } });
  const text = JSON.stringify(nameless);
  expect(() => loads(text, { registry: coreRegistry })).toThrow(/a function that had no name/);
  const same = RunnableParallel.from({
    a: { x: (n: number) => n },
    b: { x: (n: number) => -n },
  });
  expect(() => dumps(same)).toThrow(
    /^root\.children\.b\.children\.x\.options\.func: Two different ones are named "x"/,
  );
  expect(JSON.stringify(same)).toContain('"x"');
});

test('S4: names are held to the same rules as values', () => {
  const named = (name: string) => new RunnableLambda({ func: (x: number) => x, name });
  expect(() => dumps(named('\ud800'))).toThrow(SerializationError);
  expect(() => dumps(named('a\0'))).toThrow(/NUL/);
});

test('a megabyte', () => {
  const text = (length: number) => JSON.stringify(dumps(holding('é'.repeat(length)))).length;
  expect(text(500_000)).toBeGreaterThan(500_000);
  expect(() => dumps(holding('é'.repeat(600_000)))).toThrow(/^root: It has 12\d{5} bytes/);
  const large = dumps(holding('é'.repeat(600_000)), { maxBytes: 2_000_000 });
  expect(() => loads(large, { registry: coreRegistry })).toThrow(/more than 1048576 bytes/);
  expect(() => loads(' '.repeat(2 ** 24), { registry: coreRegistry })).toThrow(DeserializationError);
  expect(loads(large, { registry: coreRegistry, limits: { maxBytes: 2_000_000 } }).name).toBe(pass.name);
});

test('10,000 runnables', () => {
  const sequence = (count: number) =>
    new RunnableSequence<unknown, unknown>({ steps: Array.from({ length: count }, () => pass) });
  const loaded = loads(dumps(sequence(9_999)), { registry: coreRegistry });
  expect(loaded.invokeSync('x')).toBe('x');
  expect(() => dumps(sequence(10_000))).toThrow(/10001 runnables/);
  const text = dumps(sequence(10_000), { maxNodes: 20_000 });
  expect(() => loads(text, { registry: coreRegistry })).toThrow(/more than 10000 runnables/);
});

test('64 levels', () => {
  const nested = (levels: number): Runnable<unknown, unknown> => {
    let runnable: Runnable<unknown, unknown> = pass;
    for (let level = 1; level < levels; level += 1) runnable = runnable.withTimeout(1_000);
    return runnable;
  };
  expect(loads(dumps(nested(63)), { registry: coreRegistry }).name).toBe(pass.name);
  expect(() => dumps(nested(65))).toThrow(/deeper than 64 levels/);
  let value: unknown = 1;
  for (let level = 0; level < 60; level += 1) value = [value];
  const text = dumps(holding(value));
  expect(loads(text, { registry: coreRegistry }).name).toBe(pass.name);
  const deeper = text.replace('[1]', `${'['.repeat(20)}1${']'.repeat(20)}`);
  expect(() => loads(deeper, { registry: coreRegistry })).toThrow(/deeper than 64 levels/);
  expect(() => loads('['.repeat(500_000), { registry: coreRegistry })).toThrow(DeserializationError);
});

test('F128: a runnable that contains itself', () => {
  class Loop extends RunnableParallel<unknown, Record<string, unknown>> {
    override get children(): Children {
      return { self: this };
    }
    override get manifest() {
      return { kind: 'Loop' };
    }
  }
  expect(() => new Loop({ steps: {} }).toJSON()).toThrow(/as is what contains itself/);
});
