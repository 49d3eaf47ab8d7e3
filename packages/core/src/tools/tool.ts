import type { RunContext } from '../engine/run-context.js';
import type { MaybePromise } from '../flow/promise.js';
import { Tool } from '../runnable.js';
import type { OutputOf } from '../runnable-like.js';
import type { JsonSchema, SchemaOutput, StandardSchema } from '../schema.js';
import type { ToolFields } from './run-tool.js';
import { ToolFunction } from './tool-function.js';

type ToolFunc<In, Result> = (input: In, context: RunContext) => Result;
type FieldsWith<More> = Omit<ToolFields, keyof More> & More;

/** What a tool with a schema can be called with: what the schema reads, before defaults and transforms. */
type SchemaInput<S extends StandardSchema> = NonNullable<S['~standard']['types']>['input'];

/** What a tool's function comes to: a generator's return value, and of anything else what a lambda would give. */
type ResultOf<Result> =
  Awaited<Result> extends Generator<unknown, infer Out, never> | AsyncGenerator<unknown, infer Out, never>
    ? Out
    : OutputOf<() => Result>;

type ContentOf<Result, Format> = Format extends 'content_and_artifact'
  ? ResultOf<Result> extends readonly [infer Content, unknown]
    ? Content
    : unknown
  : ResultOf<Result>;

/**
 * Makes a tool of a function, for models to call. Its input is typed and validated by the schema: one of zod from 4.2,
 * arktype or another library with Standard JSON Schema, as models are told of it; or JSON Schema as plain data, against
 * which inputs are not validated; without one it is a text.
 *
 * Called with a plain input it gives what the function returns. Called with a model's tool call (`type: 'tool_call'`)
 * that has an id, it gives a ToolMessage that answers it: texts and content blocks as they are, of messages what the last
 * one says, anything else as JSON.
 * With `responseFormat: 'content_and_artifact'` the function returns a pair, whose second part only that message has. A
 * function that returns a ToolMessage has the last word.
 *
 * The function's second argument is its context, which is a valid config for the runnables that it calls. It may be a
 * generator: its result is what it returns, and what it yields goes to listeners as custom events `on_tool_event`.
 *
 * @throws ToolInputParsingException from its runs, when an input does not fit the schema
 *
 * @example
 * ```ts
 * import { tool } from '@pipewright/core';
 * import { z } from 'zod';
 *
 * const add = tool(({ a, b }) => a + b, {
 *   name: 'add',
 *   description: 'Adds two numbers.',
 *   schema: z.object({ a: z.number(), b: z.number() }),
 * });
 * const three = await add.invoke({ a: 1, b: 2 }); // 3
 * const message = await add.invoke({ type: 'tool_call', id: 'call_1', name: 'add', args: { a: 1, b: 2 } });
 * const text = message.content; // '3'
 * ```
 */
export function tool<Content, S extends StandardSchema = StandardSchema<string>>(
  func: ToolFunc<SchemaOutput<S>, MaybePromise<readonly [Content, unknown]>>,
  fields: FieldsWith<{ readonly schema?: S; readonly responseFormat: 'content_and_artifact' }>,
): Tool<SchemaInput<S>, Content>;
export function tool<Result, S extends StandardSchema = StandardSchema<string>>(
  func: ToolFunc<SchemaOutput<S>, Result>,
  fields: FieldsWith<{ readonly schema?: S; readonly responseFormat?: 'content' }>,
): Tool<SchemaInput<S>, ResultOf<Result>>;
export function tool<
  Result,
  In = Record<string, unknown>,
  Format extends 'content' | 'content_and_artifact' = 'content',
>(
  func: ToolFunc<In, Result>,
  fields: FieldsWith<{ readonly schema: JsonSchema; readonly responseFormat?: Format }>,
): Tool<In, ContentOf<Result, Format>>;
export function tool(func: ToolFunc<never, unknown>, fields: ToolFields): Tool<never, unknown> {
  return new Tool({ ...fields, bound: new ToolFunction({ func, name: fields?.name }) });
}
