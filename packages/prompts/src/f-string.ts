import type { TemplateError } from '@pipewright/core';
import type { PromptVariable } from './input-reader.js';
import { checkOutput } from './output-limit.js';
import { characterAt, templateError } from './template-error.js';
import type { Template } from './template.js';
import { textOf } from './text-value.js';
import type { VariableValues } from './values.js';
import { endOfName } from './variable-name.js';

/**
 * Takes an f-string apart: `{name}` is a variable, `{{` and `}}` are braces, all else is text. One pass, linear.
 *
 * @throws TemplateError for a brace that is neither, with its position
 */
export function compileFString(source: string): Template {
  const texts: string[] = [];
  const names: string[] = [];
  let text = '';
  let copied = 0;
  let at = 0;
  while (at < source.length) {
    const character = source[at];
    if (character !== '{' && character !== '}') {
      at += 1;
    } else if (source[at + 1] === character) {
      text += source.slice(copied, at + 1);
      at += 2;
      copied = at;
    } else {
      const end = endOfName(source, at + 1);
      if (character === '}' || end === at + 1 || source[end] !== '}') throw malformed(source, at, end);
      texts.push(text + source.slice(copied, at));
      names.push(source.slice(at + 1, end));
      text = '';
      at = end + 1;
      copied = at;
    }
  }
  texts.push(text + source.slice(copied));
  return new FString(texts, names);
}

/** Texts with variables between them: one text more than there are names. */
class FString implements Template {
  readonly variables: readonly PromptVariable[];

  constructor(
    readonly texts: readonly string[],
    readonly names: readonly string[],
  ) {
    this.variables = [...new Set(names)].map((name) => ({ name }));
  }

  fill(values: VariableValues): string {
    const { texts, names } = this;
    let filled = texts[0] as string;
    for (let index = 0; index < names.length; index += 1) {
      const name = names[index] as string;
      filled += textOf(values[name], name) + (texts[index + 1] as string);
      checkOutput(filled.length);
    }
    return filled;
  }
}

const REMEDY =
  'A variable is written {name}, with letters, digits and underscores only; a brace of the text itself is doubled: {{ or }}.';

/** Says what is wrong with the brace at `brace`, whose name, if it has one, ends at `end`. */
function malformed(source: string, brace: number, end: number): TemplateError {
  const found = characterAt(source, end);
  const at = (position: number, problem: string): TemplateError =>
    templateError(source, position, problem, REMEDY);
  if (source[brace] === '}') return at(brace, 'A single "}" closes nothing');
  if (found === undefined) return at(brace, 'The "{" is never closed');
  if (found === '}') return at(brace, 'The "{}" names no variable');
  return at(end, `Unexpected ${JSON.stringify(found)} in a variable name`);
}

/**
 * Writes a text so that a template containing it shows it as it is: braces are doubled. For text that must be joined into a
 * template; the better place for it is a variable, whose value needs no escaping.
 *
 * @example
 * ```ts
 * import { escapeTemplate, PromptTemplate } from '@pipewright/prompts';
 *
 * const prompt = PromptTemplate.fromTemplate(`${escapeTemplate('{"a": 1}')} Explain this JSON.`);
 * const text = await prompt.format({});
 * ```
 */
export function escapeTemplate(text: string): string {
  return text.replaceAll('{', '{{').replaceAll('}', '}}');
}
