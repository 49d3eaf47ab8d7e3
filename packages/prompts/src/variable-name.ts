// A variable name is what JavaScript and Python both call an identifier, without `$`: a letter or underscore, then
// letters, digits, marks and underscores, by Unicode's ID_Start and ID_Continue. Names are compared exactly as written.

/** Where the name that begins at `from` ends; `from` itself when no name begins there. */
export function endOfName(text: string, from: number): number {
  let at = from;
  while (at < text.length) {
    const codePoint = text.codePointAt(at) as number;
    if (!(at === from ? startsName(codePoint) : continuesName(codePoint))) break;
    at += codePoint > 0xffff ? 2 : 1;
  }
  return at;
}

export function isVariableName(text: string): boolean {
  return text !== '' && endOfName(text, 0) === text.length;
}

const UNDERSCORE = 0x5f;
const LAST_ASCII = 0x7f;
const LOWER_CASE_BIT = 0x20;

// The Unicode tables are reached one character at a time and only beyond ASCII; no expression ever runs over a template.
const ID_START = /^\p{ID_Start}$/u;
const ID_CONTINUE = /^\p{ID_Continue}$/u;

function startsName(codePoint: number): boolean {
  if (codePoint > LAST_ASCII) return ID_START.test(String.fromCodePoint(codePoint));
  const lower = codePoint | LOWER_CASE_BIT;
  return (lower >= 0x61 && lower <= 0x7a) || codePoint === UNDERSCORE;
}

function continuesName(codePoint: number): boolean {
  if (codePoint > LAST_ASCII) return ID_CONTINUE.test(String.fromCodePoint(codePoint));
  return startsName(codePoint) || (codePoint >= 0x30 && codePoint <= 0x39);
}
