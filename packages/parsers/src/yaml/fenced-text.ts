const FENCE = '```';

/**
 * The text inside the first code fence, or the whole text without one. A fence counts at the start of a line only; one
 * that is never closed goes to the end.
 */
export function fencedText(text: string): { readonly text: string; readonly start: number } {
  const open = lineStart(text, 0);
  if (open === -1) return { text, start: 0 };
  const start = text.indexOf('\n', open) + 1;
  if (start === 0) return { text, start: 0 };
  const close = lineStart(text, start);
  return { text: text.slice(start, close === -1 ? text.length : close), start };
}

/** Where the first line at or behind `from` begins that has a fence. */
function lineStart(text: string, from: number): number {
  if (text.startsWith(FENCE, from)) return from;
  const found = text.indexOf(`\n${FENCE}`, from);
  return found === -1 ? -1 : found + 1;
}
