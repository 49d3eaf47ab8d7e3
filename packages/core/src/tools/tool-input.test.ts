import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { add, call } from '../../test/adding-tool.js';
import { ConfigError, ToolInputParsingException, tool, toOpenAITool, type ToolCall } from '../index.js';

describe('behaviour 134: input that does not fit the schema', () => {
  test('is an error of its own that names the tool, the issues and what came', async () => {
    const error = await add.invoke(call({ a: 'one' })).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ToolInputParsingException);
    expect(error).toMatchObject({
      name: 'ToolInputParsingException',
      tool: 'add',
      issues: [{ path: ['a'] }],
      received: { a: 'one' },
    });
    expect((error as Error).message).toMatch(/"add".*a: .*Received: \{"a":"one"\}/);
    expect(() => add.invokeSync({ a: 'one' } as never)).toThrow(ToolInputParsingException);
  });

  test('of a schema that is checked asynchronously too', async () => {
    const schema = z.object({ a: z.number().refine(async (a) => a > 0) });
    const made = tool(({ a }) => a, { name: 'positive', schema });
    await expect(made.invoke({ a: -1 })).rejects.toBeInstanceOf(ToolInputParsingException);
    expect(await made.invoke({ a: 1 })).toBe(1);
  });

  test('what else a schema throws is left as it is', async () => {
    const bug = new Error('a bug');
    const schema = z.object({}).transform(() => {
      throw bug;
    });
    await expect(tool(() => 1, { name: 'x', schema }).invoke({})).rejects.toBe(bug);
  });

  test('a long input is cut in the message and whole in the field', async () => {
    const a = 'x'.repeat(10_000);
    const error = await add.invoke(call({ a })).catch((thrown: unknown) => thrown);
    expect((error as Error).message.length).toBeLessThan(1_000);
    expect((error as ToolInputParsingException).received).toEqual({ a });
  });
});

describe('schemas', () => {
  test('without one a tool takes a text, which a model writes under "input"', async () => {
    const shout = tool((text) => text.toUpperCase(), { name: 'shout' });
    expect(await shout.invoke('hi')).toBe('HI');
    expect((await shout.invoke(call({ input: 'hi' }))).content).toBe('HI');
    await expect(shout.invoke(call({}))).rejects.toBeInstanceOf(ToolInputParsingException);
    await expect(shout.invoke(5 as never)).rejects.toThrow('expected a text, got number');
    expect(toOpenAITool(shout).function.parameters).toEqual({
      type: 'object',
      properties: { input: { type: 'string' } },
      required: ['input'],
    });
  });

  test('of something other than an object is wrapped for models', async () => {
    const sum = tool((numbers) => numbers.length, { name: 'count', schema: z.array(z.number()) });
    expect(await sum.invoke([1, 2])).toBe(2);
    expect((await sum.invoke(call({ input: [1, 2, 3] }))).content).toBe('3');
  });

  test('JSON Schema describes and does not validate', async () => {
    const schema = { type: 'object', properties: { a: { type: 'number' } } };
    const echo = tool((args: { a: number }) => args.a, { name: 'echo', schema });
    expect(await echo.invoke({ a: 1 })).toBe(1);
    expect(toOpenAITool(echo).function.parameters).toBe(schema);
  });

  test('that cannot be written down still validates', async () => {
    const text = {
      '~standard': {
        version: 1,
        vendor: 'mine',
        validate: (value: unknown) => ({ value: `<${String(value)}>` }),
      },
    } as const;
    const made = tool((value: unknown) => value, { name: 'made', schema: text });
    expect(await made.invoke('x')).toBe('<x>');
    expect(await made.invoke({ ...call({}), id: undefined } as unknown as ToolCall)).toBe(
      '<[object Object]>',
    );
    expect(() => toOpenAITool(made)).toThrow(ConfigError);
  });
});
