import { jsonNumber } from './number.js';
import type { JsonTree } from './tree.js';

// What is expected next. Those below IN_TEXT skip white space first.
const VALUE = 0;
const FIRST_ITEM = 1;
const NEXT_ITEM = 2;
const FIRST_KEY = 3;
const NEXT_KEY = 4;
const COLON = 5;
const AFTER = 6;
const IN_TEXT = 7;
const IN_ESCAPE = 8;
const IN_UNICODE = 9;
const IN_WORD = 10;
const ENDED = 11;
const FAILED = 12;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LINE_FEED = 0x0a;

const LITERALS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['true', true],
  ['false', false],
  ['null', null],
]);
const LONGEST_LITERAL = 5;
const ESCAPED: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);

/**
 * Reads one JSON value from text in pieces and builds it in a tree. Each character is looked at once. What may still
 * change its meaning (half a number, a key, an escape) is held back from the tree.
 *
 * Not strict, it also takes a comma before a closing bracket, and line breaks and other control characters in texts.
 */
export class JsonScanner {
  readonly #tree: JsonTree;
  readonly #strict: boolean;
  #state = VALUE;
  #inKey = false;
  /** The key, number or literal that is arriving. */
  #word = '';
  #wordAt = 0;
  #code = 0;
  #digits = 0;
  /** What was wrong, and where, once `failed`. */
  problem = '';
  position = 0;
  /** Whether something was read that hardly stands in prose: a key with its colon, a text, a literal. */
  certain = false;

  constructor(tree: JsonTree, strict: boolean) {
    this.#tree = tree;
    this.#strict = strict;
  }

  get ended(): boolean {
    return this.#state === ENDED;
  }

  get failed(): boolean {
    return this.#state === FAILED;
  }

  /**
   * Reads on at `index`. Gives back where it stopped: at the end of the text, or after the value, or where it failed.
   *
   * @param base - position of the text's first character in all that was read
   */
  read(text: string, index: number, base: number): number {
    let at = index;
    while (at < text.length && this.#state < ENDED) {
      if (this.#state === IN_TEXT) at = this.#readText(text, at, base);
      else if (this.#state === IN_WORD) at = this.#readWord(text, at, base);
      else if (this.#state === IN_ESCAPE) at = this.#readEscape(text, at, base);
      else if (this.#state === IN_UNICODE) at = this.#readDigit(text, at, base);
      else if (isSpace(text.charCodeAt(at))) at += 1;
      else at = this.#readMark(text, at, base);
    }
    return at;
  }

  /** The text is over: a number or literal that stands alone is whole now. */
  finish(): void {
    if (this.#state === IN_WORD && this.#tree.depth === 0) this.#endWord();
  }

  #readMark(text: string, at: number, base: number): number {
    const character = text[at] as string;
    switch (this.#state) {
      case FIRST_KEY:
      case NEXT_KEY:
        if (character === '"') return this.#beginText(at, true);
        if (character === '}' && (this.#state === FIRST_KEY || !this.#strict)) return this.#close(at);
        return this.#fail('Expected a key in double quotes', base + at, at);
      case COLON:
        if (character !== ':') return this.#fail('Expected ":" after a key', base + at, at);
        this.certain = true;
        this.#state = VALUE;
        return at + 1;
      case AFTER:
        return this.#readAfter(character, at, base);
      case FIRST_ITEM:
      case NEXT_ITEM:
        if (character === ']' && (this.#state === FIRST_ITEM || !this.#strict)) return this.#close(at);
        return this.#readValue(character, at, base);
      default:
        return this.#readValue(character, at, base);
    }
  }

  #readAfter(character: string, at: number, base: number): number {
    const isArray = this.#tree.inArray;
    if (character === ',') {
      this.#state = isArray ? NEXT_ITEM : NEXT_KEY;
      return at + 1;
    }
    if (character === (isArray ? ']' : '}')) return this.#close(at);
    return this.#fail(`Expected "," or "${isArray ? ']' : '}'}"`, base + at, at);
  }

  #readValue(character: string, at: number, base: number): number {
    if (character === '"') return this.#beginText(at, false);
    if (character === '{') {
      this.#tree.open({});
      this.#state = FIRST_KEY;
      return at + 1;
    }
    if (character === '[') {
      this.#tree.open([]);
      this.#state = FIRST_ITEM;
      return at + 1;
    }
    if (!beginsWord(character)) return this.#fail('Expected a JSON value', base + at, at);
    this.#state = IN_WORD;
    this.#word = '';
    this.#wordAt = base + at;
    return at;
  }

  #close(at: number): number {
    this.#tree.close();
    this.#afterValue();
    return at + 1;
  }

  #afterValue(): void {
    this.#state = this.#tree.depth === 0 ? ENDED : AFTER;
  }

  #beginText(at: number, isKey: boolean): number {
    this.#state = IN_TEXT;
    this.#inKey = isKey;
    if (isKey) this.#word = '';
    else {
      this.#tree.beginText();
      this.certain = true;
    }
    return at + 1;
  }

  #readText(text: string, start: number, base: number): number {
    let at = start;
    while (at < text.length) {
      const code = text.charCodeAt(at);
      if (code === QUOTE || code === BACKSLASH) break;
      if (code < 0x20 && !this.#takesControl(code)) {
        return this.#fail('A control character in a text has to be escaped', base + at, at);
      }
      at += 1;
    }
    if (at > start) this.#grow(start === 0 && at === text.length ? text : text.slice(start, at));
    if (at === text.length) return at;
    if (text.charCodeAt(at) === BACKSLASH) this.#state = IN_ESCAPE;
    else this.#endText(base + at);
    return at + 1;
  }

  /** A line break in what may be a first key says that this is no JSON but prose with a brace and a quote. */
  #takesControl(code: number): boolean {
    return !this.#strict && (code !== LINE_FEED || this.certain || !this.#inKey);
  }

  #grow(piece: string): void {
    if (this.#inKey) this.#word += piece;
    else this.#tree.growText(piece);
  }

  #endText(position: number): void {
    if (!this.#inKey) {
      this.#tree.endText();
      this.#afterValue();
    } else {
      this.#state = COLON;
      if (this.#tree.key(this.#word) || !this.#strict) return;
      this.#fail('The object has this key twice', position, 0);
    }
  }

  #readEscape(text: string, at: number, base: number): number {
    const character = text[at] as string;
    if (character === 'u') {
      this.#state = IN_UNICODE;
      this.#code = 0;
      this.#digits = 0;
      return at + 1;
    }
    const meant = ESCAPED.get(character);
    if (meant === undefined) return this.#fail('There is no such escape in JSON', base + at, at);
    this.#grow(meant);
    this.#state = IN_TEXT;
    return at + 1;
  }

