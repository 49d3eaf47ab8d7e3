import { coreRegistry, dumps, loads, type Runnable } from '@pipewright/core';
import { expect, test } from 'vitest';
import { z } from 'zod';
import * as parsers from './index.js';
import { parsersRegistry } from './index.js';

const registry = [coreRegistry, parsersRegistry];
const schema = { type: 'object', properties: { a: { type: 'number' } } };
const call = { content: '', role: 'ai', tool_calls: [{ id: '1', name: 'f', args: { a: 1 } }] };

const cases: readonly (readonly [Runnable<never, unknown, unknown>, unknown])[] = [
  [new parsers.StringOutputParser(), 'text'],
  [new parsers.BytesOutputParser(), 'text'],
  [new parsers.CommaSeparatedListOutputParser(), 'a, b'],
  [new parsers.NumberedListOutputParser(), '1. a\n2. b'],
  [new parsers.MarkdownListOutputParser(), '- a\n- b'],
  [new parsers.CustomListOutputParser({ separator: ';', length: 2 }), 'a;b'],
  [new parsers.DatetimeOutputParser(), '2026-03-09T18:30:00Z'],
  [new parsers.BooleanOutputParser({ trueVal: 'JA', falseVal: 'NEIN' }), 'ja'],
  [new parsers.EnumOutputParser({ values: ['red', 'blue'] }), 'Red.'],
  [new parsers.JsonOutputParser({ maxDepth: 3, diff: true }), '{"a": [1]}'],
  [new parsers.XMLOutputParser({ tags: ['a'] }), '<a>x</a>'],
  [new parsers.StructuredOutputParser(schema, { maxDepth: 9 }), '{"a": 1}'],
  [
    new parsers.CombiningOutputParser(
      new parsers.StructuredOutputParser(schema),
      new parsers.JsonOutputParser() as never,
    ),
    '{"a": 1}',
  ],
];

test.each(cases.map(([parser, input]) => [parser.name, parser, input] as const))(
  '%s comes back the same',
  async (_name, parser, input) => {
    const text = dumps(parser);
    const loaded = loads(text, { registry });
    expect(loaded).toBeInstanceOf(parser.constructor);
    expect(dumps(loaded as never)).toBe(text);
    expect(await loaded.invoke(input)).toEqual(await parser.invoke(input as never));
  },
);

test.each([
  new parsers.JsonOutputToolsParser({ returnId: true }),
  new parsers.JsonOutputKeyToolsParser({ keyName: 'f', returnSingle: true, schema }),
])('$name comes back the same', async (parser: Runnable<never, unknown, unknown>) => {
  const { AIMessage } = await import('@pipewright/core');
  const loaded = loads(dumps(parser), { registry });
  const message = new AIMessage(call);
  expect(await loaded.invoke(message)).toEqual(await parser.invoke(message as never));
});

test('a schema that validates goes by the name of the tool that it is of', async () => {
  const validating = z.object({ a: z.number().default(7) });
  const parser = new parsers.JsonOutputKeyToolsParser({
    keyName: 'f',
    returnSingle: true,
    schema: validating,
  });
  const text = dumps(parser);
  expect(() => loads(text, { registry })).toThrow(/among its schemas/);
  const loaded = loads(text, { registry: [...registry, { schemas: { f: validating } }] });
  const { AIMessage } = await import('@pipewright/core');
  const message = new AIMessage({ content: '', tool_calls: [{ name: 'f', args: {} }] });
  expect(await loaded.invoke(message)).toEqual({ a: 7 });
});

test('D41: every parser of the registry is stored under a kind of its own', () => {
  const kinds = [...cases.map(([parser]) => parser), new parsers.JsonOutputToolsParser()].map(
    (parser) => (JSON.parse(dumps(parser)) as { root: { kind: string } }).root.kind,
  );
  expect(new Set(kinds).size).toBe(kinds.length);
  const markdown = loads(dumps(new parsers.MarkdownListOutputParser()), { registry });
  expect(markdown).toBeInstanceOf(parsers.MarkdownListOutputParser);
});

test('what holds code or a pattern goes by its name', () => {
  const byName = [
    new parsers.RegexParser({ regex: '(a+)+$', outputKeys: ['a'] }),
    new parsers.StructuredOutputParser(z.object({ a: z.number() })),
  ];
  for (const parser of byName) {
    const text = dumps(parser);
    expect(() => loads(text, { registry })).toThrow(/among its runnables/);
    expect(loads(text, { registry: [...registry, { runnables: { [parser.name]: parser } }] })).toBe(parser);
  }
});
