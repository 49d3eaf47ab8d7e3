import { expect, test } from 'vitest';
import { folds, type Fold } from '../index.js';

const sums: Readonly<Record<string, readonly [Fold<never, unknown>, readonly unknown[]]>> = {
  text: [folds.text, ['a', 'b']],
  last: [folds.last, [{ a: 1 }, { a: 2 }]],
  list: [folds.list, [{ a: 1 }, { a: 2 }]],
  concat: [folds.concat, [[1], [2, 3]]],
  bytes: [folds.bytes, [Uint8Array.of(1), Uint8Array.of(2, 3)]],
  natural: [
    folds.natural,
    [
      { a: ['x'], b: 'y' },
      { a: ['z'], b: 'w', c: 1 },
    ],
  ],
};

test.each(Object.entries(sums))('%s: a value stays as it is when more is added', (_name, [fold, chunks]) => {
  const total = fold();
  const shown = chunks.map((chunk) => {
    total.add(chunk as never);
    const value = total.value();
    return { value, copy: structuredClone(value) };
  });
  for (const { value, copy } of shown) expect(value).toEqual(copy);
});
