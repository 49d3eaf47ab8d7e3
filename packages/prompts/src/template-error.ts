import { TemplateError } from '@pipewright/core';

const EXCERPT_REACH = 20;

/** Says what is wrong with a template and where, with what stands around it; `remedy` says how it is written right. */
export function templateError(
  source: string,
  position: number,
  problem: string,
  remedy: string,
): TemplateError {
  const from = Math.max(0, position - EXCERPT_REACH);
  const to = Math.min(source.length, position + EXCERPT_REACH);
  const excerpt = `${from > 0 ? '…' : ''}${source.slice(from, to)}${to < source.length ? '…' : ''}`;
  return new TemplateError(
    `${problem}, at position ${position} of the template: ${JSON.stringify(excerpt)}. ${remedy}`,
    source,
    position,
  );
}

/** The character at a position, for a message; a pair of surrogates is one. */
export function characterAt(source: string, position: number): string | undefined {
  const codePoint = source.codePointAt(position);
  return codePoint === undefined ? undefined : String.fromCodePoint(codePoint);
}
