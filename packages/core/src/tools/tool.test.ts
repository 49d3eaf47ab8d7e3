import { describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import {
  ConfigError,
  RunnableLambda,
  Tool,
  ToolInputParsingException,
  ToolMessage,
  tool,
  toOpenAITool,
  type RunEvent,
  type ToolCall,
} from '../index.js';
import { FakeStreamingChatModel, runnableLaws } from '../testing/index.js';

const pair = z.object({ a: z.number(), b: z.number().default(1) });
const add = tool(({ a, b }) => ({ sum: a + b }), { name: 'add', description: 'Adds.', schema: pair });
const call = (args: Record<string, unknown>, name = 'add') =>
  ({ type: 'tool_call', id: 'call_1', name, args }) as const;

describe('behaviour 132: what a tool gives', () => {
  test('a plain input gives the raw result, as soon as it is there', async () => {
    expect(await add.invoke({ a: 1, b: 2 })).toEqual({ sum: 3 });
    expect(add.invokeSync({ a: 1 })).toEqual({ sum: 2 });
  });

  test('a call with an id gives a message that answers it, other things than text as JSON', async () => {
    expect(await add.invoke(call({ a: 1 }))).toEqual(
      new ToolMessage({ content: '{"sum":2}', name: 'add', tool_call_id: 'call_1', status: 'success' }),
    );
  });

  test('a call without an id gives the raw result', async () => {
    const { id: _id, ...withoutId } = call({ a: 1 });
    expect(await add.invoke(withoutId)).toEqual({ sum: 2 });
  });

  test.each([
    ['text', 'text'],
    [undefined, ''],
    [null, 'null'],
    [[{ type: 'dog' }], '[{"type":"dog"}]'],
    [{ big: 12n }, '{"big":"12"}'],
    [[{ type: 'text', text: 'seen' }], [{ type: 'text', text: 'seen' }]],
    [[{ type: 'file', name: 'a.txt' }], '[{"type":"file","name":"a.txt"}]'],
    [[{ type: 'image', data: 'AAAA' }], [{ type: 'image', data: 'AAAA' }]],
  ])('results are told to the model as they are or as JSON (%#)', async (result, content) => {
    const made = tool(() => result, { name: 'make', schema: z.object({}) });
    expect((await made.invoke(call({}, 'make'))).content).toEqual(content);
  });

  test('a function that returns a ToolMessage has the last word', async () => {
    const own = new ToolMessage({ content: 'mine', tool_call_id: 'call_1', status: 'error' });
    const made = tool(() => own, { name: 'make', schema: z.object({}) });
    expect(await made.invoke(call({}, 'make'))).toBe(own);
  });

  test('data that merely has a name and args is no call', async () => {
    const made = tool((input) => input, { name: 'make', schema: z.looseObject({}) });
    const data = { name: 'make', args: {}, id: 'x' };
    expect(await made.invoke(data)).toEqual(data);
  });
});

describe('behaviour 133: content and artifact', () => {
  const found = tool(({ a }) => [`found ${a}`, [a]], {
    name: 'find',
    schema: pair,
    responseFormat: 'content_and_artifact',
  });

  test('the artifact is on the message only', async () => {
    expect(await found.invoke({ a: 1 })).toBe('found 1');
    expect(await found.invoke(call({ a: 1 }))).toMatchObject({ content: 'found 1', artifact: [1] });
  });

  test.each([['text'], [['only one']], [undefined]])('%j instead of a pair is an error', async (result) => {
    const wrong = tool(() => result as never, {
      name: 'wrong',
      schema: z.object({}),
      responseFormat: 'content_and_artifact',
    });
    await expect(wrong.invoke({})).rejects.toThrow(/"wrong".*must return \[content, artifact\]/);
    await expect(wrong.invoke(call({}))).rejects.toBeInstanceOf(ConfigError);
  });
});

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

describe('functions', () => {
  test('asynchronous ones, and their context, which is a config', async () => {
    const inner = RunnableLambda.from((_: string, context) => context.tags);
    const made = tool(async (text, config) => inner.invoke(text, config), { name: 'tags' });
    expect(await made.invoke('x', { tags: ['mine'] })).toEqual(['mine']);
  });

  test('a runnable that is returned is run, a stream of one is added up', async () => {
    const model = new FakeStreamingChatModel({ chunks: ['Hel', 'lo'] });
    const asks = tool((text, config) => model.stream(text, config), { name: 'ask' });
    expect(await asks.invoke('x')).toMatchObject({ content: 'Hello' });
    expect(await tool(() => model, { name: 'ask' }).invoke('x')).toMatchObject({ content: 'Hello' });
  });

  test('what they throw comes out as it is', async () => {
    const error = { not: 'an error' };
    const made = tool(
      () => {
        throw error;
      },
      { name: 'fail' },
    );
    await expect(made.invoke('x')).rejects.toBe(error);
  });

  test('anything else is refused', () => {
    expect(() => tool('no' as never, { name: 'x' })).toThrow('tool() needs a function');
    expect(() => tool(() => 1, { name: '' })).toThrow(ConfigError);
  });
});

describe('generators', () => {
  const counting = tool(
    async function* ({ a }: { a: number }) {
      for (let n = 0; n < a; n += 1) yield { progress: n };
      return 'done';
    },
    { name: 'count', schema: z.object({ a: z.number() }) },
  );

  test('give what they return; what they yield is told to listeners', async () => {
    const events: RunEvent[] = [];
    const config = { callbacks: [(event: RunEvent) => void events.push(event)] };
    expect(await counting.invoke({ a: 2 }, config)).toBe('done');
    expect(events.map(({ type }) => type)).toEqual(['run-start', 'custom', 'custom', 'run-end']);
    expect(events[1]).toMatchObject({ name: 'on_tool_event', data: { progress: 0 }, run: { name: 'count' } });
    const chunks: unknown[] = [];
    for await (const chunk of counting.stream({ a: 2 })) chunks.push(chunk);
    expect(chunks).toEqual(['done']);
  });

  test('synchronous ones stay so', () => {
    const made = tool(
      function* (text) {
        yield 1;
        return text.length;
      },
      { name: 'length' },
    );
    expect(made.invokeSync('four')).toBe(4);
  });

  test('are closed when the run is stopped', async () => {
    const abort = new AbortController();
    const closed = vi.fn();
    const made = tool(
      async function* () {
        try {
          for (;;) {
            yield 1;
            abort.abort(new Error('enough'));
          }
        } finally {
          closed();
        }
      },
      { name: 'forever' },
    );
    await expect(made.invoke('x', { signal: abort.signal })).rejects.toThrow('enough');
    await vi.waitFor(() => expect(closed).toHaveBeenCalledOnce());
  });
});

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
  for (const law of runnableLaws<{ a: number } | ToolCall, unknown, unknown>(make, [
    { a: 1 },
    call({ a: 2 }, 't'),
  ])) {
    test(law.name, () => law.check());
  }
});
