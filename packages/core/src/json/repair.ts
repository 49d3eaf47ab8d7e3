/** Mends JSON text; throws when it cannot. `jsonrepair` is one. */
export type Repair = (text: string) => string;

const FENCE = '```';

/** What a repair makes of the part of an answer that is meant to be JSON: one or two attempts, as they are asked for. */
export function* repaired(text: string, repair: Repair): Generator<string> {
  const [start, end] = extent(text);
  // Words after the value keep a repair from working, and a value that is cut off has no last bracket to end at.
  const lastBracket = Math.max(text.lastIndexOf('}', end), text.lastIndexOf(']', end)) + 1;
  for (const stop of lastBracket > start && lastBracket < end ? [lastBracket, end] : [end]) {
    let mended: string;
    try {
      mended = repair(text.slice(start, stop));
    } catch {
      continue;
    }
    yield mended;
  }
}

/** From the first bracket, or the first code fence if that stands before it, to the end or the closing fence. */
function extent(text: string): readonly [number, number] {
  const brace = text.indexOf('{');
  const bracket = text.indexOf('[');
  const first = brace === -1 || (bracket !== -1 && bracket < brace) ? bracket : brace;
  const fence = text.indexOf(FENCE);
  const fenced = fence !== -1 && (first === -1 || fence < first);
  const start = first === -1 ? (fenced ? text.indexOf('\n', fence) + 1 : 0) : first;
  const closing = fenced ? text.lastIndexOf(FENCE) : -1;
  return [start, closing > start ? closing : text.length];
}
