import { expect, test } from 'vitest';
import { anyJson } from './any-json.js';

class Shown {
  readonly hidden = 1;
  toJSON() {
    return { shown: [this.hidden, undefined] };
  }
}
const itself = { a: 1, toJSON: () => itself };

test.each([
  ['plain data', { a: [1, 'x', null, true, { b: {} }], u: undefined, f: () => 1 }],
  ['what says its own form', { at: new Date(0), url: new URL('https://example.com/'), own: new Shown() }],
  ['what says that it is its own form', { itself }],
  ['typed arrays, maps and holes', [new Uint8Array([1, 2]), new Map([[1, 2]]), new Array<number>(2)]],
  ['numbers that JSON does not have', [Number.NaN, Number.POSITIVE_INFINITY, -0]],
  ['a key like that of a prototype', JSON.parse('{"__proto__": {"a": 1}}') as unknown],
  ['the same object twice', [[itself], [itself]]],
  ['a text', 'x'],
])('%s are written as JSON.stringify does', (_what, value) => {
  expect(anyJson(value)).toBe(JSON.stringify(value));
});

const circle: Record<string, unknown> = { a: 1 };
circle.self = [circle];
let deep: unknown = 'x';
for (let level = 0; level < 20_000; level += 1) deep = { deep };
const refuses = (): never => {
  throw new Error('lazy');
};

test.each<[what: string, value: unknown, json: string]>([
  ['a circle', circle, '{"a":1,"self":["[circular]"]}'],
  ['a bigint', [10n, { toJSON: () => 1n }], '["10","1"]'],
  ['an error', new TypeError('no'), '{"name":"TypeError","message":"no"}'],
  [
    'an error with a form of its own',
    Object.assign(new Error('no'), { toJSON: () => ({ headers: { authorization: 'key' } }) }),
    '{"name":"Error","message":"no"}',
  ],
  [
    'a getter that throws',
    Object.defineProperty({ b: 2 }, 'a', { get: refuses, enumerable: true }),
    '{"b":2,"a":"[unreadable]"}',
  ],
  ['a form that throws', { a: { toJSON: refuses }, b: 2 }, '{"a":"[unreadable]","b":2}'],
  ['a proxy that throws', [new Proxy({}, { ownKeys: refuses })], '["[unreadable]"]'],
])('%s is named in its place', (_what, value, json) => {
  expect(anyJson(value)).toBe(json);
});

test('what is nested too deep is cut off', () => {
  const text = anyJson(deep);
  expect(text).toContain('"[nested too deep]"');
  expect(text.length).toBeLessThan(2_000);
});
