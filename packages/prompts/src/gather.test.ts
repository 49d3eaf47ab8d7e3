import { expect, test } from 'vitest';
import { gather } from './gather.js';

test('gives values at once, in order', () => {
  expect(gather([1, 2, 3], (n) => n * 2)).toEqual([2, 4, 6]);
  expect(gather([], () => 1)).toEqual([]);
});

test('gives a promise if one of them is one', async () => {
  const made = gather([1, 2, 3], (n) => (n === 2 ? Promise.resolve(20) : n));
  expect(made).toBeInstanceOf(Promise);
  expect(await made).toEqual([1, 20, 3]);
});

test('throws what is thrown, and leaves no rejection unheard', () => {
  const boom = new Error('boom');
  const make = (n: number) => {
    if (n === 2) throw boom;
    return Promise.reject(new Error('unheard'));
  };
  expect(() => gather([1, 2], make)).toThrow(boom);
});
