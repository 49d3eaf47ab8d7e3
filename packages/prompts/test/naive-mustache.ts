// What a mustache template means, written down as simply as it can be said: no scanning, no compiling, maps for objects.

export type Piece =
  | { readonly text: string }
  | { readonly value: readonly string[] }
  | { readonly section: readonly string[]; readonly inverted: boolean; readonly pieces: readonly Piece[] };

/** The template that a tree of pieces is written as. A text never makes a tag or a line of tags only. */
export function sourceOf(piece: Piece): string {
  if ('text' in piece) return shown(piece.text);
  if ('value' in piece) return `{{${piece.value.join('.')}}}`;
  const name = piece.section.join('.');
  const inside = piece.pieces.map(sourceOf).join('');
  return `.{{${piece.inverted ? '^' : '#'}${name}}}${inside}.{{/${name}}}`;
}

/** The text, or undefined when it must be refused. */
export function renderNaively(pieces: readonly Piece[], values: object): string | undefined {
  try {
    return pieces.map((piece) => rendered(piece, [mapped(values)])).join('');
  } catch (error) {
    if (error === MISSING) return undefined;
    throw error;
  }
}

const MISSING = Symbol('missing');

/** Surrounded by what is no brace and no white space. */
const shown = (text: string): string => `<${text.replaceAll('{', '(')}>`;

function rendered(piece: Piece, stack: readonly unknown[]): string {
  if ('text' in piece) return shown(piece.text);
  if ('value' in piece) {
    const value = lookedUp(piece.value, stack);
    if (value === undefined) throw MISSING;
    return value instanceof Map || Array.isArray(value) ? JSON.stringify(plain(value)) : `${value as string}`;
  }
  const value = lookedUp(piece.section, stack);
  const shows = Array.isArray(value) ? value.length > 0 : Boolean(value);
  const pass = (item: unknown): string =>
    `${piece.pieces.map((each) => rendered(each, [item, ...stack])).join('')}.`;
  const items = Array.isArray(value) ? value : [value];
  if (piece.inverted) return `.${shows ? '' : pass(undefined)}`;
  return `.${shows ? items.map(pass).join('') : ''}`;
}

/** Objects as maps, which inherit nothing. */
function mapped(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(mapped);
  if (typeof value !== 'object' || value === null) return value;
  return new Map(Object.entries(value).map(([key, inner]) => [key, mapped(inner)]));
}

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (!(value instanceof Map)) return value;
  return Object.fromEntries([...value].map(([key, inner]) => [key, plain(inner)]));
}

function lookedUp([root, ...path]: readonly string[], stack: readonly unknown[]): unknown {
  const holder = stack.find((item) => item instanceof Map && item.get(root) !== undefined);
  let value: unknown = (holder as Map<unknown, unknown> | undefined)?.get(root);
  for (const name of path) value = value instanceof Map ? (value.get(name) as unknown) : undefined;
  return value;
}
