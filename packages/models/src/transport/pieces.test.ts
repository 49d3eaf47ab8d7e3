import fc from 'fast-check';
import { expect, test } from 'vitest';
import { JsonExtent } from './json-extent.js';
import { WholeCharacters } from './whole-characters.js';

const cuts = fc.array(fc.nat(200), { maxLength: 10 });

function cut(text: string, offsets: number[]): string[] {
  const at = [0, ...offsets.toSorted((one, other) => one - other)];
  return at.map((from, index) => text.slice(from, at[index + 1]));
}

test('JSON is closed exactly when all of it is there', () => {
  const container = fc.oneof(fc.dictionary(fc.string(), fc.jsonValue()), fc.array(fc.jsonValue()));
  fc.assert(
    fc.property(container, fc.nat(4), (value, indent) => {
      const text = JSON.stringify(value, undefined, indent);
      const extent = new JsonExtent();
      const closedAfter = Array.from(text).findIndex((character) => extent.push(character).closed);
      expect(closedAfter).toBe(Array.from(text).length - 1);
    }),
  );
});

test('a text that opens nothing is not closed', () => {
  expect(new JsonExtent().push('1 "{}" ').closed).toBe(false);
});

test('F053: no character is cut in two, and nothing is lost', () => {
  const text = fc.string({ unit: fc.constantFrom('a', '😀', '\udbff\udfff', '\ud83d', '\ude00', '日') });
  fc.assert(
    fc.property(text, cuts, (whole, offsets) => {
      const characters = new WholeCharacters();
      const pieces = cut(whole, offsets).map((piece) => characters.push(piece));
      pieces.push(characters.end());
      expect(pieces.join('')).toBe(whole);
      // Taking each piece for itself finds as many whole characters as there are in the text.
      const count = (part: string): number => (part.match(/[\u{10000}-\u{10ffff}]/gu) ?? []).length;
      expect(pieces.reduce((sum, piece) => sum + count(piece), 0)).toBe(count(whole));
      expect(characters.end()).toBe('');
    }),
  );
});
