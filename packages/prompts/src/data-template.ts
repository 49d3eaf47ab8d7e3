import { LimitExceededError } from '@pipewright/core';
import type { PromptVariable } from './input-reader.js';
import { isPlainObject } from './plain-object.js';
import { compileTemplate, type Template, type TemplateFormat } from './template.js';
import type { VariableValues } from './values.js';

const MAX_DEPTH = 32;

/**
 * Takes plain data apart, every text in it being a template. Filled in, the data is built anew each time, so that nobody
 * can change the prompt through it; what is no text, array or plain object is kept as it is.
 *
 * @throws LimitExceededError when the data is nested deeper than 32 levels, as circular data is
 */
export function compileData(data: unknown, format: TemplateFormat = 'f-string'): Template<unknown> {
  const variables: PromptVariable[] = [];
  const fill = compileNode(data, { format, variables }, 0);
  return { variables, fill };
}

type Fill = (values: VariableValues) => unknown;

interface Compilation {
  readonly format: TemplateFormat;
  /** Those found so far. */
  readonly variables: PromptVariable[];
}

function compileNode(node: unknown, compilation: Compilation, depth: number): Fill {
  if (depth > MAX_DEPTH) {
    throw new LimitExceededError(
      'templateDepth',
      MAX_DEPTH,
      `The content of a prompt is nested deeper than ${MAX_DEPTH} levels. Pass deep data as a variable.`,
    );
  }
  if (typeof node === 'string') {
    const template = compileTemplate(node, compilation.format);
    for (const variable of template.variables) compilation.variables.push(variable);
    return (values) => template.fill(values);
  }
  if (Array.isArray(node)) {
    const items = node.map((item) => compileNode(item, compilation, depth + 1));
    return (values) => items.map((fill) => fill(values));
  }
  if (isPlainObject(node)) {
    const entries = Object.entries(node).map(
      ([key, value]) => [key, compileNode(value, compilation, depth + 1)] as const,
    );
    return (values) => Object.fromEntries(entries.map(([key, fill]) => [key, fill(values)]));
  }
  return () => node;
}
