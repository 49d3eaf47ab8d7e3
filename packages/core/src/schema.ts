import { describe } from './describe.js';
import { ConfigError, SchemaValidationError, type SchemaIssue } from './errors.js';
import { andThen, type MaybePromise } from './flow/promise.js';

/** A validator by the Standard Schema specification: zod, valibot, arktype and others are. */
export interface StandardSchema<In = unknown, Out = In> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => MaybePromise<StandardResult<Out>>;
    readonly types?: { readonly input: In; readonly output: Out } | undefined;
    /** Writes the schema as JSON Schema, where the library can: zod from 4.2, arktype. Models are told of it by this. */
    readonly jsonSchema?: {
      readonly input: (options: { readonly target: string }) => Readonly<Record<string, unknown>>;
    };
  };
}

type StandardResult<Out> =
  | { readonly value: Out; readonly issues?: undefined }
  | {
      readonly issues: readonly {
        readonly message: string;
        readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
      }[];
    };

/** JSON Schema as plain data. It describes a shape to a model; values are not validated against it. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** What a value has to look like: a Standard Schema, or JSON Schema as plain data. */
export type Schema<Out = unknown> = StandardSchema<unknown, Out> | JsonSchema;

/** The type that values of a schema have. */
export type SchemaOutput<S> = S extends StandardSchema<unknown, infer Out> ? Out : Record<string, unknown>;

/** Whether a schema can validate. */
export function isStandardSchema(schema: unknown): schema is StandardSchema {
  return (
    ((typeof schema === 'object' && schema !== null) || typeof schema === 'function') &&
    typeof (schema as Partial<StandardSchema>)['~standard']?.validate === 'function'
  );
}

/**
 * Gives the value as the schema makes it (defaults filled in, transforms done).
 *
 * @throws SchemaValidationError with every issue and its path
 */
export function validate<Out>(schema: Schema<Out>, value: unknown): MaybePromise<Out> {
  if (!isStandardSchema(schema)) return value as Out;
  return andThen(schema['~standard'].validate(value), (result) => {
    if (result.issues === undefined) return result.value as Out;
    const issues = result.issues.map(({ message, path = [] }): SchemaIssue => {
      const keys = path.map((part) => (typeof part === 'object' ? part.key : part));
      return { message, path: keys.map(String) };
    });
    throw new SchemaValidationError(issues);
  });
}

/**
 * The schema as JSON Schema (draft 7), for a model to read.
 *
 * @param name - what it is the schema of, for the error
 * @throws ConfigError when it is no schema, or its library cannot write it
 */
export function toJsonSchema(schema: Schema, name?: string): JsonSchema {
  const whose = name === undefined ? 'The schema' : `The schema of "${name}"`;
  if (!isStandardSchema(schema)) {
    if (typeof schema === 'object' && schema !== null) return schema;
    throw new ConfigError('schema', `${whose} is ${describe(schema)}. ${ADVICE}`);
  }
  const { vendor, jsonSchema } = schema['~standard'];
  const problem = `${whose} (${vendor}) cannot be written as JSON Schema`;
  if (jsonSchema === undefined) throw new ConfigError('schema', `${problem}. ${ADVICE}`);
  try {
    const { $schema: _dialect, ...json } = jsonSchema.input({ target: 'draft-07' });
    return json;
  } catch (cause) {
    const message = `${problem}. ${String(cause)}. Use types that JSON has, or give JSON Schema as plain data.`;
    throw new ConfigError('schema', message, { cause });
  }
}

const ADVICE =
  'Use zod 4.2 or newer, another library with Standard JSON Schema, or give JSON Schema as plain data.';
