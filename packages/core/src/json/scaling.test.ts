// The cost of reading grows as the text does: less than 2.6 times as much for each doubling. Five doublings are measured
// at once, as one is within what a busy machine adds; a quadratic cost shows as 1,024 times there.
import { test } from 'vitest';
import { expectGrowthBelow, expectTimeBelow } from '../../../../test/cost.js';
import { JsonPatches, JsonSnapshots, type JsonOptions } from '../index.js';
import type { SyncMachine } from '../flow/machine.js';

const SIZE = 1 << 15;
const TIMES = 32;
const MOST_GROWTH = 2.6 ** 5;

/** Reading a text in pieces of that size. */
function reading(make: () => SyncMachine<string, unknown>, text: string, size: number): () => void {
  return () => {
    const machine = make();
    try {
      for (let at = 0; at < text.length; at += size) machine.push(text.slice(at, at + size));
      machine.end();
    } catch {
      // Some of the texts are broken; it is their cost that counts.
    }
  };
}

function expectLittleGrowth(
  make: () => SyncMachine<string, unknown>,
  text: (length: number) => string,
  size: number,
): void {
  const ofLength = (length: number): (() => void) => reading(make, text(length), size);
  expectGrowthBelow(MOST_GROWTH, ofLength(SIZE), ofLength(SIZE * TIMES));
}

const records = (length: number): string => {
  const record = JSON.stringify({
    id: 12,
    title: 'A line of "text"',
    tags: ['a', 'b'],
    score: 1.5,
    ok: true,
  });
  return `{"records": [${Array.from({ length: Math.floor(length / (record.length + 1)) }, () => record).join(',')}]}`;
};

const families: Readonly<Record<string, (length: number) => string>> = {
  records: records,
  'one text': (length) => `{"a": "${'x'.repeat(length)}"}`,
  numbers: (length) => `[${'1,'.repeat(length / 2)}1]`,
  keys: (length) => `{${Array.from({ length: length / 12 }, (_, index) => `"k${index}":1`).join(',')}}`,
  spaces: (length) => ' '.repeat(length),
  'back-ticks': (length) => '`'.repeat(length),
  fences: (length) => '```\n'.repeat(length / 4),
  quotes: (length) => '"'.repeat(length),
  'open braces': (length) => '{x'.repeat(length / 2),
  'open brackets': (length) => '[x'.repeat(length / 2),
  'half objects': (length) => '{"a" '.repeat(length / 5),
  backslashes: (length) => `["${'\\\\'.repeat(length / 2)}"]`,
  digits: (length) => `[${'1'.repeat(length)}]`,
  words: (length) => 'true story [1] {name} '.repeat(length / 22),
};

const options: JsonOptions = { maxMembers: Infinity };

for (const [name, text] of Object.entries(families)) {
  test(`P2, P3: doubling ${name} costs less than 2.6 times as much, in chunks of 4 and 64`, () => {
    const make = (): SyncMachine<string, unknown> => new JsonSnapshots(options);
    for (const size of [4, 64]) expectLittleGrowth(make, text, size);
  });
}

test('P3: patches too', () => {
  expectLittleGrowth(() => new JsonPatches(options), records, 4);
});

test('P3: 1 MiB in chunks of 4 characters takes less than a second', () => {
  expectTimeBelow(
    1_000,
    reading(() => new JsonSnapshots(options), records(1 << 20), 4),
  );
});
