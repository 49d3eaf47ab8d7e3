import type { SyncMachine } from '@pipewright/core';

/** Where in an item the reader is: before it, in it, in its quotes, or behind a quote that may be one of a pair. */
type Place = 'before' | 'in' | 'quoted' | 'after quote';

/**
 * Items between commas or line breaks, in the way of CSV: white space around an item is no part of it, and an item in
 * double quotes may hold commas, line breaks and, written twice, quotes. Nothing stands for an item between two commas,
 * but nothing at the end of a line is none.
 */
export class CommaMachine implements SyncMachine<string, string[]> {
  #place: Place = 'before';
  #item = '';
  /** White space that belongs to the item only if more of it follows. */
  #gap = '';
  #items: string[] = [];

  push(text: string): readonly string[][] {
    let at = 0;
    while (at < text.length)
      at = this.#place === 'quoted' ? this.#readQuoted(text, at) : this.#readPlain(text, at);
    return this.#given();
  }

  end(): readonly string[][] {
    this.#endLine();
    return this.#given();
  }

  /** Everything up to the next quote, at once. */
  #readQuoted(text: string, start: number): number {
    const end = text.indexOf('"', start);
    this.#item += text.slice(start, end === -1 ? text.length : end);
    if (end === -1) return text.length;
    this.#place = 'after quote';
    return end + 1;
  }

  #readPlain(text: string, at: number): number {
    const character = text[at] as string;
    if (character === '"' && this.#place !== 'in') {
      if (this.#place === 'after quote') this.#item += '"';
      this.#place = 'quoted';
    } else if (character === ',') {
      this.#items.push(this.#item);
      this.#startItem();
    } else if (character === '\n') {
      this.#endLine();
    } else if (isSpace(character)) {
      if (this.#place !== 'before') this.#gap += character;
      if (this.#place === 'after quote') this.#place = 'in';
    } else {
      this.#item += this.#gap + character;
      this.#gap = '';
      this.#place = 'in';
    }
    return at + 1;
  }

  #endLine(): void {
    if (this.#place !== 'before') this.#items.push(this.#item);
    this.#startItem();
  }

  #startItem(): void {
    this.#place = 'before';
    this.#item = '';
    this.#gap = '';
  }

  #given(): readonly string[][] {
    const items = this.#items.map((item) => [item]);
    this.#items = [];
    return items;
  }
}

function isSpace(character: string): boolean {
  return character.trim() === '';
}
