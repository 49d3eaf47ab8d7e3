import { jsonNumber } from './number.js';

const LITERALS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['true', true],
  ['false', false],
  ['null', null],
]);
const LONGEST_LITERAL = 5;

/** A number or literal that arrives in pieces. */
export class JsonWord {
  #text = '';
  #isLiteral = false;
  /** Where it began. */
  position = 0;

  begin(position: number): void {
    this.#text = '';
    this.position = position;
  }

  /** Reads on at `start`; gives back where the word ends, or the end of the text. */
  read(text: string, start: number): number {
    let at = start;
    while (at < text.length && continuesWord(text.charCodeAt(at))) at += 1;
    // Looked at before it grows: to look into a text that grows by pieces costs all of its length each time.
    if (this.#text === '') this.#isLiteral = isLetter(text.charCodeAt(start));
    this.#text += text.slice(start, at);
    return at;
  }

  /** Whether it can no longer become a value. */
  get isHopeless(): boolean {
    return this.#isLiteral && this.#text.length > LONGEST_LITERAL;
  }

  /** What it means, now that it is whole; undefined when it means nothing. */
  get value(): unknown {
    const literal = LITERALS.get(this.#text);
    return literal === undefined ? jsonNumber(this.#text) : literal;
  }
}

/** A digit, a minus, or the first letter of true, false and null. */
export function beginsWord(character: string): boolean {
  return (character >= '0' && character <= '9') || '-tfn'.includes(character);
}

/** A letter, a digit, `+`, `-` or `.`: anything else ends a word. */
function continuesWord(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || isLetter(code) || code === 0x2b || code === 0x2d || code === 0x2e;
}

function isLetter(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a);
}
