const MEANT: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);
const DIGITS = 4;

/** What is behind a backslash in a JSON text, character by character. */
export class JsonEscape {
  #code = 0;
  /** Hexadecimal digits that are still to come; undefined before the first character. */
  #left: number | undefined;
  /** What is wrong with it, once a character was refused. */
  problem = '';

  begin(): void {
    this.#left = undefined;
    this.#code = 0;
  }

  /** Takes one character. Gives what the escape means once it is whole, '' before that, undefined when it is none. */
  read(character: string): string | undefined {
    if (this.#left === undefined) {
      if (character === 'u') {
        this.#left = DIGITS;
        return '';
      }
      this.problem = 'There is no such escape in JSON';
      return MEANT.get(character);
    }
    const digit = hexDigit(character.charCodeAt(0));
    this.problem = 'Expected four hexadecimal digits after "\\u"';
    if (digit === -1) return undefined;
    this.#code = this.#code * 16 + digit;
    this.#left -= 1;
    return this.#left === 0 ? String.fromCharCode(this.#code) : '';
  }
}

function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
