import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  JsonPatches,
  JsonSnapshots,
  LimitExceededError,
  OutputParserException,
  patchFold,
} from '../index.js';
import type { JsonOptions } from './reader.js';

/** What comes of a text that arrives in pieces of a size. */
function snapshotsOf(text: string, size: number, options?: JsonOptions): unknown[] {
  const machine = new JsonSnapshots(options);
  const snapshots: unknown[] = [];
  for (let at = 0; at < text.length; at += size) snapshots.push(...machine.push(text.slice(at, at + size)));
  snapshots.push(...machine.end());
  return snapshots;
}

function patched(text: string, size: number): unknown {
  const machine = new JsonPatches();
  const total = patchFold();
  for (let at = 0; at < text.length; at += size) {
    for (const patch of machine.push(text.slice(at, at + size))) total.add(patch);
  }
  for (const patch of machine.end()) total.add(patch);
  return total.value();
}

/** Whether a partial value says nothing that the whole contradicts. */
function isPartOf(partial: unknown, whole: unknown): boolean {
  if (typeof partial === 'string') return typeof whole === 'string' && whole.startsWith(partial);
  if (Array.isArray(partial)) {
    return (
      Array.isArray(whole) &&
      partial.every((item, index) => index < whole.length && isPartOf(item, whole[index]))
    );
  }
  if (typeof partial !== 'object' || partial === null) return Object.is(partial, whole);
  return (
    typeof whole === 'object' &&
    whole !== null &&
    Object.entries(partial).every(
      ([key, value]) => Object.hasOwn(whole, key) && isPartOf(value, (whole as Record<string, unknown>)[key]),
    )
  );
}

const nested = `${'[{"a":'.repeat(40)}1.5e-10${'}]'.repeat(40)}`;
const corpus = [
  '{"escapes": "\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u00e9", "pair": "\\ud83d\\ude00 😀", "lone": "\\ud83d", "low": "\\ude00x"}',
  '{"numbers": [0, -0, 1, -12.5, 1e5, 1E+5, -1.25e-10, 123456789012345678901234567890, 5e-324]}',
  '{"literals": [true, false, null, [], {}, "", [[]], [{}]]}',
  '{"Ünïcödé 键": "语言 🇳🇴 👨‍👩‍👧", "": {"": ""}, "1": 1, "__proto__": {"a": [1]}, "a/b~c": "d"}',
  nested,
  ' \n\t{ "a" : [ 1 , 2 ] \r\n, "b" : { } } \n',
  '[[], [[]], [[], []], {"a": {"b": {"c": []}}}]',
];

describe('soundness', () => {
  test.each(corpus)('over every prefix, nothing shown is contradicted by the end: %s', (text) => {
    const whole: unknown = JSON.parse(text);
    for (const size of [1, 2, 3, 7]) {
      const snapshots = snapshotsOf(text, size);
      expect(snapshots.at(-1)).toEqual(whole);
      for (const snapshot of snapshots)
        expect(isPartOf(snapshot, whole), JSON.stringify(snapshot)).toBe(true);
    }
  });

  test.each(corpus)('each prefix by itself shows a part of the whole: %s', (text) => {
    const whole: unknown = JSON.parse(text);
    for (let end = 0; end <= text.length; end += 1) {
      for (const snapshot of new JsonSnapshots().push(text.slice(0, end))) {
        expect(isPartOf(snapshot, whole)).toBe(true);
      }
    }
  });

  test('no half of a surrogate pair is shown, escaped or plain', () => {
    for (const text of ['{"a": "x😀y"}', '{"a": "x\\ud83d\\ude00y"}']) {
      const texts = snapshotsOf(text, 1).map((snapshot) => (snapshot as { a?: string }).a);
      expect(texts).toEqual([undefined, '', 'x', 'x😀', 'x😀y']);
    }
  });

  test('numbers, literals, keys and escapes are held back until they are whole', () => {
    expect(snapshotsOf('{"key": -1.5e3, "b": true, "c": "\\n"}', 1)).toEqual([
      {},
      { key: -1500 },
      { key: -1500, b: true },
      { key: -1500, b: true, c: '' },
      { key: -1500, b: true, c: '\n' },
    ]);
  });
});

