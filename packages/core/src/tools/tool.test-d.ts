import { describe, expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import {
  type AIMessage,
  type AIMessageChunk,
  type BaseChatModel,
  type RunContext,
  type Runnable,
  type RunStream,
  type Tool,
  type ToolLoopChunk,
  type ToolLoopMessage,
  type ToolMessage,
  tool,
  toolLoop,
} from '../index.js';

declare const model: BaseChatModel;
const schema = z.object({ city: z.string(), days: z.number().default(1) });

describe('tool', () => {
  test('types the function and the input by the schema', () => {
    const weather = tool(
      async ({ city, days }, config) => {
        expectTypeOf(city).toEqualTypeOf<string>();
        expectTypeOf(days).toEqualTypeOf<number>();
        expectTypeOf(config).toEqualTypeOf<RunContext>();
        return { rain: true };
      },
      { name: 'weather', schema },
    );
    expectTypeOf(weather).toEqualTypeOf<
      Tool<{ city: string; days?: number | undefined }, { rain: boolean }>
    >();
    expectTypeOf(weather.invoke({ city: 'Oslo' })).resolves.toEqualTypeOf<{ rain: boolean }>();
    // @ts-expect-error: the city is missing
    void weather.invoke({});
  });

  test('gives a message for a call', () => {
    const weather = tool(() => 1, { name: 'weather', schema });
    const call = { type: 'tool_call', id: '1', name: 'weather', args: {} } as const;
    expectTypeOf(weather.invoke(call)).resolves.toEqualTypeOf<ToolMessage>();
    const calls = model.pipe((message: AIMessage) => [...message.tool_calls]).pipe(weather.map());
    expectTypeOf(calls.invoke('x')).resolves.toEqualTypeOf<(number | ToolMessage)[]>();
  });

  test('takes a text without a schema', () => {
    const shout = tool((text) => text.toUpperCase(), { name: 'shout' });
    expectTypeOf(shout).toEqualTypeOf<Tool<string, string>>();
  });

  test("takes the function's word with JSON Schema", () => {
    const json = { type: 'object' };
    expectTypeOf(tool((args: { a: number }) => args.a, { name: 'a', schema: json })).toEqualTypeOf<
      Tool<{ a: number }, number>
    >();
    expectTypeOf(tool((args) => args, { name: 'a', schema: json })).toEqualTypeOf<
      Tool<Record<string, unknown>, Record<string, unknown>>
    >();
  });

  test('gives the content of a pair, and refuses what is no pair', () => {
    const found = tool(() => ['one', [1]], { name: 'f', schema, responseFormat: 'content_and_artifact' });
    expectTypeOf(found.invoke({ city: '' })).resolves.toEqualTypeOf<string>();
    // @ts-expect-error: no pair
    tool(() => 'one', { name: 'f', schema, responseFormat: 'content_and_artifact' });
  });

  test("gives a generator's return value", () => {
    const counting = tool(
      async function* (text) {
        yield 1;
        return text;
      },
      { name: 'count' },
    );
    expectTypeOf(counting).toEqualTypeOf<Tool<string, string>>();
  });

  test('asTool keeps the types of what it wraps', () => {
    const length: Runnable<{ city: string; days: number }, number, string> = null as never;
    const made = length.asTool({ name: 'length', schema });
    expectTypeOf(made).toEqualTypeOf<Tool<{ city: string; days: number }, number, string>>();
    // @ts-expect-error: the schema gives something else
    length.asTool({ name: 'length', schema: z.object({ other: z.string() }) });
  });

  test('asTool needs a schema, unless it takes a text', () => {
    const length: Runnable<{ city: string; days: number }, number> = null as never;
    // @ts-expect-error: without a schema models are told to give a text
    length.asTool({ name: 'length' });
    const either: Runnable<string | string[], number> = null as never;
    expectTypeOf(either.asTool({})).toEqualTypeOf<Tool<string, number>>();
    expectTypeOf(either.asTool({ schema: z.array(z.string()) })).toEqualTypeOf<
      Tool<string | string[], number>
    >();
    expectTypeOf(model.asTool({ name: 'expert' })).toEqualTypeOf<Tool<string, AIMessage, AIMessageChunk>>();
  });
});

describe('toolLoop', () => {
  test('takes tools of any types, wrapped ones too, and models in wrappers', () => {
    const a = tool(() => 1, { name: 'a', schema });
    const b = tool((text) => text, { name: 'b' });
    const loop = toolLoop(model.withRetry().withFallbacks([model]), [a.withRetry(), b]);
    expectTypeOf(loop.invoke('x')).resolves.toEqualTypeOf<ToolLoopMessage[]>();
    expectTypeOf(loop.stream('x')).toEqualTypeOf<RunStream<ToolLoopChunk, ToolLoopMessage[]>>();
    // @ts-expect-error: a function is no tool
    toolLoop(model, [() => 1]);
  });
});
