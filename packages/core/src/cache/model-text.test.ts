import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonical, NotPlainDataError } from './canonical.js';
import { modelText } from './model-text.js';

type Identity = Readonly<Record<string, unknown>>;

const textOf = (model: object, identity: Identity, name = 'M') => modelText(model, { model: name, identity });
const written = (identity: Identity, name = 'M') => canonical(name) + canonical(identity);

const leaf = fc.constantFrom<unknown>(0, -0, 1, NaN, '', '0', 'a', true, false, null, undefined);
const value = fc.oneof({ weight: 6, arbitrary: leaf }, fc.array(leaf, { maxLength: 2 }));
const identity = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'toString', '__proto__'), value, {
  maxKeys: 3,
});

test('whatever a model said before, its text is that of what it says now', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(identity, fc.constantFrom('M', 'N')), { minLength: 2 }), (sayings) => {
      const model = {};
      for (const [said, name] of sayings) expect(textOf(model, said, name)).toBe(written(said, name));
    }),
    { numRuns: 1_000 },
  );
});

test('a change inside what a model says is seen', () => {
  const model = {};
  const said = { stop: ['a'], limits: { tokens: 1 } };
  textOf(model, said);
  said.limits.tokens = 2;
  expect(textOf(model, said)).toBe(written({ stop: ['a'], limits: { tokens: 2 } }));
  said.stop.push('b');
  expect(textOf(model, said)).toBe(written({ stop: ['a', 'b'], limits: { tokens: 2 } }));
});

test('R11: what is hidden in an identity is refused, also by a model that hid nothing before', () => {
  const model = {};
  textOf(model, { a: 1 });
  for (const hidden of [
    Object.defineProperty({ a: 1 }, 'b', { value: 2 }),
    Object.defineProperty({}, 'a', { value: 1 }),
    { a: 1, [Symbol('b')]: 2 },
    Object.assign(new (class Named {})(), { a: 1 }),
  ]) {
    expect(() => textOf(model, hidden as Identity)).toThrow(NotPlainDataError);
  }
});
