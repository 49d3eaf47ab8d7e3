import { isStandardSchema, toJsonSchema, type JsonSchema, type Schema } from '../schema.js';

/** A tool as applications hold it: what a model is told of it, and a function. */
interface ToolLike {
  readonly name: string;
  readonly description?: unknown;
  readonly schema: Schema;
}

/**
 * Tools as they are described to a model. A tool's own function is left out, since a model never sees it; anything else
 * stays as it is, to be refused later if it is not plain data.
 */
export function describeTools(tools: unknown): unknown {
  return Array.isArray(tools) ? tools.map(describeTool) : tools;
}

function describeTool(tool: unknown): unknown {
  if (!isToolLike(tool)) return tool;
  const { name, description, schema } = tool;
  return { name, description, schema: jsonSchemaOf(schema) };
}

function isToolLike(tool: unknown): tool is ToolLike {
  if (typeof tool !== 'object' || tool === null) return false;
  const { name, schema } = tool as Partial<ToolLike>;
  return typeof name === 'string' && typeof schema === 'object' && schema !== null && !isPlain(tool);
}

/** Plain tools go into the key whole: every field of theirs may be sent to the provider. */
function isPlain(tool: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(tool);
  return (prototype === Object.prototype || prototype === null) && !Object.values(tool).some(isOpaque);
}

function isOpaque(value: unknown): boolean {
  return typeof value === 'function' || isStandardSchema(value);
}

/** Schemas are never changed once made, and take long to write down. */
const written = new WeakMap<object, JsonSchema>();

function jsonSchemaOf(schema: Schema): JsonSchema {
  if (!isStandardSchema(schema)) return schema;
  let json = written.get(schema);
  if (json === undefined) written.set(schema, (json = toJsonSchema(schema)));
  return json;
}
