import { describe, expect, test } from 'vitest';
import { pair, call } from '../../test/adding-tool.js';
import {
  RunnableLambda,
  Tool,
  ToolInputParsingException,
  tool,
  type RunEvent,
  type ToolCallBlock,
} from '../index.js';
import { runnableLaws } from '../testing/index.js';

describe('behaviour 80: events of a tool', () => {
  const eventsOf = async (made: Tool<string, unknown>) => {
    const events: RunEvent[] = [];
    await made.invoke('x', { callbacks: [(event) => void events.push(event)] }).catch(() => {});
    return events;
  };

  test('a start and an end with the raw output, and no run of the function beside it', async () => {
    const output = { an: 'object' };
    const events = await eventsOf(tool(() => output, { name: 'make' }));
    expect(events).toMatchObject([
      { type: 'run-start', input: 'x', run: { name: 'make', type: 'tool' } },
      { type: 'run-end', run: { name: 'make', type: 'tool' } },
    ]);
    expect((events[1] as { output: unknown }).output).toBe(output);
  });

  test('an error, and the rejection', async () => {
    const error = new Error('broken');
    const events = await eventsOf(
      tool(
        () => {
          throw error;
        },
        { name: 'fail' },
      ),
    );
    expect(events).toMatchObject([{ type: 'run-start' }, { type: 'run-error', error }]);
  });
});

describe('behaviour 135: asTool', () => {
  const chain = RunnableLambda.from((input: { a: number; b: number }, context) => ({
    sum: input.a + input.b,
    tags: context.tags,
  }));
  const made = chain.asTool({ name: 'add', description: 'Adds.', schema: pair });

  test('takes a name, a description and a schema', () => {
    expect(made).toBeInstanceOf(Tool);
    expect(made).toMatchObject({ name: 'add', description: 'Adds.', schema: pair, runType: 'tool' });
    expect(chain.asTool({ schema: pair }).name).toBe(chain.name);
  });

  test('unwraps the arguments of a call, validates them, and forwards the config', async () => {
    const message = await made.invoke(call({ a: 1 }), { tags: ['mine'] });
    expect(JSON.parse(message.text)).toEqual({ sum: 2, tags: ['mine'] });
    expect(await made.invoke({ a: 1, b: 2 })).toEqual({ sum: 3, tags: [] });
    await expect(made.invoke(call({}))).rejects.toBeInstanceOf(ToolInputParsingException);
  });

  test('streams what it wraps', async () => {
    const words = RunnableLambda.from(async function* (text: string) {
      yield* text.split(' ');
    }).asTool({ name: 'words' });
    const chunks: unknown[] = [];
    for await (const chunk of words.stream('a b')) chunks.push(chunk);
    expect(chunks).toEqual(['a', 'b']);
  });
});

test('a graph shows a tool under its name', () => {
  const chain = RunnableLambda.from(function one(x: string) {
    return x;
  }).pipe(function two(x: string) {
    return x;
  });
  const { nodes, groups } = chain
    .asTool({ name: 'expert' })
    .pipe(tool(String, { name: 'sum' }) as never)
    .getGraph();
  expect(groups.map(({ name }) => name)).toEqual(['expert', 'sum']);
  expect(nodes.map(({ name, group }) => [name, group])).toEqual([
    ['Input', undefined],
    ['one', 0],
    ['two', 0],
    ['sum', 1],
    ['Output', undefined],
  ]);
});

describe.each<[string, () => Tool<{ a: number }, unknown>]>([
  ['a synchronous tool', () => tool(({ a }) => a, { name: 't', schema: pair })],
  ['an asynchronous tool', () => tool(async ({ a }) => ({ a }), { name: 't', schema: pair })],
  [
    'a generator tool',
    () =>
      tool(
        async function* ({ a }) {
          yield a;
          return a;
        },
        { name: 't', schema: pair },
      ),
  ],
  [
    'a chain as a tool',
    () =>
      RunnableLambda.from(function* (input: { a: number }) {
        yield String(input.a);
        yield '!';
      }).asTool({ name: 't', schema: pair }),
  ],
])('the laws for %s', (_name, make) => {
  for (const law of runnableLaws<{ a: number } | ToolCallBlock, unknown, unknown>(make, [
    { a: 1 },
    call({ a: 2 }, 't'),
  ])) {
    test(law.name, () => law.check());
  }
});
