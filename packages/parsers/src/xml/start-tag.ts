import { decoded } from './entities.js';
import { elementOf, type XmlElement } from './xml-tree.js';

export interface StartTag {
  readonly name: string;
  /** As items `{ '@name': value }`, in order. */
  readonly attributes: readonly XmlElement[];
  /** Whether it ends with `/`, and so has no content. */
  readonly closesItself: boolean;
}

/** Reads what stands between `<` and `>`. One pass. */
export function startTag(text: string): StartTag {
  const closesItself = text.endsWith('/');
  const end = closesItself ? text.length - 1 : text.length;
  let at = nameEnd(text, 0, end);
  const name = text.slice(0, at);
  const attributes: XmlElement[] = [];
  for (at = skipSpace(text, at, end); at < end; at = skipSpace(text, at, end)) {
    const key = nameEnd(text, at, end);
    // A character that begins no name, such as a quote too many, is passed over.
    if (key === at) {
      at += 1;
      continue;
    }
    const named = `@${text.slice(at, key)}`;
    const equals = skipSpace(text, key, end);
    if (text[equals] !== '=' || equals >= end) {
      attributes.push(elementOf(named, ''));
      at = key;
      continue;
    }
    const [value, next] = attributeValue(text, skipSpace(text, equals + 1, end), end);
    attributes.push(elementOf(named, decoded(value)));
    at = next;
  }
  return { name, attributes, closesItself };
}

function attributeValue(text: string, at: number, end: number): readonly [string, number] {
  const quote = text[at];
  if (quote !== '"' && quote !== "'") {
    let stop = at;
    while (stop < end && !isSpace(text.charCodeAt(stop))) stop += 1;
    return [text.slice(at, stop), stop];
  }
  const close = text.indexOf(quote, at + 1);
  return close === -1 || close >= end
    ? [text.slice(at + 1, end), end]
    : [text.slice(at + 1, close), close + 1];
}

/** Where the name ends that begins at `at`. */
export function nameEnd(text: string, at: number, end = text.length): number {
  let stop = at;
  while (stop < end && isNameCharacter(text.charCodeAt(stop))) stop += 1;
  return stop;
}

function skipSpace(text: string, at: number, end: number): number {
  let stop = at;
  while (stop < end && isSpace(text.charCodeAt(stop))) stop += 1;
  return stop;
}

export function isSpace(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d);
}

/** A letter, `_`, or anything that is not ASCII. */
export function beginsName(code: number): boolean {
  const lower = code | 0x20;
  return (lower >= 0x61 && lower <= 0x7a) || code === 0x5f || code > 0x7f;
}

function isNameCharacter(code: number): boolean {
  return beginsName(code) || (code >= 0x30 && code <= 0x3a) || code === 0x2d || code === 0x2e;
}
