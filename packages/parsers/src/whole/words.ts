/** The words of a text: what stands between anything but letters, digits and `_`. One pass. */
export function* wordsOf(text: string): Generator<string> {
  let start = 0;
  for (let at = 0; at <= text.length; at += 1) {
    if (at < text.length && isInWord(text.charCodeAt(at))) continue;
    if (at > start) yield text.slice(start, at);
    start = at + 1;
  }
}

/** Everything that is not ASCII counts as a letter. */
function isInWord(code: number): boolean {
  const lower = code | 0x20;
  return (code >= 0x30 && code <= 0x39) || (lower >= 0x61 && lower <= 0x7a) || code === 0x5f || code > 0x7f;
}
