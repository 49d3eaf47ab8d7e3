import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Holder, made, registry, storedText } from '../../test/holder.js';
import { DeserializationError, dumps, loads } from '../index.js';
import { deepEqual } from '../testing/index.js';

const RUNS = Number(process.env.LAW_RUNS ?? 500);

test('S3: keys that mean something to the language are keys, and nothing is awaited or called', async () => {
  const before = Reflect.ownKeys(Object.prototype);
  const names = [
    '__proto__',
    'constructor',
    'prototype',
    'then',
    'toJSON',
    'valueOf',
    'toString',
    'polluted',
  ];
  const key = fc.constantFrom(...names);
  const tree = fc.letrec<{ node: unknown }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom<unknown>('x', true, null),
      fc.array(fc.tuple(key, tie('node')), { maxLength: 4 }).map((entries) => Object.fromEntries(entries)),
    ),
  })).node;
  fc.assert(
    fc.property(tree, (value) => {
      const loaded = loads(dumps(new Holder({ value })), { registry }) as unknown as Holder;
      expect(deepEqual(loaded.told.value, value)).toBe(true);
    }),
    { numRuns: RUNS },
  );
  const inStructure = [
    '{"kind":"Holder","options":{"__proto__":0}}',
    '{"kind":"Holder","__proto__":{"options":{}}}',
    '{"kind":"Holder","options":{"constructor":{"function":"called"}}}',
    '{"kind":"Holder","options":{"value":{"function":"constructor"}}}',
    '{"kind":"Holder","options":{"value":{"function":"__proto__"}}}',
    '{"kind":"Holder","options":{"value":{"schema":"constructor"}}}',
    '{"kind":"Holder","options":{"value":{"schema":"__proto__"}}}',
    '{"kind":"Holder","children":{"__proto__":{"name":"Holder"}}}',
    '{"__proto__":{"kind":"Holder"}}',
    '{"kind":"RunnableAssign","children":{"__proto__":{"name":"Holder"}}}',
  ];
  for (const root of inStructure) {
    expect(() => loads(storedText(root, '["x"]'), { registry })).toThrow(DeserializationError);
  }
  expect(Reflect.ownKeys(Object.prototype)).toEqual(before);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  made.length = 0;
  const thenable = loads(dumps(new Holder({ value: JSON.parse('{"then":"x"}') })), { registry });
  expect(await Promise.resolve(thenable)).toBe(thenable);
  expect(made).toEqual(['Holder']);
});

test('S3: a parallel with a branch named __proto__ comes back with it', async () => {
  const text = storedText(
    '{"kind":"RunnableParallel","children":{"__proto__":{"kind":"RunnablePassthrough"}}}',
  );
  const loaded = loads(text, { registry });
  expect(dumps(loaded as never)).toBe(text);
  expect(deepEqual(await loaded.invoke(1), JSON.parse('{"__proto__":1}'))).toBe(true);
});

test('S7: names in the data lead to no file', () => {
  for (const name of [
    '../../etc/passwd',
    '/etc/passwd',
    'C:\\x',
    'file:///etc/passwd',
    '%2e%2e/x',
    'x\0.js',
    'a'.repeat(10_000),
  ]) {
    const parts = [{ function: name }, { schema: name }];
    const holders = parts.map((value) => ({ kind: 'Holder', options: { value } }));
    for (const root of [{ kind: name }, { name }, ...holders]) {
      expect(() => loads(storedText(JSON.stringify(root)), { registry })).toThrow(DeserializationError);
    }
  }
});
