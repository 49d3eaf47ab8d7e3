import { toJsonSchema, type JsonSchema, type Schema, type StandardSchema } from '../schema.js';

/** What a tool takes that was given no schema: a text. */
export const TEXT: StandardSchema<string> = {
  '~standard': {
    version: 1,
    vendor: 'pipewright',
    validate: (value) =>
      typeof value === 'string'
        ? { value }
        : { issues: [{ message: `expected a text, got ${value === null ? 'null' : typeof value}` }] },
    jsonSchema: { input: () => ({ type: 'string' }) },
  },
};

/** What a model is told of a tool's arguments. */
interface ToolParameters {
  readonly json: JsonSchema;
  /** Whether the schema is not that of an object. Models write objects only, so its value goes under `input` there. */
  readonly wrapped: boolean;
}

/** Schemas are never changed once made, and take long to write down. */
const written = new WeakMap<object, ToolParameters>();

/**
 * The parameters of a tool with a schema, or without one.
 *
 * @param name - the tool's, for the error
 * @throws ConfigError when the schema's library cannot write it as JSON Schema
 */
export function toolParameters(schema: Schema = TEXT, name?: string): ToolParameters {
  let parameters = written.get(schema);
  if (parameters === undefined) written.set(schema, (parameters = write(schema, name)));
  return parameters;
}

function write(schema: Schema, name: string | undefined): ToolParameters {
  const json = toJsonSchema(schema, name);
  if (json.type === undefined || json.type === 'object') return { json, wrapped: false };
  return { json: { type: 'object', properties: { input: json }, required: ['input'] }, wrapped: true };
}

/** The arguments that a model wrote, as the schema is to see them. */
export function unwrapped(schema: Schema | undefined, args: Readonly<Record<string, unknown>>): unknown {
  return isWrapped(schema) ? args.input : args;
}

function isWrapped(schema: Schema | undefined): boolean {
  try {
    return toolParameters(schema).wrapped;
  } catch {
    // No model was ever told of it, so the call was written by hand, by the schema.
    return false;
  }
}
