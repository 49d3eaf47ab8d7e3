const ZERO = 48;
const NINE = 57;

/** The number that a text is in JSON; undefined when it is none. One pass, no regular expression. */
export function jsonNumber(text: string): number | undefined {
  let index = text[0] === '-' ? 1 : 0;
  const whole = digits(text, index);
  if (whole === index || (whole > index + 1 && text.charCodeAt(index) === ZERO)) return undefined;
  index = whole;
  if (text[index] === '.') {
    const fraction = digits(text, index + 1);
    if (fraction === index + 1) return undefined;
    index = fraction;
  }
  if (text[index] === 'e' || text[index] === 'E') {
    const sign = text[index + 1] === '+' || text[index + 1] === '-' ? 1 : 0;
    const exponent = digits(text, index + 1 + sign);
    if (exponent === index + 1 + sign) return undefined;
    index = exponent;
  }
  return index === text.length ? Number(text) : undefined;
}

/** The end of the digits that begin at `index`. */
function digits(text: string, index: number): number {
  let end = index;
  while (end < text.length && text.charCodeAt(end) >= ZERO && text.charCodeAt(end) <= NINE) end += 1;
  return end;
}
