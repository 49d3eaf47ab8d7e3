import type { SyncMachine } from '@pipewright/core';

/** Text between separators, whole, as soon as the separator behind it is there. The last one comes at the end. */
export class SeparatorMachine implements SyncMachine<string, string> {
  readonly #separator: string;
  #item = '';
  /** The end of the text so far, which may hold the beginning of a separator. */
  #tail = '';

  constructor(separator: string) {
    this.#separator = separator;
  }

  push(text: string): readonly string[] {
    const items: string[] = [];
    const window = this.#tail + text;
    let start = 0;
    for (let end = this.#next(window, 0); end !== -1; end = this.#next(window, start)) {
      items.push(this.#item + window.slice(start, end));
      this.#item = '';
      start = end + this.#separator.length;
    }
    const kept = Math.max(start, window.length - this.#separator.length + 1);
    this.#item += window.slice(start, kept);
    this.#tail = window.slice(kept);
    return items;
  }

  end(): readonly string[] {
    return [this.#item + this.#tail];
  }

  #next(window: string, from: number): number {
    return window.indexOf(this.#separator, from);
  }
}
