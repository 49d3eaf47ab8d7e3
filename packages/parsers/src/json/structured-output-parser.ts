import {
  isStandardSchema,
  FittedJson,
  folds,
  toJsonSchema,
  type DeepPartial,
  type Fold,
  type JsonOptions,
  type JsonSchema,
  type Machine,
  type Schema,
  type SchemaOutput,
  type Manifest,
} from '@pipewright/core';
import { BaseOutputParser } from '../output-parser.js';

/**
 * JSON that fits a schema: any Standard Schema (zod, valibot, arktype), asynchronous checks included. JSON Schema as
 * plain data will do too; values are not validated against it, except that an object has to be one. Instructions for the
 * model need a schema that can be written as JSON Schema: of zod from 4.2 or arktype, or plain data.
 *
 * Streams what is known of the value, not validated; the last chunk is the whole value, validated, with the schema's
 * defaults and transforms. Finds the value as JsonOutputParser does and takes the same options.
 *
 * @throws OutputParserException with the text, when it has no JSON or its value does not fit; `cause` has the issues
 *
 * @example
 * ```ts
 * import { StructuredOutputParser } from '@pipewright/parsers';
 * import { z } from 'zod';
 *
 * const parser = new StructuredOutputParser(z.object({ answer: z.string(), sources: z.array(z.string()) }));
 * const instructions = parser.getFormatInstructions();
 * const { answer, sources } = await parser.parse('{"answer": "Oslo", "sources": ["an atlas"]}');
 * ```
 */
export class StructuredOutputParser<S extends Schema> extends BaseOutputParser<
  SchemaOutput<S>,
  DeepPartial<SchemaOutput<S>>
> {
  readonly name = 'StructuredOutputParser';
  readonly schema: S;
  readonly options: JsonOptions;
  // The last chunk is the validated value, whatever the ones before it are.
  readonly fold = folds.last as Fold<unknown, unknown> as Fold<unknown, SchemaOutput<S>>;

  constructor(schema: S, options: JsonOptions = {}) {
    super();
    this.schema = schema;
    this.options = options;
  }

  /** The same as `new`, by LangChain's name. */
  static fromZodSchema<S extends Schema>(schema: S, options?: JsonOptions): StructuredOutputParser<S> {
    return new StructuredOutputParser(schema, options);
  }

  /** A parser of an object of texts: what each key is for, as the model is told. */
  static fromNamesAndDescriptions<const Names extends Readonly<Record<string, string>>>(
    names: Names,
    options?: JsonOptions,
  ): StructuredOutputParser<Schema<{ [Key in keyof Names]: string }>> {
    return new StructuredOutputParser(textsSchema(names), options);
  }

  override get manifest(): Manifest | undefined {
    const { schema, options } = this;
    // A schema that can validate is code: with one, this goes by its name.
    return isStandardSchema(schema) ? undefined : { kind: this.name, options: { schema, options } };
  }

  machine(): Machine<string, DeepPartial<SchemaOutput<S>>> {
    const machine: Machine<string, unknown> = new FittedJson(this.schema, this.options);
    return machine as Machine<string, never>;
  }

  override getFormatInstructions(): string {
    return (
      'Answer with JSON that fits the JSON Schema below, in a Markdown code block with the tag "json". ' +
      'Write the value itself, not the schema.\n\n' +
      `\`\`\`json\n${JSON.stringify(toJsonSchema(this.schema, this.name))}\n\`\`\`\n`
    );
  }
}

/** Checks that every key is there and a text. */
function textsSchema<Names extends Readonly<Record<string, string>>>(
  names: Names,
): Schema<{ [Key in keyof Names]: string }> {
  const keys = Object.keys(names);
  const json: JsonSchema = {
    type: 'object',
    properties: Object.fromEntries(keys.map((key) => [key, { type: 'string', description: names[key] }])),
    required: keys,
    additionalProperties: false,
  };
  type Texts = { [Key in keyof Names]: string };
  return {
    '~standard': {
      version: 1,
      vendor: 'pipewright',
      jsonSchema: { input: () => json },
      validate: (value) => {
        const record: Record<string, unknown> =
          typeof value === 'object' && value !== null ? { ...value } : {};
        const missing = keys.filter((key) => typeof record[key] !== 'string');
        if (missing.length > 0)
          return { issues: missing.map((key) => ({ message: 'Expected a text', path: [key] })) };
        const texts = keys.map((key) => [key, record[key]] as const);
        return { value: Object.fromEntries(texts) as Texts };
      },
    },
  };
}
