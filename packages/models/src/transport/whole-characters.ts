/** Text that arrives in pieces, handed on without cutting a character: half of a surrogate pair waits for the other. */
export class WholeCharacters {
  #held = '';

  push(text: string): string {
    const all = this.#held + text;
    const last = all.charCodeAt(all.length - 1);
    this.#held = last >= 0xd800 && last <= 0xdbff ? all.slice(-1) : '';
    return this.#held === '' ? all : all.slice(0, -1);
  }

  /** What is left at the end: half a character whose other half never came. */
  end(): string {
    const rest = this.#held;
    this.#held = '';
    return rest;
  }
}