test('as JSON.parse, in every cut, for every JSON text; and patches add up to the same', () => {
  const text = fc.oneof(fc.json({ stringUnit: 'binary' }), fc.json({ maxDepth: 6 }));
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 9 }), fc.boolean(), (json, size, strict) => {
      const whole: unknown = JSON.parse(json);
      const snapshots = snapshotsOf(json, size, { strict });
      expect(snapshots.at(-1)).toEqual(whole);
      for (const snapshot of snapshots) expect(isPartOf(snapshot, whole)).toBe(true);
      // Text, because a key __proto__ is one that toEqual does not see.
      expect(JSON.stringify(snapshots.at(-1))).toBe(JSON.stringify(whole));
      expect(JSON.stringify(patched(json, size))).toBe(JSON.stringify(whole));
    }),
    { numRuns: 500 },
  );
});

test('what JSON.parse refuses is refused when strict, whatever it is', () => {
  const broken = fc.tuple(
    fc.json(),
    fc.nat(),
    fc.constantFrom('', ',', '}', '"', '\\', '0', 'x', '\u00a0', '\n'),
  );
  fc.assert(
    fc.property(broken, ([json, where, inserted]) => {
      const at = where % (json.length + 1);
      const text = json.slice(0, at) + inserted + json.slice(at + (inserted === '' ? 1 : 0));
      let parsed: { value: unknown } | undefined;
      try {
        parsed = { value: JSON.parse(text) };
      } catch {
        // Then ours has to refuse it too.
      }
      const read = (): unknown => snapshotsOf(text, 3, { strict: true }).at(-1);
      if (parsed === undefined) expect(read, text).toThrow(OutputParserException);
      // Keys that come twice are the one difference.
      else if (!String(JSON.stringify(parsed.value)).includes('\uffff')) {
        try {
          expect(read()).toEqual(parsed.value);
        } catch (error) {
          expect(String(error)).toContain('twice');
        }
      }
    }),
    { numRuns: 500 },
  );
});

test('a snapshot comes only when something has changed, and never changes afterwards', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 4 }), fc.integer({ min: 1, max: 4 }), (json, size) => {
      const machine = new JsonSnapshots();
      const seen: { readonly snapshot: unknown; readonly text: string }[] = [];
      const see = (snapshots: readonly unknown[]): void => {
        for (const snapshot of snapshots) seen.push({ snapshot, text: JSON.stringify(snapshot) });
      };
      for (let at = 0; at < json.length; at += size) see(machine.push(json.slice(at, at + size)));
      see(machine.end());
      for (const { snapshot, text } of seen) expect(JSON.stringify(snapshot)).toBe(text);
      const isRepeated = seen.some(({ text }, index) => text === seen[index - 1]?.text);
      const hasKeyTwice = JSON.stringify(JSON.parse(json)).length < json.replaceAll(/\s/g, '').length;
      expect(isRepeated && !hasKeyTwice).toBe(false);
    }),
  );
});

describe('limits', () => {
  const read = (text: string, options?: JsonOptions) => (): unknown => snapshotsOf(text, 1024, options);

  test.each(['[', '{"a":', '[{"a":'])('100,000 times %s', (opening) => {
    expect(read(opening.repeat(100_000))).toThrow(LimitExceededError);
    expect(read(opening.repeat(100_000), { strict: true })).toThrow('512 levels deep');
  });

  test('512 levels are read, 513 are not', () => {
    expect(read('['.repeat(512) + ']'.repeat(512), { strict: true })).not.toThrow();
    expect(read('['.repeat(513) + ']'.repeat(513), { strict: true })).toThrow(LimitExceededError);
  });

  test('a text of 10 MB, and one of 8 MB', () => {
    expect(read(`{"a": "${'x'.repeat(10_000_000)}"}`)).toThrow('8388608 characters long');
    const [, whole] = [0, read(`{"a": "${'x'.repeat(8_000_000)}"}`)() as { a: string }[]];
    expect(whole.at(-1)?.a).toHaveLength(8_000_000);
  });

  test('100,000 members are read, one more is not', () => {
    const items = (count: number): string => JSON.stringify(Array.from({ length: count }, () => 1));
    expect(read(items(100_000))).not.toThrow();
    expect(read(items(100_001))).toThrow(LimitExceededError);
    expect(read(items(100_001), { maxMembers: Infinity })).not.toThrow();
  });

  test('what follows the value is neither kept nor counted', () => {
    const machine = new JsonSnapshots({ maxLength: 20 });
    machine.push('{"a": 1}');
    machine.push('x'.repeat(1_000));
    expect(machine.text).toBe('{"a": 1}');
    expect(machine.end()).toEqual([]);
  });
});
