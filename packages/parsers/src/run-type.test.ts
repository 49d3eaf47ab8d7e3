import { isRunnable, type RunEvent } from '@pipewright/core';
import { FakeListChatModel } from '@pipewright/core/testing';
import { expect, test } from 'vitest';
import { z } from 'zod';
import * as parsers from './index.js';
import { YamlOutputParser } from './yaml.js';

const model = new FakeListChatModel({ responses: ['{"a": 1}'] });
const json = new parsers.JsonOutputParser();

const instances = [
  new parsers.StringOutputParser(),
  new parsers.BytesOutputParser(),
  new parsers.CommaSeparatedListOutputParser(),
  new parsers.CustomListOutputParser({ separator: ';' }),
  new parsers.MarkdownListOutputParser(),
  new parsers.NumberedListOutputParser(),
  json,
  new parsers.StructuredOutputParser(z.object({ a: z.number() })),
  new parsers.JsonOutputToolsParser(),
  new parsers.JsonOutputKeyToolsParser({ keyName: 'f' }),
  parsers.OutputFixingParser.fromLLM(model, json),
  parsers.RetryOutputParser.fromLLM(model, json),
  new parsers.BooleanOutputParser(),
  new parsers.CombiningOutputParser(json as never),
  new parsers.DatetimeOutputParser(),
  new parsers.EnumOutputParser({ values: ['a'] }),
  new parsers.RegexParser({ regex: /(a)/u, outputKeys: ['a'] }),
  new parsers.XMLOutputParser(),
  new YamlOutputParser(),
];

test('every parser of this package has runs of type parser', () => {
  const types = instances.map(({ name, runType }) => [name, runType]);
  expect(types).toEqual(instances.map(({ name }) => [name, 'parser']));
});

test('and there is no other class of runnables in it', () => {
  const classes = Object.values(parsers).filter(
    (value) => typeof value === 'function' && isRunnable(value.prototype),
  );
  const bases: readonly unknown[] = [
    parsers.BaseLLMOutputParser,
    parsers.BaseOutputParser,
    parsers.ListOutputParser,
  ];
  const made: readonly unknown[] = instances.map((parser) => parser.constructor);
  expect(classes.filter((each) => !bases.includes(each) && !made.includes(each))).toEqual([]);
});

test("streamEvents tells of parsers in LangChain's words, and filters by them", async () => {
  const chain = model.pipe(json);
  const all = await chain.streamEvents('x', { version: 'v2', includeTypes: ['parser'] }).final;
  expect([...new Set(all.map(({ event, name }) => `${event} ${name}`))]).toEqual([
    'on_parser_start JsonOutputParser',
    'on_parser_stream JsonOutputParser',
    'on_parser_end JsonOutputParser',
  ]);
});

test('what reads a structured answer is a parser too', async () => {
  const structured = model.withStructuredOutput({ type: 'object' });
  const all: readonly RunEvent[] = await structured.events('x').final;
  expect(all.find(({ run }) => run.name === 'StructuredOutput')?.run.type).toBe('parser');
});
