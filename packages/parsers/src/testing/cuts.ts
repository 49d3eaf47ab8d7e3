import { randomFrom } from './random.js';

const LONGEST_FOR_ALL_CUTS = 300;
const RANDOM_CUTS = 40;
const RANDOM_SINGLE_CUTS = 60;

/**
 * Ways to cut a text: into characters (UTF-16 units), at every single place if it has at most 300 of them, else at 60,
 * and at random in 40 ways. The same ones for the same text.
 */
export function* cutsOf(text: string): Generator<readonly string[], void> {
  // A model that says nothing still sends a piece that says so.
  if (text === '') return yield* [[''], ['', '']];
  const random = randomFrom(text.length + 1);
  if (text.length <= LONGEST_FOR_ALL_CUTS) {
    yield Array.from({ length: text.length }, (_, index) => text.charAt(index));
    for (let at = 0; at <= text.length; at += 1) yield [text.slice(0, at), text.slice(at)];
  } else {
    for (let count = 0; count < RANDOM_SINGLE_CUTS; count += 1) {
      const at = Math.floor(random() * text.length);
      yield [text.slice(0, at), text.slice(at)];
    }
  }
  for (let count = 0; count < RANDOM_CUTS; count += 1) yield randomPieces(text, random);
}

function randomPieces(text: string, random: () => number): readonly string[] {
  const longest = 1 + Math.floor(random() * Math.max(8, text.length / 8));
  const pieces: string[] = [];
  for (let at = 0; at < text.length; ) {
    // A model may also stream nothing at all for a while.
    const size = Math.floor(random() * (longest + 1));
    pieces.push(text.slice(at, at + size));
    at += size;
  }
  return pieces;
}
