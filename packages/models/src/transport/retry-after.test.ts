import fc from 'fast-check';
import { expect, test } from 'vitest';
import { retryAfter } from './retry-after.js';

const NOW = Date.UTC(2030, 0, 1);
const told = (headers: Record<string, string>) => retryAfter(new Headers(headers), () => NOW);

test.each([
  [{}, undefined],
  [{ 'retry-after': '1.5' }, 1500],
  [{ 'retry-after': ' 2 ' }, 2000],
  [{ 'retry-after': '' }, undefined],
  [{ 'retry-after': '1e3' }, undefined],
  [{ 'retry-after': 'Infinity' }, undefined],
  [{ 'retry-after': '2030' }, 2_030_000],
  [{ 'retry-after-ms': '-1', 'retry-after': '2' }, 2000],
  [{ 'retry-after': 'Tue, 01 Jan 2030 00:00:05 GMT' }, 5000],
  [{ 'retry-after': 'Tue, 01 Jan 2030 00:00:05 GMT', date: 'garbage' }, 5000],
])('F077: %o is %s', (headers, expected) => {
  expect(told(headers as Record<string, string>)).toBe(expected);
});

test('F078: the server’s clock may be hours off', () => {
  fc.assert(
    fc.property(fc.integer({ min: -1e6, max: 1e6 }), fc.nat(1000), (skew, seconds) => {
      const date = NOW + skew * 1000;
      const headers = {
        date: new Date(date).toUTCString(),
        'retry-after': new Date(date + seconds * 1000).toUTCString(),
      };
      expect(told(headers)).toBe(seconds * 1000);
    }),
  );
});

test('F077: whatever is sent, the wait is undefined or a whole number from 0', () => {
  const anything = fc.string().filter((value) => /^[\t\x20-\x7e]*$/.test(value));
  fc.assert(
    fc.property(anything, anything, (seconds, milliseconds) => {
      const wait = told({ 'retry-after': seconds, 'retry-after-ms': milliseconds });
      expect(wait === undefined || (Number.isSafeInteger(wait) && wait >= 0)).toBe(true);
    }),
  );
});
