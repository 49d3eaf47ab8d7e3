import { OutputParserException, SchemaValidationError } from '@pipewright/core';
import { runnableLaws } from '@pipewright/core/testing';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { StructuredOutputParser } from '../index.js';
import { parserLaws } from '../testing/index.js';

const schema = z.object({
  city: z.string().transform((city) => city.toUpperCase()),
  people: z.number().refine(async (people) => people > 0, 'nobody lives there'),
  tags: z.array(z.string()).default(['none']),
});
const good = 'Here:\n```json\n{"city": "Oslo", "people": 717710}\n```';
const samples = [good, '{"city": "Oslo"}', '{"city": "Oslo", "people": -1}', 'no JSON', '{"city": "Os'];
const make = () => new StructuredOutputParser(schema);

describe('laws', () => {
  for (const law of parserLaws(make, samples)) test(law.name, () => law.check());
  for (const law of runnableLaws(make, [good])) test(law.name, () => law.check());
});

test('114: bad data is a parsing failure with the raw text and every issue; asynchronous checks are awaited', async () => {
  for (const [text, issue] of [
    ['{"city": 1}', 'city: '],
    ['{"city": "Oslo", "people": -1}', 'people: nobody lives there'],
  ] as const) {
    const error: unknown = await make()
      .parse(text)
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(OutputParserException);
    expect(error).toMatchObject({ llmOutput: text, message: expect.stringContaining(issue) });
    expect((error as Error).cause).toBeInstanceOf(SchemaValidationError);
    await expect(make().transform([text.slice(0, 5), text.slice(5)]).final).rejects.toThrow(issue);
  }
});

test('115: valid, fenced, with defaults and transforms', async () => {
  expect(await make().parse(good)).toEqual({ city: 'OSLO', people: 717710, tags: ['none'] });
});

test('what streams is a partial value until the last chunk, which is the validated one and comes once', async () => {
  const chunks: unknown[] = [];
  for await (const chunk of make().transform(['{"city": "Os', 'lo", "people": 1', '}', '\n']))
    chunks.push(chunk);
  expect(chunks).toEqual([{ city: 'Os' }, { city: 'Oslo' }, { city: 'OSLO', people: 1, tags: ['none'] }]);
});

test('without asynchronous checks it runs synchronously', () => {
  const parser = new StructuredOutputParser(z.object({ a: z.number() }));
  expect(parser.invokeSync('{"a": 1}')).toEqual({ a: 1 });
});

test('JSON Schema as plain data: an object has to be one, and no more', async () => {
  const parser = new StructuredOutputParser({ type: 'object', properties: { a: { type: 'number' } } });
  expect(await parser.parse('{"a": "x"}')).toEqual({ a: 'x' });
  await expect(parser.parse('["a"]')).rejects.toThrow('Expected an object');
});

test('names and descriptions', async () => {
  const parser = StructuredOutputParser.fromNamesAndDescriptions({
    answer: 'the answer',
    source: 'where from',
  });
  const { answer, source } = await parser.parse('{"answer": "Oslo", "source": "an atlas", "more": 1}');
  expect([answer, source]).toEqual(['Oslo', 'an atlas']);
  await expect(parser.parse('{"answer": "Oslo"}')).rejects.toThrow('source: Expected a text');
  expect(parser.getFormatInstructions()).toContain('"description":"where from"');
});

test('P7: nothing that the schema refuses comes out at the end', async () => {
  const parser = StructuredOutputParser.fromZodSchema(z.object({ kind: z.enum(['a', 'b']) }));
  for (const text of ['{"kind": "c"}', '{"kind": ["a"]}', '[]', 'null', '{}', '"a"']) {
    await expect(parser.parse(text)).rejects.toThrow(OutputParserException);
  }
  expect(parser.getFormatInstructions()).toContain('"enum":["a","b"]');
});
