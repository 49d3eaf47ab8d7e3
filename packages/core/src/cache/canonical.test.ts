import fc from 'fast-check';
import { expect, test } from 'vitest';
import { deepEqual } from '../testing/index.js';
import { canonical, NotPlainDataError } from './canonical.js';

const data = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<unknown>;

test('values have the same text only if they are the same', () => {
  fc.assert(
    fc.property(data, data, (left, right) => {
      expect(canonical(left) === canonical(right)).toBe(deepEqual(sorted(left), sorted(right)));
    }),
    { numRuns: 2_000 },
  );
});

test('the order of keys does not count, nor do members that are undefined', () => {
  expect(canonical({ a: 1, b: { c: 2, d: 3 } })).toBe(canonical({ b: { d: 3, c: 2 }, a: 1, e: undefined }));
});

test('C3: parts cannot run into each other', () => {
  const pairs: [unknown, unknown][] = [
    [
      ['a', 'b_c'],
      ['a_b', 'c'],
    ],
    [['a,b'], ['a', 'b']],
    ['1', 1],
    [1, true],
    [null, undefined],
    [0, -0],
    [{ a: ['b'] }, { a: { 0: 'b' } }],
    ['\ud800', '\udfff'],
    [[[], []], [[[]]]],
  ];
  for (const [left, right] of pairs) expect(canonical(left)).not.toBe(canonical(right));
});

test.each<[unknown, string]>([
  [{ a: { b: () => 1 } }, 'a.b'],
  [{ a: [1, new Date()] }, 'a[1]'],
  [{ a: Symbol('s') }, 'a'],
  [{ a: 1n }, 'a'],
  [new Map(), ''],
])('what is not plain data is refused with its path', (value, path) => {
  expect(() => canonical(value)).toThrow(NotPlainDataError);
  try {
    canonical(value);
  } catch (error) {
    expect((error as NotPlainDataError).path).toBe(path);
  }
});

test('a circle is refused', () => {
  const circle: Record<string, unknown> = {};
  circle.self = circle;
  expect(() => canonical(circle)).toThrow('self is a circular reference');
});

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(sorted);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  const copy: Record<string, unknown> = {};
  for (const [key, member] of entries)
    Object.defineProperty(copy, key, { value: sorted(member), enumerable: true });
  return copy;
}
