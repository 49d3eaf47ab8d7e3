import { expect, expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import * as zod3 from 'zod/v3';
import { ScriptedChatModel } from './testing/index.js';
import {
  ConfigError,
  isStandardSchema,
  type SchemaOutput,
  SchemaValidationError,
  type StandardSchema,
  tool,
  toJsonSchema,
  toOpenAITool,
  validate,
} from './index.js';

const person = z.object({ name: z.string(), age: z.number().default(1) });

test('gives the value as the schema makes it, at once where the schema is synchronous', () => {
  expect(validate(person, { name: 'Ann' })).toEqual({ name: 'Ann', age: 1 });
  expectTypeOf<SchemaOutput<typeof person>>().toEqualTypeOf<{ name: string; age: number }>();
});

test('waits for refinements that are asynchronous', async () => {
  const taken = z.string().refine(async (name) => name !== 'taken', 'is taken');
  expect(await validate(taken, 'free')).toBe('free');
  await expect(validate(taken, 'taken')).rejects.toThrow('is taken');
});

test('lists every issue with its path', () => {
  const run = () =>
    validate(z.object({ people: z.array(person) }), { people: [{}, { name: 'Ann', age: 'x' }] });
  expect(run).toThrow(SchemaValidationError);
  expect(run).toThrow(/people\.0\.name: .*people\.1\.age: /);
});

test('writes JSON Schema, and takes it as plain data', () => {
  expect(toJsonSchema(person)).toMatchObject({ type: 'object', required: ['name'] });
  const plain = { type: 'object' };
  expect(toJsonSchema(plain)).toBe(plain);
  expect(validate(plain, 5)).toBe(5);
  expect([isStandardSchema(person), isStandardSchema(plain), isStandardSchema(null)]).toEqual([
    true,
    false,
    false,
  ]);
});

test('says so when a library cannot write JSON Schema', () => {
  const mute: StandardSchema<unknown, string> = {
    '~standard': { version: 1, vendor: 'mute', validate: (value) => ({ value: String(value) }) },
  };
  expect(() => toJsonSchema(mute)).toThrow(ConfigError);
  expect(() => toJsonSchema(zod3.string())).toThrow(/zod.*Use zod 4\.2 or newer/);
  expectTypeOf(validate(mute, 5)).toEqualTypeOf<string | PromiseLike<string>>();
});

test('names the tool or the answer whose schema holds a type that JSON Schema has not', () => {
  const dated = z.object({ stays: z.array(z.object({ until: z.date() })) });
  const book = tool(() => 'booked', { name: 'book', schema: dated });
  const attempts = [
    () => toOpenAITool(book),
    () => new ScriptedChatModel({ replies: [] }).bindTools([book]),
    () => new ScriptedChatModel({ replies: [] }).withStructuredOutput(dated, { name: 'book' }),
  ];
  for (const attempt of attempts) {
    expect(attempt).toThrow(ConfigError);
    expect(attempt).toThrow(/"book".*Date cannot be represented/);
  }
});

test.each([undefined, null, 'a text', 5, () => 5])('refuses %s as a schema', (value) => {
  const schema = value as never;
  const attempts = [
    () => toJsonSchema(schema),
    () => new ScriptedChatModel({ replies: [] }).withStructuredOutput(schema),
  ];
  // A tool may have none.
  if (value !== undefined) attempts.push(() => toOpenAITool({ name: 'book', schema }) as never);
  for (const attempt of attempts) expect(attempt).toThrow(ConfigError);
});
