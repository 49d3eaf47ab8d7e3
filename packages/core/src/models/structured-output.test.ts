import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  AIMessage,
  AIMessageChunk,
  ConfigError,
  LimitExceededError,
  OutputParserException,
  type StandardSchema,
  type StructuredMethod,
  type StructuredOutputOptions,
} from '../index.js';
import { FakeListChatModel, runnableLaws, ScriptedChatModel } from '../testing/index.js';

const schema = z.object({ city: z.string(), people: z.number() });
const text = '{"city": "Oslo", "people": 717710}';
const oslo = { city: 'Oslo', people: 717710 };

/** Pieces of an answer, as each method gets them. */
function pieces(method: StructuredMethod, answer: string, size = 3): AIMessageChunk[] {
  const cut: string[] = [];
  for (let at = 0; at < answer.length; at += size) cut.push(answer.slice(at, at + size));
  return cut.map((args, index) =>
    method === 'functionCalling'
      ? new AIMessageChunk({
          content: '',
          tool_call_chunks: [{ index: 0, args, ...(index === 0 && { id: 'c1', name: 'extract' }) }],
        })
      : new AIMessageChunk(args),
  );
}

const methods: readonly StructuredMethod[] = ['jsonSchema', 'functionCalling', 'jsonMode'];

describe.each(methods)('126: method %s', (method) => {
  const model = (answer: string) =>
    new ScriptedChatModel({ replies: Array.from({ length: 4 }, () => pieces(method, answer)) });

  test('gives the value, validated, invoked and streamed', async () => {
    const structured = model(text).withStructuredOutput(schema, { method });
    const { city, people } = await structured.invoke('Norway?');
    expect({ city, people }).toEqual(oslo);
    const chunks: unknown[] = [];
    for await (const chunk of structured.stream('Norway?')) chunks.push(chunk);
    expect(chunks.length).toBeGreaterThan(2);
    expect(chunks.at(-1)).toEqual(oslo);
    expect(chunks).toContainEqual({ city: 'Oslo' });
  });

  test.each([
    ['{"city": 1, "people": 2}', 'city: '],
    ['{"city": "Oslo"', 'cut off'],
    ['oops', ''],
    ['["Oslo"]', ''],
  ])('%j is a parsing failure with the text', async (answer, problem) => {
    const structured = model(answer).withStructuredOutput(schema, { method });
    for (const run of [() => structured.invoke(''), () => structured.stream('').final]) {
      const error: unknown = await run().catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(OutputParserException);
      expect((error as Error).message).toContain(problem);
      expect((error as OutputParserException).llmOutput).not.toBe('');
    }
  });

  test('includeRaw gives the message beside the value', async () => {
    const structured = model(text).withStructuredOutput(schema, { method, includeRaw: true });
    const result = await structured.invoke('');
    expect(result).toMatchObject({ parsed: oslo, parsing_error: null });
    expect(result.raw).toBeInstanceOf(AIMessage);
    expect(
      method === 'functionCalling' ? result.raw.tool_calls[0]?.args : JSON.parse(result.raw.text),
    ).toEqual(oslo);
    const stream = structured.stream('');
    const parsed: unknown[] = [];
    let raw = 0;
    for await (const chunk of stream) {
      if (chunk.raw !== undefined) raw += 1;
      if ('parsed' in chunk) parsed.push(chunk.parsed);
    }
    expect(raw).toBe(pieces(method, text).length);
    expect(parsed).toContainEqual({ city: 'Oslo' });
    expect(await stream.final).toEqual(result);
  });

  test('D46: includeRaw says why there is no value', async () => {
    const structured = model('{"city": 1}').withStructuredOutput(schema, { method, includeRaw: true });
    const result = await structured.invoke('');
    expect(result.parsed).toBeNull();
    expect(result.parsing_error).toBeInstanceOf(OutputParserException);
    expect(result.parsing_error?.message).toContain('city: ');
    expect(await structured.stream('').final).toMatchObject({
      parsed: null,
      parsing_error: result.parsing_error,
    });
    const broken = model('{"city": oops').withStructuredOutput(schema, { method, includeRaw: true });
    expect(await broken.stream('').final).toMatchObject({
      parsed: null,
      parsing_error: expect.any(OutputParserException),
    });
  });

  test.each([
    [
      { additional_kwargs: { refusal: 'I cannot help.' } },
      /^The model refused to answer: "I cannot help\."\./,
      false,
    ],
    [
      { response_metadata: { finish_reason: 'content_filter' } },
      /^A content filter ended the answer\./,
      false,
    ],
    [{ response_metadata: { finish_reason: 'length' } }, /^The answer was cut off at the limit/, true],
    [{ response_metadata: { finish_reason: 'stop' } }, /^(?!The answer|The model refused)/, true],
  ])('%j is the reason why there is no value', async (fields, problem, retryable) => {
    const pieces = [new AIMessageChunk({ content: '', ...fields }), ''];
    const refusing = new ScriptedChatModel({ replies: [pieces, pieces, pieces] });
    const expected = { message: expect.stringMatching(problem), retryable, code: 'OUTPUT_PARSING_FAILURE' };
    const structured = refusing.withStructuredOutput(schema, { method });
    await expect(structured.invoke('')).rejects.toMatchObject(expected);
    await expect(structured.stream('').final).rejects.toMatchObject(expected);
    const beside = refusing.withStructuredOutput(schema, { method, includeRaw: true });
    expect((await beside.invoke('')).parsing_error).toMatchObject(expected);
  });

  test("includeRaw does not swallow the model's own failure", async () => {
    const failing = new ScriptedChatModel({ replies: [new Error('down')] });
    await expect(
      failing.withStructuredOutput(schema, { method, includeRaw: true }).invoke(''),
    ).rejects.toThrow('down');
  });
});

