import { INDENT, print } from './terminal.js';

/** A word that would end after this column goes to the next line. */
const WORDS_END = 72;
/** A word that arrives in pieces may grow past it, up to this column. */
const LINE_END = 79;

/** Prints a text, on several lines where one is not enough. `mark` stands before the first. */
export function say(text: string, mark?: string): void {
  const paragraph = new Paragraph(mark);
  paragraph.write(text);
  paragraph.end();
}

/** Text that arrives in pieces: shown as it comes, and wrapped on the way. */
export class Paragraph {
  #margin: string;
  readonly #hanging: string;
  #column = 0;
  #shown = '';

  constructor(mark = '') {
    this.#margin = INDENT + mark;
    this.#hanging = INDENT + ' '.repeat(mark.length);
  }

  write(piece: string): void {
    for (const [part] of piece.matchAll(/\n|[^\S\n]*\S+|[^\S\n]+/g)) this.#place(part);
    print(this.#shown);
    this.#shown = '';
  }

  end(): void {
    if (this.#column > 0) this.write('\n');
  }

  #place(part: string): void {
    if (part === '\n') {
      this.#break();
      return;
    }
    // A model's text may hold anything; a control character would be obeyed by the terminal.
    let word = part.replaceAll(/\p{Cc}/gu, ' ');
    if (word.startsWith(' ') && this.#column + word.length > WORDS_END) this.#break();
    if (this.#column === 0) word = word.trimStart();
    for (const character of word) this.#add(character);
  }

  #add(character: string): void {
    // Chinese characters, for one, are two columns wide.
    const width = character > '\u10ff' ? 2 : 1;
    if (this.#column + width > LINE_END) this.#break();
    if (this.#column === 0) {
      this.#shown += this.#margin;
      this.#column = this.#margin.length;
    }
    this.#shown += character;
    this.#column += width;
  }

  #break(): void {
    this.#shown += '\n';
    this.#column = 0;
    this.#margin = this.#hanging;
  }
}
