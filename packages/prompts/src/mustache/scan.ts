import { LimitExceededError, type TemplateError } from '@pipewright/core';
import { characterAt, templateError } from '../template-error.js';
import { endOfName } from '../variable-name.js';

/** What stands in double braces. */
export interface Tag {
  readonly kind: 'value' | 'section' | 'inverted' | 'close';
  /** The names that lead to a value, one inside the other; none for `.`, the item at hand. */
  readonly path: readonly string[];
  /** Where its braces begin. */
  readonly position: number;
}

/** A piece of text, or a tag. */
export type Token = string | Tag;

const MAX_DEPTH = 32;

const REMEDY =
  'Write {{name}} or {{name.part}} for a value, {{#name}}…{{/name}} for a section, {{^name}}…{{/name}} for one that ' +
  'shows when there is no value, {{! …}} for a remark.';

export function malformed(source: string, position: number, problem: string): TemplateError {
  return templateError(source, position, problem, REMEDY);
}

/**
 * Cuts a template into texts and tags; remarks are left out. A line that holds sections and remarks only, besides white
 * space, leaves nothing of itself. One pass, linear.
 *
 * @throws TemplateError for a malformed tag, with its position
 * @throws LimitExceededError when sections are nested deeper than 32 levels
 */
export function scan(source: string): readonly Token[] {
  const tokens: Token[] = [];
  const line = new Line(tokens);
  let at = 0;
  let depth = 0;
  for (;;) {
    const open = source.indexOf('{{', at);
    line.text(source.slice(at, open === -1 ? source.length : open));
    if (open === -1) break;
    const { tag, end } = readTag(source, open);
    line.tag(tag);
    if (tag?.kind === 'close') depth -= 1;
    else if (tag !== undefined && tag.kind !== 'value') depth += 1;
    if (depth > MAX_DEPTH) throw tooDeep(open);
    at = end;
  }
  line.end();
  return tokens;
}

function tooDeep(position: number): LimitExceededError {
  return new LimitExceededError(
    'sectionDepth',
    MAX_DEPTH,
    `The section at position ${position} of the template is nested deeper than ${MAX_DEPTH} levels.`,
  );
}

/** The line being read: where its tokens begin, and what it has so far. */
class Line {
  #from = 0;
  #hasTag = false;
  #shows = false;

  constructor(readonly tokens: Token[]) {}

  text(text: string): void {
    for (let from = 0; from < text.length; ) {
      const newline = text.indexOf('\n', from);
      const to = newline === -1 ? text.length : newline + 1;
      const piece = text.slice(from, to);
      this.tokens.push(piece);
      this.#shows ||= /\S/.test(piece);
      if (newline !== -1) this.end();
      from = to;
    }
  }

  tag(tag: Tag | undefined): void {
    this.#hasTag = true;
    if (tag === undefined) return;
    this.tokens.push(tag);
    this.#shows ||= tag.kind === 'value';
  }

  end(): void {
    if (this.#hasTag && !this.#shows) {
      const tags = this.tokens.splice(this.#from).filter((token) => typeof token !== 'string');
      for (const tag of tags) this.tokens.push(tag);
    }
    this.#from = this.tokens.length;
    this.#hasTag = false;
    this.#shows = false;
  }
}

const KIND_OF: ReadonlyMap<string, Tag['kind']> = new Map<string, Tag['kind']>([
  ['{', 'value'],
  ['&', 'value'],
  ['#', 'section'],
  ['^', 'inverted'],
  ['/', 'close'],
]);

const WHITE_SPACE = /\s/;

/** Reads the tag whose braces begin at `position`. A remark is none. */
function readTag(source: string, position: number): { readonly tag: Tag | undefined; readonly end: number } {
  let from = position + '{{'.length;
  const isTriple = source[from] === '{';
  while (WHITE_SPACE.test(source[from] ?? '')) from += 1;
  const sigil = source[from] ?? '';
  const closing = isTriple ? '}}}' : '}}';
  const close = source.indexOf(closing, isTriple ? from + 1 : from);
  if (close === -1) throw malformed(source, position, `The "${isTriple ? '{{{' : '{{'}" is never closed`);
  const end = close + closing.length;
  if (sigil === '!') return { tag: undefined, end };
  if (sigil === '>') throw malformed(source, position, 'Templates inside others ("{{>") are not supported');
  if (sigil === '=') throw malformed(source, position, 'Other braces ("{{=") are not supported');
  const kind = KIND_OF.get(sigil);
  const path = readPath(source, kind === undefined ? from : from + 1, close);
  return { tag: { kind: kind ?? 'value', path, position }, end };
}

/** The names between two places, with white space around them at most. */
function readPath(source: string, from: number, to: number): readonly string[] {
  let at = from;
  const skip = (): void => {
    while (at < to && WHITE_SPACE.test(source[at] as string)) at += 1;
  };
  skip();
  const path: string[] = [];
  if (source[at] === '.' && at < to) at += 1;
  else {
    for (;;) {
      const end = Math.min(endOfName(source, at), to);
      if (end === at) break;
      path.push(source.slice(at, end));
      at = end;
      if (source[at] !== '.' || at >= to) break;
      at += 1;
      if (at === to) throw malformed(source, at - 1, 'A name ends with a "."');
    }
    if (path.length === 0 && at === to) throw malformed(source, from, 'The braces name no variable');
  }
  skip();
  if (at < to) {
    const found = JSON.stringify(characterAt(source, at));
    throw malformed(source, at, `Unexpected ${found} in a variable name`);
  }
  return path;
}