describe('laws', () => {
  const make = (options: StructuredOutputOptions) => () =>
    new FakeListChatModel({ responses: [text] }).withStructuredOutput(
      schema,
      options as { includeRaw?: false },
    );
  for (const options of [{}, { includeRaw: true }]) {
    for (const law of runnableLaws(make(options), ['Norway?'])) {
      test(`${JSON.stringify(options)}: ${law.name}`, () => law.check());
    }
  }
});

describe('what the model is asked for', () => {
  const asked = async (
    given: Parameters<ScriptedChatModel['withStructuredOutput']>[0],
    options: StructuredOutputOptions,
  ) => {
    const model = new ScriptedChatModel({ replies: [text] });
    await model
      .withStructuredOutput(given, options as { includeRaw?: false })
      .invoke('')
      .catch(() => {});
    return model.calls[0]?.options;
  };
  const json = {
    title: 'A city!',
    description: 'A city',
    type: 'object',
    properties: { city: { type: 'string' }, properties: { type: 'object', properties: {} } },
  };

  test('the form of the answer', async () => {
    expect(await asked(schema, {})).toMatchObject({
      response_format: { type: 'json_schema', json_schema: { name: 'extract', schema: { type: 'object' } } },
    });
    expect(await asked(json, { name: 'City' })).toEqual({
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'City', description: 'A city', schema: json },
      },
    });
  });

  test('a tool', async () => {
    expect(await asked(json, { method: 'functionCalling' })).toEqual({
      tools: [{ type: 'function', function: { name: 'A_city_', description: 'A city', parameters: json } }],
      tool_choice: { type: 'function', function: { name: 'A_city_' } },
    });
  });

  test('a schema that is not that of an object, under "input", as of every tool', async () => {
    const cities = z.array(z.string());
    const reply = new AIMessage({
      content: '',
      tool_calls: [{ id: '1', name: 'extract', args: { input: ['Oslo'] } }],
    });
    const model = new ScriptedChatModel({ replies: [reply, reply] });
    const structured = model.withStructuredOutput(cities, { method: 'functionCalling' });
    expect(await structured.invoke('')).toEqual(['Oslo']);
    expect(await structured.stream('').final).toEqual(['Oslo']);
    expect(model.calls[0]?.options.tools?.[0]?.function.parameters).toMatchObject({
      type: 'object',
      properties: { input: { type: 'array' } },
    });
  });

  test("by the schema's title, whatever library it is of", async () => {
    const titled = schema.meta({ title: 'City' });
    expect(await asked(titled, {})).toMatchObject({ response_format: { json_schema: { name: 'City' } } });
    expect(await asked(titled, { method: 'functionCalling' })).toMatchObject({
      tool_choice: { function: { name: 'City' } },
    });
  });

  test('any JSON', async () => {
    expect(await asked(json, { method: 'jsonMode' })).toEqual({ response_format: { type: 'json_object' } });
  });

  test('strict closes every object, and no property that is called like a keyword', async () => {
    expect(await asked(json, { strict: true })).toMatchObject({
      response_format: {
        json_schema: {
          strict: true,
          schema: {
            additionalProperties: false,
            properties: {
              city: { type: 'string' },
              properties: { type: 'object', additionalProperties: false },
            },
          },
        },
      },
    });
  });

  test('a method that does not exist, and a schema that cannot be written', () => {
    const model = new FakeListChatModel({ responses: [''] });
    const opaque: StandardSchema = {
      '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) },
    };
    expect(() => model.withStructuredOutput(schema, { method: 'magic' as never })).toThrow(ConfigError);
    expect(() => model.withStructuredOutput(opaque)).toThrow(ConfigError);
    expect(() => model.withStructuredOutput(opaque, { method: 'jsonMode' })).not.toThrow();
  });
});

test('asynchronous checks are awaited', async () => {
  const checked = schema.refine(async ({ people }) => people > 1_000_000, 'too small');
  const structured = new FakeListChatModel({ responses: [text] }).withStructuredOutput(checked);
  await expect(structured.invoke('')).rejects.toThrow('too small');
  await expect(structured.stream('').final).rejects.toThrow('too small');
});

test('without asynchronous checks it runs synchronously', () => {
  expect(new FakeListChatModel({ responses: [text] }).withStructuredOutput(schema).invokeSync('')).toEqual(
    oslo,
  );
});

test('a model that does not call the tool is told of with its words', async () => {
  const model = new FakeListChatModel({ responses: ['I would rather not.'] });
  const structured = model.withStructuredOutput(schema, { method: 'functionCalling' });
  await expect(structured.invoke('')).rejects.toMatchObject({
    code: 'OUTPUT_PARSING_FAILURE',
    llmOutput: 'I would rather not.',
  });
});

test('a deep answer stops at the limit', async () => {
  const structured = new FakeListChatModel({ responses: ['['.repeat(2_000)] }).withStructuredOutput(schema);
  await expect(structured.invoke('')).rejects.toThrow(LimitExceededError);
});
