import { OutputParserException, SchemaValidationError } from '../errors.js';
import type { SyncMachine, Machine } from '../flow/machine.js';
import { andThen, isPromise, type MaybePromise } from '../flow/promise.js';
import { isStandardSchema, validate, type Schema } from '../schema.js';
import { JsonSnapshots } from './snapshots.js';
import type { JsonOptions } from './reader.js';

/**
 * The value as its schema makes it. Throws OutputParserException, with the text that the value was read from, when it
 * does not fit.
 */
export function fitted<Out>(schema: Schema<Out>, value: unknown, text: string): MaybePromise<Out> {
  const refuse = (error: unknown): never => {
    if (!(error instanceof SchemaValidationError)) throw error;
    throw new OutputParserException(error.message, text, undefined, { cause: error });
  };
  try {
    const expected = isStandardSchema(schema) ? undefined : (schema as { readonly type?: unknown }).type;
    if (expected === 'object' && !isObject(value)) {
      throw new SchemaValidationError([{ message: 'Expected an object', path: [] }]);
    }
    const result = validate(schema, value);
    return isPromise(result) ? result.then(undefined, refuse) : result;
  } catch (error) {
    return refuse(error);
  }
}

/** Whether a value has keys, rather than items. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Reads JSON that has a schema from pieces of text. What it gives while text arrives is not validated; what it gives at
 * the end is.
 */
export class FittedJson implements Machine<string, unknown> {
  readonly #schema: Schema;
  readonly #json: JsonSnapshots & SyncMachine<string, unknown>;

  constructor(schema: Schema, options?: JsonOptions) {
    this.#schema = schema;
    this.#json = new JsonSnapshots(options);
  }

  push(piece: string): readonly unknown[] {
    const snapshots = this.#json.push(piece);
    // The value that is whole comes validated, at the end.
    return this.#json.ended ? [] : snapshots;
  }

  end(): MaybePromise<readonly unknown[]> {
    return andThen(fitted(this.#schema, this.#json.whole(), this.#json.text), (value) => [value]);
  }
}
