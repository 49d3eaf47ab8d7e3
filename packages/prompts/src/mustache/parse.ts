import { malformed, scan, type Tag } from './scan.js';

/** A part of a template: text, a value to put in, or a section. */
export type Part = string | ValuePart | SectionPart;

export interface ValuePart {
  readonly path: readonly string[];
  /** The path as it is written. */
  readonly name: string;
}

export interface SectionPart {
  readonly path: readonly string[];
  /** The path as it is written. */
  readonly name: string;
  /** Whether it shows when there is no value, instead of for each. */
  readonly inverted: boolean;
  readonly parts: readonly Part[];
}

/**
 * Takes a mustache template apart.
 *
 * @throws TemplateError for malformed tags and for sections that are not closed, with the position
 * @throws LimitExceededError when sections are nested deeper than 32 levels
 */
export function parse(source: string): readonly Part[] {
  const root: Part[] = [];
  const open: { readonly tag: Tag; readonly parts: Part[] }[] = [];
  let parts = root;
  for (const token of scan(source)) {
    if (typeof token === 'string') {
      addText(parts, token);
    } else if (token.kind === 'value') {
      demandItem(source, token, open.length);
      parts.push({ path: token.path, name: nameOf(token) });
    } else if (token.kind === 'close') {
      const last = open.pop();
      if (last === undefined || nameOf(last.tag) !== nameOf(token)) {
        const expected = last === undefined ? 'no section is open' : `"{{#${nameOf(last.tag)}}}" is open`;
        throw malformed(source, token.position, `"{{/${nameOf(token)}}}" closes nothing: ${expected}`);
      }
      parts = open.at(-1)?.parts ?? root;
    } else {
      demandItem(source, token, open.length);
      const section: SectionPart & { readonly parts: Part[] } = {
        path: token.path,
        name: nameOf(token),
        inverted: token.kind === 'inverted',
        parts: [],
      };
      parts.push(section);
      parts = section.parts;
      open.push({ tag: token, parts });
    }
  }
  const unclosed = open.at(-1)?.tag;
  if (unclosed !== undefined) {
    const sigil = unclosed.kind === 'inverted' ? '^' : '#';
    throw malformed(
      source,
      unclosed.position,
      `The section "{{${sigil}${nameOf(unclosed)}}}" is never closed`,
    );
  }
  return root;
}

/** Lines come one by one. */
function addText(parts: Part[], text: string): void {
  const last = parts.at(-1);
  if (typeof last === 'string') parts[parts.length - 1] = last + text;
  else parts.push(text);
}

function nameOf({ path }: { readonly path: readonly string[] }): string {
  return path.length === 0 ? '.' : path.join('.');
}

function demandItem(source: string, { path, position }: Tag, depth: number): void {
  if (path.length === 0 && depth === 0) {
    throw malformed(source, position, '"{{.}}" is the item of a list, and there is none outside a section');
  }
}
