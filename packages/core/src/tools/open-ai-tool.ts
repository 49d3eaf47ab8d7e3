import { describe } from '../describe.js';
import { ConfigError } from '../errors.js';
import { isRunnable } from '../is-runnable.js';
import type { ToolCallBlock } from '../messages/content.js';
import type { ToolDefinition } from '../models/tool-definition.js';
import type { Runnable } from '../runnable.js';
import type { Schema } from '../schema.js';
import { toolParameters } from './tool-parameters.js';

/** What a model is told of a tool that this program does not run itself. */
export interface ToolDescription {
  readonly name: string;
  readonly description?: string | undefined;
  readonly schema?: Schema | undefined;
}

/** A tool, also one with `withRetry`, `withTimeout` and the like around it. */
export type ToolRunnable = Runnable<ToolCallBlock, unknown, unknown>;

/** Whatever a model can be told of as a tool. */
export type ToolLike = ToolRunnable | ToolDescription | ToolDefinition;

/**
 * A tool as chat-completions endpoints are told of it. Takes tools, `{ name, description, schema }` with a schema that
 * can be written as JSON Schema (zod from 4.2, arktype), and definitions in that format already.
 *
 * @throws ConfigError when it is none of these, or when the schema's library cannot write JSON Schema
 *
 * @example
 * ```ts
 * import { toOpenAITool } from '@pipewright/core';
 * import { z } from 'zod';
 *
 * const definition = toOpenAITool({ name: 'search', schema: z.object({ query: z.string() }) });
 * const required = definition.function.parameters.required; // ['query']
 * ```
 */
export function toOpenAITool(tool: ToolLike): ToolDefinition {
  const value: unknown = tool;
  if (isDefinition(value)) return value;
  if (isRunnable(value)) return defined(toolIn(value));
  if (isDescription(value)) return defined(value);
  throw noTool(value, ', { name, description, schema }, or definitions in OpenAI format');
}

function defined({ name, description, schema }: ToolDescription): ToolDefinition {
  const { json } = toolParameters(schema, name);
  const told = description ?? (typeof json.description === 'string' ? json.description : undefined);
  return {
    type: 'function',
    function: { name, ...(told !== undefined && { description: told }), parameters: json },
  };
}

/**
 * The tool inside the wrappers around it.
 *
 * @throws ConfigError when there is none
 */
export function toolIn(value: unknown): ToolDescription & { readonly returnDirect?: boolean } {
  let inner = value;
  while (isRunnable(inner) && inner.runType !== 'tool') inner = inner.children.bound;
  if (isRunnable(inner)) return inner;
  throw noTool(value, '');
}

function noTool(value: unknown, others: string): ConfigError {
  return new ConfigError(
    'tools',
    `${isRunnable(value) ? `The runnable "${value.name}"` : describe(value)} is no tool. ` +
      `Give tools as tool() and asTool() make them${others}.`,
  );
}

function isDescription(value: unknown): value is ToolDescription {
  return typeof value === 'object' && value !== null && typeof (value as ToolDescription).name === 'string';
}

function isDefinition(value: unknown): value is ToolDefinition {
  if (typeof value !== 'object' || value === null) return false;
  const { type, function: told } = value as Partial<ToolDefinition>;
  return type === 'function' && typeof told?.name === 'string';
}
