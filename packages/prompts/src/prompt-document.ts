import { DeserializationError, describe } from '@pipewright/core';
import { ChatPromptTemplate } from './chat-prompt-template.js';
import type { Example } from './example-source.js';
import { FewShotPromptTemplate } from './few-shot-prompt-template.js';
import type { MessageTemplateLike } from './message-template-like.js';
import { PromptTemplate } from './prompt-template.js';
import type { TemplateFormat } from './template.js';
import type { VariableValues } from './values.js';

/** A prompt made from a document: which variables it takes is not known to the compiler. */
export type LoadedPrompt = PromptTemplate | ChatPromptTemplate | FewShotPromptTemplate<string, string>;

/**
 * Makes a prompt of plain data, as it stands in the files that LangChain calls prompt files: `_type` is `prompt`, `few_shot`
 * or `chat`, and fields are named as in Python. Only what is known is read: a field that is not, and every field that names
 * a file, is refused.
 *
 * @throws DeserializationError naming the field that is wrong
 * @throws TemplateError when a template is malformed
 *
 * @example
 * ```ts
 * import { promptFromDocument } from '@pipewright/prompts';
 *
 * const prompt = promptFromDocument({
 *   _type: 'prompt',
 *   template: 'Tell me a {tone} joke about {topic}.',
 *   partial_variables: { tone: 'dry' },
 * });
 * const text = await prompt.format({ topic: 'bears' });
 * ```
 */
export function promptFromDocument(document: unknown): LoadedPrompt {
  const fields = new Fields(document, 'document');
  const type = fields.optional('_type', 'string') ?? 'prompt';
  if (type === 'prompt') return textPrompt(fields);
  if (type === 'chat') return chatPrompt(fields);
  if (type === 'few_shot') return fewShotPrompt(fields);
  throw fields.error('_type', `There is no kind ${JSON.stringify(type)}; use prompt, chat or few_shot.`);
}

const COMMON = [
  '_type',
  'name',
  'input_variables',
  'partial_variables',
  'template_format',
  'validate_template',
];

function textPrompt(fields: Fields): PromptTemplate {
  fields.allow([...COMMON, 'template']);
  const template = fields.required('template', 'string');
  return new PromptTemplate<string, string, TemplateFormat>({
    template,
    ...commonOf(fields),
  } as never) as unknown as PromptTemplate;
}

function chatPrompt(fields: Fields): ChatPromptTemplate {
  fields.allow([...COMMON, 'messages']);
  const promptMessages = fields.required('messages', 'list') as readonly MessageTemplateLike[];
  return new ChatPromptTemplate({
    promptMessages,
    ...commonOf(fields),
  } as never) as unknown as ChatPromptTemplate;
}

function fewShotPrompt(fields: Fields): FewShotPromptTemplate<string, string> {
  fields.allow([...COMMON, 'examples', 'example_prompt', 'prefix', 'suffix', 'example_separator']);
  const examples = fields.required('examples', 'list') as readonly Example[];
  const examplePrompt = textPrompt(new Fields(fields.required('example_prompt', 'record'), 'example_prompt'));
  const separator = fields.optional('example_separator', 'string');
  return new FewShotPromptTemplate({
    examples,
    examplePrompt,
    prefix: fields.optional('prefix', 'string') ?? '',
    suffix: fields.optional('suffix', 'string') ?? '',
    ...(separator !== undefined && { exampleSeparator: separator }),
    ...commonOf(fields),
  } as never) as unknown as FewShotPromptTemplate<string, string>;
}

function commonOf(fields: Fields): {
  readonly inputVariables?: readonly string[];
  readonly partialVariables?: VariableValues;
  readonly templateFormat?: TemplateFormat;
} {
  const format = fields.optional('template_format', 'string');
  const inputVariables = fields.optional('input_variables', 'list');
  const partialVariables = fields.optional('partial_variables', 'record');
  if (inputVariables?.some((name) => typeof name !== 'string')) {
    throw fields.error('input_variables', 'It has to be a list of names.');
  }
  return {
    ...(format !== undefined && { templateFormat: format as TemplateFormat }),
    ...(inputVariables !== undefined && { inputVariables: inputVariables as readonly string[] }),
    ...(partialVariables !== undefined && { partialVariables }),
  };
}

interface FieldTypes {
  readonly string: string;
  readonly list: readonly unknown[];
  readonly record: VariableValues;
}

/** The fields of a document, read by what they have to be. */
class Fields {
  readonly #values: VariableValues;

  constructor(
    document: unknown,
    readonly path: string,
  ) {
    if (!isRecord(document)) {
      throw new DeserializationError(
        path,
        `A prompt is an object with a template; this is ${describe(document)}.`,
      );
    }
    this.#values = document;
  }

  allow(names: readonly string[]): void {
    for (const [name, value] of Object.entries(this.#values)) {
      // What is null says nothing; LangChain writes such fields.
      if (names.includes(name) || value === null) continue;
      const isPath = name.endsWith('_path');
      throw this.error(
        name,
        isPath
          ? 'A prompt file does not name other files; write their contents into it.'
          : `There is no field of this name; there are ${names.join(', ')}.`,
      );
    }
  }

  required<Type extends keyof FieldTypes>(name: string, type: Type): FieldTypes[Type] {
    const value = this.optional(name, type);
    if (value === undefined) throw this.error(name, 'It is missing.');
    return value;
  }

  optional<Type extends keyof FieldTypes>(name: string, type: Type): FieldTypes[Type] | undefined {
    const value = Object.hasOwn(this.#values, name) ? this.#values[name] : undefined;
    if (value === undefined || value === null) return undefined;
    const fits =
      type === 'string'
        ? typeof value === 'string'
        : type === 'list'
          ? Array.isArray(value)
          : isRecord(value);
    if (!fits) throw this.error(name, `It has to be a ${type}; it is ${describe(value)}.`);
    return value as FieldTypes[Type];
  }

  error(name: string, reason: string): DeserializationError {
    return new DeserializationError(`${this.path}.${name}`, reason);
  }
}

function isRecord(value: unknown): value is VariableValues {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
