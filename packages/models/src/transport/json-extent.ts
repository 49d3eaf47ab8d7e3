/** Follows JSON text that arrives in pieces, to tell whether its object or array has been closed. Linear in the text. */
export class JsonExtent {
  #depth = 0;
  #opened = false;
  #inString = false;
  #escaped = false;

  /** Whether everything that was opened has been closed again. */
  get closed(): boolean {
    return this.#opened && this.#depth === 0;
  }

  push(text: string): this {
    for (const character of text) {
      if (this.#escaped) this.#escaped = false;
      else if (this.#inString) this.#pushInString(character);
      else if (character === '"') this.#inString = true;
      else if (character === '{' || character === '[') {
        this.#opened = true;
        this.#depth += 1;
      } else if (character === '}' || character === ']') this.#depth -= 1;
    }
    return this;
  }

  #pushInString(character: string): void {
    if (character === '\\') this.#escaped = true;
    else if (character === '"') this.#inString = false;
  }
}