  #readDigit(text: string, at: number, base: number): number {
    const digit = hexDigit(text.charCodeAt(at));
    if (digit === -1) return this.#fail('Expected four hexadecimal digits after "\\u"', base + at, at);
    this.#code = this.#code * 16 + digit;
    this.#digits += 1;
    if (this.#digits === 4) {
      this.#grow(String.fromCharCode(this.#code));
      this.#state = IN_TEXT;
    }
    return at + 1;
  }

  #readWord(text: string, start: number, base: number): number {
    let at = start;
    while (at < text.length && continuesWord(text.charCodeAt(at))) at += 1;
    this.#word += text.slice(start, at);
    const isLong = this.#word.length > LONGEST_LITERAL && isLetter(this.#word.charCodeAt(0));
    if (isLong) return this.#fail('Expected a JSON value', this.#wordAt, at);
    if (at === text.length) return at;
    this.#endWord();
    return at;
  }

  #endWord(): void {
    const literal = LITERALS.get(this.#word);
    const value = literal === undefined ? jsonNumber(this.#word) : literal;
    if (value === undefined) {
      this.#fail('Expected a JSON value', this.#wordAt, 0);
      return;
    }
    if (literal !== undefined) this.certain = true;
    this.#tree.add(value);
    this.#afterValue();
  }

  #fail(problem: string, position: number, at: number): number {
    this.problem = problem;
    this.position = position;
    this.#state = FAILED;
    return at;
  }
}

/** The white space of JSON. */
export function isSpace(code: number): boolean {
  return code === 0x20 || code === LINE_FEED || code === 0x0d || code === 0x09;
}

/** A digit, a minus, or the first letter of true, false and null. */
export function beginsWord(character: string): boolean {
  return (character >= '0' && character <= '9') || '-tfn'.includes(character);
}

function isLetter(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a);
}

function continuesWord(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || isLetter(code) || code === 0x2b || code === 0x2d || code === 0x2e;
}

function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
