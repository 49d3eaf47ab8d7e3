import { JsonEscape } from './escape.js';
import type { JsonTree } from './tree.js';
import { beginsWord, JsonWord } from './word.js';

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
const IN_WORD = 9;
const ENDED = 10;
const FAILED = 11;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LINE_FEED = 0x0a;

/**
 * Reads one JSON value from text in pieces and builds it in a tree. Each character is looked at once. What may still
 * change its meaning (half a number, a key, an escape) is held back from the tree.
 *
 * Not strict, it also takes a comma before a closing bracket, and line breaks and other control characters in texts.
 */
export class JsonScanner {
  readonly #tree: JsonTree;
  readonly #strict: boolean;
  readonly #word = new JsonWord();
  readonly #escape = new JsonEscape();
  #state = VALUE;
  /** The key that is arriving, if the text that is being read is one. */
  #key: string | undefined;
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
      else if (this.#state === IN_WORD) at = this.#readWord(text, at);
      else if (this.#state === IN_ESCAPE) at = this.#readEscape(text, at, base);
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
    if (character === '{') return this.#open({}, FIRST_KEY, at);
    if (character === '[') return this.#open([], FIRST_ITEM, at);
    if (!beginsWord(character)) return this.#fail('Expected a JSON value', base + at, at);
    this.#state = IN_WORD;
    this.#word.begin(base + at);
    return at;
  }

  #open(value: unknown[] | Record<string, unknown>, state: number, at: number): number {
    this.#tree.open(value);
    this.#state = state;
    return at + 1;
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
    this.#key = isKey ? '' : undefined;
    if (!isKey) {
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
    if (text.charCodeAt(at) === QUOTE) return this.#endText(base + at, at + 1);
    this.#state = IN_ESCAPE;
    this.#escape.begin();
    return at + 1;
  }

  /** A line break in what may be a first key says that this is no JSON but prose with a brace and a quote. */
  #takesControl(code: number): boolean {
    return !this.#strict && (code !== LINE_FEED || this.certain || this.#key === undefined);
  }

  #grow(piece: string): void {
    if (this.#key === undefined) this.#tree.growText(piece);
    else this.#key += piece;
  }

  #endText(position: number, next: number): number {
    if (this.#key === undefined) {
      this.#tree.endText();
      this.#afterValue();
      return next;
    }
    this.#state = COLON;
    const isNew = this.#tree.key(this.#key);
    return isNew || !this.#strict ? next : this.#fail('The object has this key twice', position, next);
  }

  #readEscape(text: string, at: number, base: number): number {
    const meant = this.#escape.read(text[at] as string);
    if (meant === undefined) return this.#fail(this.#escape.problem, base + at, at);
    if (meant !== '') {
      this.#grow(meant);
      this.#state = IN_TEXT;
    }
    return at + 1;
  }

  #readWord(text: string, start: number): number {
    const at = this.#word.read(text, start);
    if (this.#word.isHopeless) return this.#fail('Expected a JSON value', this.#word.position, at);
    if (at < text.length) this.#endWord();
    return at;
  }

  #endWord(): void {
    const { value, position } = this.#word;
    if (value === undefined) {
      this.#fail('Expected a JSON value', position, 0);
      return;
    }
    this.certain ||= typeof value !== 'number';
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
