import { decodableEnd, decoded } from './entities.js';
import { beginsName, isSpace, nameEnd, startTag } from './start-tag.js';
import type { XmlTree } from './xml-tree.js';

type State = 'text' | 'open' | 'tag' | 'end tag' | 'skip' | 'cdata';

const DECLARATIONS = ['<!--', '<![CDATA[', '<!DOCTYPE', '<!ENTITY'] as const;
const END_OF: Readonly<Record<'comment' | 'instruction' | 'cdata', string>> = {
  comment: '-->',
  instruction: '?>',
  cdata: ']]>',
};

/**
 * Reads the first element in text that arrives in pieces and builds it in a tree. Knows tags, attributes, comments and
 * CDATA; has no document types and so no entities but XML's own. Each character is looked at a bounded number of times.
 *
 * What is no markup is text: `<` before anything but a name, `&` before anything but a reference.
 */
export class XmlScanner {
  readonly #tree: XmlTree;
  #state: State = 'text';
  #begun = false;
  /** What arrives of a tag or declaration, or text that may be half a reference or half a character. */
  #held = '';
  /** Inside a tag: the quote that is open, and the last character that is no white space. */
  #quote = '';
  #last = '';
  #terminator = '';
  #position = 0;
  /** Where a document type begins, if there is one. Reading stopped there. */
  refusedAt: number | undefined;

  constructor(tree: XmlTree) {
    this.#tree = tree;
  }

  /** Whether an element has begun. */
  get begun(): boolean {
    return this.#begun;
  }

  read(text: string): void {
    let at = 0;
    while (at < text.length && !this.#tree.closed && this.refusedAt === undefined) {
      if (this.#state === 'text') at = this.#readText(text, at);
      else if (this.#state === 'open') at = this.#readOpen(text, at);
      else if (this.#state === 'tag' || this.#state === 'end tag') at = this.#readTag(text, at);
      else at = this.#readUntilTerminator(text, at);
    }
    this.#position += text.length;
  }

  #readText(text: string, at: number): number {
    const tag = text.indexOf('<', at);
    const piece = this.#held + text.slice(at, tag === -1 ? text.length : tag);
    const end = tag === -1 ? wholeEnd(piece) : piece.length;
    this.#held = piece.slice(end);
    this.#add(decoded(piece.slice(0, end)));
    if (tag === -1) return text.length;
    this.#state = 'open';
    this.#held = '<';
    return tag + 1;
  }

  /** What `<` begins is decided by the characters behind it, at most eight of them. */
  #readOpen(text: string, at: number): number {
    const character = text[at] as string;
    if (this.#held === '<') {
      if (beginsName(character.charCodeAt(0))) return this.#beginTag('tag', '', at);
      if (character === '/') return this.#beginTag('end tag', '', at + 1);
      if (character === '?') return this.#skipTo('skip', END_OF.instruction, at + 1);
      if (character !== '!') return this.#literal(at);
    }
    const held = this.#held + character.toUpperCase();
    const declaration = DECLARATIONS.find((each) => each.startsWith(held));
    if (declaration === undefined) return this.#literal(at);
    this.#held = held;
    if (declaration !== held) return at + 1;
    if (held === '<!--') return this.#skipTo('skip', END_OF.comment, at + 1);
    if (held === '<![CDATA[') return this.#skipTo('cdata', END_OF.cdata, at + 1);
    this.refusedAt = this.#position + at + 1 - held.length;
    return at;
  }

  #beginTag(state: State, held: string, at: number): number {
    this.#state = state;
    this.#held = held;
    this.#quote = '';
    this.#last = '';
    return at;
  }

  #skipTo(state: State, terminator: string, at: number): number {
    this.#state = state;
    this.#terminator = terminator;
    this.#held = '';
    return at;
  }

  /** What was held is text after all. */
  #literal(at: number): number {
    this.#add(this.#held);
    this.#held = '';
    this.#state = 'text';
    return at;
  }

  #readTag(text: string, start: number): number {
    for (let at = start; at < text.length; at += 1) {
      const character = text[at] as string;
      if (this.#quote !== '') {
        if (character === this.#quote) this.#quote = '';
      } else if ((character === '"' || character === "'") && this.#last === '=') {
        this.#quote = character;
      } else if (character === '>') {
        this.#endTag(this.#held + text.slice(start, at));
        return at + 1;
      } else if (character === '<') {
        this.#held = `${this.#state === 'tag' ? '<' : '</'}${this.#held}${text.slice(start, at)}`;
        return this.#literal(at);
      }
      if (!isSpace(character.charCodeAt(0))) this.#last = character;
    }
    this.#held += text.slice(start);
    return text.length;
  }

  #endTag(tag: string): void {
    const isEnd = this.#state === 'end tag';
    this.#state = 'text';
    this.#held = '';
    if (isEnd) {
      this.#tree.end(tag.slice(0, nameEnd(tag, 0)));
      return;
    }
    const { name, attributes, closesItself } = startTag(tag);
    this.#begun = true;
    this.#tree.begin(name, attributes);
    if (closesItself) this.#tree.end(name);
  }

  /** Passes over a comment or instruction, or takes the text of CDATA as it is. */
  #readUntilTerminator(text: string, at: number): number {
    const window = this.#held + text.slice(at);
    const found = window.indexOf(this.#terminator);
    const end = found === -1 ? Math.max(0, window.length - this.#terminator.length + 1) : found;
    if (this.#state === 'cdata') this.#add(window.slice(0, end));
    if (found === -1) {
      this.#held = window.slice(end);
      return text.length;
    }
    const next = at - this.#held.length + end + this.#terminator.length;
    this.#held = '';
    this.#state = 'text';
    return next;
  }

  #add(text: string): void {
    if (this.#begun && text !== '') this.#tree.text(text);
  }
}

/** Where text ends that can be shown: before half a reference or half a character. */
function wholeEnd(text: string): number {
  const end = decodableEnd(text);
  const code = text.charCodeAt(end - 1);
  return code >= 0xd800 && code <= 0xdbff ? end - 1 : end;
}
