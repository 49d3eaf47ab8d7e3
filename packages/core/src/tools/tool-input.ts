import { SchemaValidationError, ToolInputParsingException } from '../errors.js';
import { isPromise, type MaybePromise } from '../flow/promise.js';
import type { ToolCall } from '../messages/ai.js';
import { validate, type Schema } from '../schema.js';
import { TEXT, unwrapped } from './tool-parameters.js';

/**
 * What a tool works on: the input, or the arguments of a call, as the schema makes them.
 *
 * @throws ToolInputParsingException when they do not fit
 */
export function toolInput(
  tool: { readonly name: string; readonly schema: Schema | undefined },
  call: ToolCall | undefined,
  input: unknown,
): MaybePromise<unknown> {
  const fail = (error: unknown): never => {
    if (!(error instanceof SchemaValidationError)) throw error;
    const received = call === undefined ? input : call.args;
    throw new ToolInputParsingException(tool.name, error.issues, received, { cause: error });
  };
  try {
    const given = call === undefined ? input : unwrapped(tool.schema, call.args);
    const valid = validate(tool.schema ?? TEXT, given);
    return isPromise(valid) ? valid.then(undefined, fail) : valid;
  } catch (error) {
    return fail(error);
  }
}
