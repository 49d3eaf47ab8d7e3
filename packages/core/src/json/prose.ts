import { beginsWord } from './word.js';

const BACKTICK = 0x60;
const LINE_FEED = 0x0a;
const BYTE_ORDER_MARK = 0xfeff;

/** What may begin at a place in prose: an object or array, or a value that stands alone there. */
export type Candidate = 'container' | 'lone';

/**
 * Looks for the place in a model's answer where JSON may begin. An object or array may begin anywhere; a text, number or
 * literal only where nothing else stands before it: at the start, or on the line after an opening code fence.
 */
export class Prose {
  #ticks = 0;
  #inFence = false;
  /** On the line of an opening fence, behind the back-ticks. */
  #inTag = false;
  #fresh = true;
  found: Candidate | undefined;
  /** Whether words stand before what was found, so that brackets may be a part of them. */
  amidWords = false;

  get inFence(): boolean {
    return this.#inFence;
  }

  /** Looks on from `index`; gives back where a candidate begins, or the end of the text. */
  skip(text: string, index: number): number {
    this.found = undefined;
    let at = index;
    for (; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (code === BACKTICK) {
        this.#ticks += 1;
        this.#fresh = false;
        if (this.#ticks === 3) this.#inTag = this.#inFence = !this.#inFence;
        continue;
      }
      this.#ticks = 0;
      if (code === LINE_FEED && this.#inTag) {
        this.#inTag = false;
        this.#fresh = true;
        continue;
      }
      this.found = this.#candidate(text[at] as string);
      if (this.found !== undefined) break;
      if (code > 0x20 && code !== BYTE_ORDER_MARK) this.#fresh = false;
    }
    return at;
  }

  /** What was found turned out to be prose. */
  resume(): void {
    this.#fresh = false;
    this.#inTag = false;
  }

  #candidate(character: string): Candidate | undefined {
    if (character === '{' || character === '[') {
      this.amidWords = !this.#fresh && !this.#inTag;
      return 'container';
    }
    if (this.#fresh && (character === '"' || beginsWord(character))) return 'lone';
    return undefined;
  }
}
