import { own } from '../flow/folds.js';
import type { JsonSchema } from '../schema.js';

/** Keywords whose value is an object of schemas under names that are no keywords. */
const NAMED: ReadonlySet<string> = new Set(['properties', 'patternProperties', '$defs', 'definitions']);
/** Keywords whose value is data. */
const DATA: ReadonlySet<string> = new Set(['const', 'default', 'enum', 'examples', 'required']);

/** The schema with every object that lists its properties closed to others, which is what strict providers ask for. */
export function closedSchema(schema: JsonSchema): JsonSchema {
  return closed(schema) as JsonSchema;
}

function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const result = mapped(schema, (value, keyword) => {
    if (DATA.has(keyword)) return value;
    return NAMED.has(keyword) && typeof value === 'object' && value !== null
      ? mapped(value, closed)
      : closed(value);
  });
  if ('properties' in schema && !('additionalProperties' in schema)) result.additionalProperties = false;
  return result;
}

function mapped(record: object, change: (value: unknown, key: string) => unknown): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(record)) own(result, key, change(value, key));
  return result;
}
