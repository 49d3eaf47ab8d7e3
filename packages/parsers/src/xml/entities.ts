const NAMED: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);

/** The longest reference there is: `&#x10FFFF;`. */
const LONGEST_REFERENCE = 10;

/** The character that a reference stands for, given without `&` and `;`. Undefined when there is no such reference. */
function referenced(name: string): string | undefined {
  if (!name.startsWith('#')) return NAMED.get(name);
  const isHex = name[1] === 'x' || name[1] === 'X';
  const digits = name.slice(isHex ? 2 : 1);
  const code = allDigits(digits, isHex) ? Number.parseInt(digits, isHex ? 16 : 10) : 0;
  const isCharacter = code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
  return isCharacter ? String.fromCodePoint(code) : undefined;
}

function allDigits(text: string, isHex: boolean): boolean {
  for (const digit of text) {
    const isDigit = (digit >= '0' && digit <= '9') || (isHex && 'abcdefABCDEF'.includes(digit));
    if (!isDigit) return false;
  }
  return text !== '';
}

/**
 * Text with its references (the five of XML, and characters by number) replaced, once and in one pass: what they stand
 * for is not read again, and is never longer than they are. Anything else with `&` stays as it is.
 */
export function decoded(text: string): string {
  let at = text.indexOf('&');
  if (at === -1) return text;
  let result = '';
  let from = 0;
  for (; at !== -1; at = text.indexOf('&', at + 1)) {
    const end = text.slice(at, at + LONGEST_REFERENCE).indexOf(';');
    const character = end === -1 ? undefined : referenced(text.slice(at + 1, at + end));
    if (character === undefined) continue;
    result += text.slice(from, at) + character;
    from = at + end + 1;
  }
  return result + text.slice(from);
}

/** Where text ends that may be decoded now: before a reference that is still arriving. */
export function decodableEnd(text: string): number {
  const at = text.lastIndexOf('&');
  const mayGoOn = at !== -1 && text.length - at < LONGEST_REFERENCE && !text.includes(';', at);
  return mayGoOn ? at : text.length;
}
