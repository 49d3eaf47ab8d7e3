import { isPromise, LimitExceededError, PromptInputError } from '@pipewright/core';
import type { PromptVariable } from '../input-reader.js';
import { checkOutput } from '../output-limit.js';
import type { Template } from '../template.js';
import { textOf } from '../text-value.js';
import { parse, type Part, type SectionPart, type ValuePart } from './parse.js';
import { find, type Scope } from './scope.js';

/** How often sections may be gone through: sections over one list, one inside the other, multiply. */
const MAX_PASSES = 1_000_000;

/**
 * Takes a mustache template apart: values, also by dotted names, sections over lists, objects and truths, inverted sections
 * and remarks. Nothing is escaped as HTML; there are no templates inside others, and functions are never called.
 *
 * @throws TemplateError when it is malformed
 * @throws LimitExceededError when sections are nested deeper than 32 levels
 */
export function compileMustache(source: string): Template {
  const parts = parse(source);
  return {
    variables: variablesOf(parts, false),
    fill: (values) => new Filling().parts(parts, { item: values, outer: undefined }),
  };
}

/** A value outside of sections is required. What a section is about may be missing, and what is inside may be its own. */
function variablesOf(parts: readonly Part[], inSection: boolean): PromptVariable[] {
  const variables: PromptVariable[] = [];
  for (const part of parts) {
    if (typeof part === 'string') continue;
    const [name] = part.path;
    const isSection = 'parts' in part;
    if (name !== undefined) variables.push({ name, optional: inSection || isSection });
    if (isSection) for (const inner of variablesOf(part.parts, true)) variables.push(inner);
  }
  return variables;
}

/** One filling-in, which counts what it makes. */
class Filling {
  #length = 0;
  #passes = 0;

  parts(parts: readonly Part[], scope: Scope): string {
    let filled = '';
    for (const part of parts) {
      if (typeof part !== 'string' && 'parts' in part) {
        filled += this.#section(part, scope);
        continue;
      }
      const text = typeof part === 'string' ? part : valueOf(part, scope);
      filled += text;
      this.#length += text.length;
      checkOutput(this.#length);
    }
    return filled;
  }

  #section(section: SectionPart, scope: Scope): string {
    const value = sectionValue(section, scope);
    if (isNothing(value)) return section.inverted ? this.#pass(section, scope) : '';
    if (section.inverted) return '';
    if (value === true) return this.#pass(section, scope);
    if (!Array.isArray(value)) return this.#pass(section, { item: value, outer: scope });
    let filled = '';
    for (const item of value as readonly unknown[]) filled += this.#pass(section, { item, outer: scope });
    return filled;
  }

  #pass(section: SectionPart, scope: Scope): string {
    this.#passes += 1;
    if (this.#passes > MAX_PASSES) {
      throw new LimitExceededError(
        'sectionPasses',
        MAX_PASSES,
        `The sections of the template were gone through more than ${MAX_PASSES} times. Pass shorter lists.`,
      );
    }
    return this.parts(section.parts, scope);
  }
}

function valueOf({ path, name }: ValuePart, scope: Scope): string {
  const value = find(path, scope);
  if (value !== undefined) return textOf(value, name);
  throw new PromptInputError(
    [name],
    `Missing prompt variable: ${JSON.stringify(name)}. Neither the item of the section nor the input has it; ` +
      `where it may be missing, write {{#${name}}}…{{/${name}}} around it.`,
  );
}

function sectionValue(section: SectionPart, scope: Scope): unknown {
  const value = find(section.path, scope);
  if (typeof value !== 'function' && !isPromise(value)) return value;
  throw new PromptInputError(
    [],
    `The prompt variable "${section.name}" is ${typeof value === 'function' ? 'a function' : 'a promise'}. ` +
      'Pass a value, or set a function with partial().',
  );
}

/** What a section does not show for: no value, false, zero, no text, an empty list. */
function isNothing(value: unknown): boolean {
  return !value || (Array.isArray(value) && value.length === 0);
}
