import { ConfigError } from '../errors.js';
import type { DeepPartial } from '../json/deep-partial.js';
import type { AIMessageChunk } from '../messages/ai-chunk.js';
import type { AIMessage } from '../messages/ai.js';
import { RunnableSequence, type Runnable } from '../runnable.js';
import {
  isStandardSchema,
  toJsonSchema,
  type JsonSchema,
  type Schema,
  type SchemaOutput,
} from '../schema.js';
import type { ChatModelInput } from './chat-model.js';
import { toolParameters } from '../tools/tool-parameters.js';
import { closedSchema } from './closed-schema.js';
import { formRequest, type FormRequest } from './form-request.js';
import { StructuredReader, type StructuredMethod } from './structured-reader.js';

export interface StructuredOutputOptions {
  /**
   * How the model is asked for the form: by the schema of its answer (`jsonSchema`, the default), by a tool that takes
   * the value as its arguments (`functionCalling`), or for any JSON (`jsonMode`; say in the prompt what it has to hold).
   */
  readonly method?: StructuredMethod;
  /** Name of the schema or tool, for the provider. Default: the schema's title, else `extract`. */
  readonly name?: string;
  /** Gives the message beside the value, and a value that cannot be had as an error beside it. Default false. */
  readonly includeRaw?: boolean;
  /** Asks the provider to hold the model to the schema. Default: as the provider does without being told. */
  readonly strict?: boolean;
}

/** What `includeRaw` gives: the message, and either the value or why there is none. */
export type StructuredResult<Out> =
  | { readonly raw: AIMessage; readonly parsed: Out; readonly parsing_error: null }
  | { readonly raw: AIMessage; readonly parsed: null; readonly parsing_error: Error };

/** What streams with `includeRaw`: pieces of the message, partial values, and at the end the value or the error. */
export type StructuredChunk<Out> = {
  readonly raw?: AIMessage;
  readonly parsed?: DeepPartial<Out> | null;
  readonly parsing_error?: Error | null;
};

/** A chat model whose answers are read and validated; see `BaseChatModel.withStructuredOutput`. */
export function structuredOutput<S extends Schema>(
  model: Runnable<ChatModelInput, AIMessage, AIMessageChunk>,
  schema: S,
  options: StructuredOutputOptions = {},
): Runnable<ChatModelInput, SchemaOutput<S>, DeepPartial<SchemaOutput<S>>> {
  const { method = 'jsonSchema', includeRaw = false } = options;
  const written = method === 'jsonMode' && isStandardSchema(schema) ? {} : toJsonSchema(schema, options.name);
  const name = options.name ?? nameOf(written);
  const reader = new StructuredReader({ schema, method, name, includeRaw });
  const asked = model.with(formRequest(request(written, method, name, options)));
  return new RunnableSequence({ steps: [asked, reader] });
}

/** What the model is asked for. */
function request(
  written: JsonSchema,
  method: StructuredMethod,
  name: string,
  { strict }: StructuredOutputOptions,
): FormRequest {
  if (method === 'jsonMode') return { response_format: { type: 'json_object' } };
  const { json: taken } = method === 'functionCalling' ? toolParameters(written) : { json: written };
  const json = strict === true ? closedSchema(taken) : taken;
  const told = {
    name,
    ...(typeof written.description === 'string' && { description: written.description }),
    ...(strict !== undefined && { strict }),
  };
  if (method === 'jsonSchema') {
    return { response_format: { type: 'json_schema', json_schema: { ...told, schema: json } } };
  }
  if (method === 'functionCalling') {
    return {
      tools: [{ type: 'function', function: { ...told, parameters: json } }],
      tool_choice: { type: 'function', function: { name } },
    };
  }
  throw new ConfigError(
    'method',
    `There is no method ${JSON.stringify(method)}; use 'jsonSchema', 'functionCalling' or 'jsonMode'.`,
  );
}

const LONGEST_NAME = 64;

/** The schema's title in the letters that providers take. */
function nameOf({ title }: JsonSchema): string {
  if (typeof title !== 'string' || title === '') return 'extract';
  return title.replaceAll(/[^a-zA-Z0-9_-]/g, '_').slice(0, LONGEST_NAME);
}
