import { OutputParserException } from '../errors.js';

const SHOWN_BEFORE = 40;

/**
 * The error for text that cannot be parsed. Its message shows what stands before `position` and the character there, and
 * nothing after it, so that it is the same however the text arrived.
 *
 * @param problem - what is wrong, as the start of a sentence
 * @param text - the raw text, as far as it is known
 * @param position - where in it, in UTF-16 units
 */
export function parsingFailure(
  problem: string,
  text: string,
  position: number,
  cause?: unknown,
): OutputParserException {
  const from = Math.max(0, position - SHOWN_BEFORE);
  const excerpt = JSON.stringify(text.slice(from, position + 1));
  const place = text === '' ? 'The text is empty.' : `At position ${position}, after ${excerpt}.`;
  return new OutputParserException(
    `${problem}. ${place}`,
    text,
    position,
    cause === undefined ? {} : { cause },
  );
}
