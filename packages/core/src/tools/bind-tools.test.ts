import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  bindTools,
  ConfigError,
  retry as retryOf,
  tool,
  toOpenAITool,
  type ToolDefinition,
} from '../index.js';
import { ScriptedChatModel } from '../testing/index.js';

const schema = z.object({ query: z.string() });
const search = tool(({ query }) => query, { name: 'search', description: 'Searches.', schema });
const definition: ToolDefinition = {
  type: 'function',
  function: {
    name: 'search',
    description: 'Searches.',
    parameters: {
      type: 'object',
      properties: { query: { type: 'string' } },
      required: ['query'],
    },
  },
};
const model = (...replies: (string | Error)[]) => new ScriptedChatModel({ replies });
const toldOf = (asked: ScriptedChatModel) => asked.calls.map(({ options }) => options.tools);

describe('toOpenAITool', () => {
  test('writes tools, descriptions and definitions in the same format', () => {
    expect(toOpenAITool(search)).toMatchObject(definition);
    expect(toOpenAITool({ name: 'search', description: 'Searches.', schema })).toEqual(toOpenAITool(search));
    expect(toOpenAITool(definition)).toBe(definition);
  });

  test('finds the tool inside wrappers', () => {
    expect(toOpenAITool(search.withRetry().withConfig({ tags: ['x'] }))).toEqual(toOpenAITool(search));
  });

  test("takes the schema's description where the tool has none, and leaves it out where neither has", () => {
    const described = { name: 'x', schema: z.object({}).describe('Of the schema.') };
    expect(toOpenAITool(described).function.description).toBe('Of the schema.');
    expect(toOpenAITool({ name: 'x', schema }).function).not.toHaveProperty('description');
  });

  test('refuses what is no tool, saying what it is', () => {
    expect(() => toOpenAITool(model() as never)).toThrow('The runnable "ScriptedChatModel" is no tool');
    expect(() => toOpenAITool(5 as never)).toThrow(ConfigError);
  });
});

describe('bindTools', () => {
  test('tells the model', async () => {
    const asked = model('a');
    await asked.bindTools([search], { tool_choice: 'search' }).invoke('x');
    expect(asked.calls[0]?.options).toEqual({
      tools: [toOpenAITool(search)],
      tool_choice: { type: 'function', function: { name: 'search' } },
    });
  });

  test.each([
    ['any', 'required'],
    ['required', 'required'],
    ['auto', 'auto'],
    ['none', 'none'],
  ] as const)('reads the choice %s as %s', async (choice, expected) => {
    const asked = model('a');
    await asked.bindTools([search], { tool_choice: choice }).invoke('x');
    expect(asked.calls[0]?.options.tool_choice).toBe(expected);
  });

  const told = [toOpenAITool(search)];
  const retry = { initialDelayMs: 0 };

  test('before wrappers: the tools are not lost with retries', async () => {
    const asked = model(new Error('down'), 'a');
    await asked
      .bindTools([search])
      .withRetry(retry)
      .withConfig({ tags: ['x'] })
      .invoke('x');
    expect(toldOf(asked)).toEqual([told, told]);
  });

  test('after wrappers: every model inside is told, fallbacks too', async () => {
    const first = model(new Error('down'), new Error('down'));
    const second = model('a');
    const wrapped = first.withRetry({ ...retry, stopAfterAttempt: 2 }).withFallbacks([second]);
    await wrapped.bindTools([search]).invoke('x');
    expect(toldOf(first)).toEqual([told, told]);
    expect(toldOf(second)).toEqual([told]);
  });

  test.each([
    ['with', (asked: ScriptedChatModel) => asked.with(retryOf(retry))],
    ['withConfig', (asked: ScriptedChatModel) => asked.withConfig({ tags: ['x'] })],
    ['bind', (asked: ScriptedChatModel) => asked.bind({ temperature: 0 })],
    ['withRetry', (asked: ScriptedChatModel) => asked.withRetry(retry)],
    ['withFallbacks', (asked: ScriptedChatModel) => asked.withFallbacks([model()])],
    ['withTimeout', (asked: ScriptedChatModel) => asked.withTimeout(60_000)],
    ['withListeners', (asked: ScriptedChatModel) => asked.withListeners({})],
    ['configurableFields', (asked: ScriptedChatModel) => asked.configurableFields({ name: 'n' })],
    [
      'configurableAlternatives',
      (asked: ScriptedChatModel) => asked.configurableAlternatives({ id: 'm' }, { other: model() }),
    ],
    ['bindTools', (asked: ScriptedChatModel) => asked.bindTools([{ name: 'first', schema }])],
  ])('a model is one still after %s: it can be given tools, and a form', async (_name, wrap) => {
    const asked = model('a', '{"query": "b"}');
    await wrap(asked).withRetry().bindTools([search]).invoke('x');
    expect(toldOf(asked)).toEqual([told]);
    expect(await wrap(asked).withTimeout(60_000).withStructuredOutput(schema).invoke('x')).toEqual({
      query: 'b',
    });
  });

  test('on a chain, and streamed', async () => {
    const asked = model('a');
    const chain = bindTools(
      asked.pipe((message) => message.text),
      [search],
    );
    expect(await chain.stream('x').final).toBe('a');
    expect(toldOf(asked)).toEqual([told]);
  });

  test('no tools bind nothing, as providers refuse an empty list', async () => {
    const asked = model('a');
    await asked.bindTools([]).invoke('x');
    expect(asked.calls[0]?.options).toEqual({});
  });

  test('refuses two tools of one name, and a choice that is not among them', () => {
    expect(() => model().bindTools([search, definition])).toThrow('Two tools are called "search"');
    expect(() => model().bindTools([search], { tool_choice: 'other' })).toThrow('names "other"');
  });
});
