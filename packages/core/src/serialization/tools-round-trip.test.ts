import { expect, test } from 'vitest';
import { z } from 'zod';
import { callOf, calling } from '../../test/loops.js';
import { expectRoundTrip, type Made } from '../../test/round-trip.js';
import {
  ChatModelBinding,
  coreRegistry,
  DeserializationError,
  dumps,
  loads,
  type Registry,
  type Runnable,
  RunnableLambda,
  RunnableParallel,
  RunnablePick,
  SerializationError,
  tool,
  toolLoop,
} from '../index.js';
import { ScriptedChatModel, type ScriptedReply, testingRegistry } from '../testing/index.js';

/** Everything twice, as one that was loaded is invoked and then streamed. */
const scripted = (...replies: ScriptedReply[]) =>
  new ScriptedChatModel({ replies: [...replies, ...replies] });

const shout = (text: string): string => text.toUpperCase();
const add = ({ a, b }: { a: number; b: number }): number => a + b;
const find = (text: string): [string, string[]] => [`found ${text}`, [text]];
const count = function* (text: string): Generator<number, string> {
  yield* [1, 2];
  return `${text.length}`;
};
const fail = (): never => {
  throw new Error('out of order');
};
const tellKindly = (error: unknown): string => `Sorry: ${(error as Error).message}`;

const pair = z.object({ a: z.number(), b: z.number().default(1) });
const pairAsJson = {
  type: 'object',
  properties: { a: { type: 'number' }, b: { type: 'number' } },
  required: ['a'],
};
const registry: readonly Registry[] = [
  coreRegistry,
  testingRegistry,
  {
    functions: { shout, add, find, count, fail, Tool: shout, tellKindly },
    schemas: { add: pair, pick: z.object({ a: z.string() }) },
  },
];

const shouting = tool(shout, { name: 'shout', description: 'Says it louder.' });
const failing = tool(fail, { name: 'fail' });
const picking = new RunnablePick<{ a: string }, string>('a');
const makers: Record<string, Made> = {
  'tool without a schema': [() => shouting, ['hi', callOf('shout', { input: 'hi' })]],
  'tool with JSON Schema': [
    () => tool(add, { name: 'add', schema: pairAsJson }),
    [{ a: 1, b: 2 }, callOf('add', { a: 1, b: 2 })],
  ],
  'tool with a schema that validates': [
    () => tool(add, { name: 'add', schema: pair }),
    [{ a: 1 }, callOf('add', { a: 1 })],
  ],
  'tool with an artifact, for the user directly': [
    () => tool(find, { name: 'find', responseFormat: 'content_and_artifact', returnDirect: true }),
    ['it', callOf('find', { input: 'it' })],
  ],
  'tool that is a generator': [
    () => tool(count, { name: 'count' }),
    ['four', callOf('count', { input: '' })],
  ],
  'tool with the name of its kind': [() => tool(shout, { name: 'Tool' }), ['hi']],
  'tool in wrappers': [
    () => shouting.withRetry().withConfig({ tags: ['x'] }),
    ['hi', callOf('shout', { input: 'hi' })],
  ],
  'chain as a tool': [
    () => RunnableLambda.from(shout).pipe(shout).asTool({ name: 'pick', description: 'Takes a.' }),
    ['a', callOf('pick', { input: 'a' })],
  ],
  'chain as a tool with JSON Schema': [
    () => picking.asTool({ name: 'pick', schema: { type: 'object', properties: { a: {} } } }),
    [{ a: 'x' }, callOf('pick', { a: 'x' })],
  ],
  'chain as a tool with a schema that validates': [
    () => picking.asTool({ name: 'pick', schema: z.object({ a: z.string() }) }),
    [{ a: 'x' }, callOf('pick', { a: 'x' })],
  ],
  'model in wrappers, with tools': [
    () =>
      scripted('done')
        .withRetry({ stopAfterAttempt: 2 })
        .withFallbacks([scripted('spare')])
        .bindTools([{ name: 'add', schema: pairAsJson }]),
    ['x'],
  ],
  'answers of a form that validates': [
    () => scripted('{"a": "x"}').withStructuredOutput(z.object({ a: z.string() }), { name: 'pick' }),
    ['x'],
  ],
  'answers of two forms that validate': [
    () =>
      RunnableParallel.from({
        one: scripted('{"a": "x"}').withStructuredOutput(z.object({ a: z.string() }), { name: 'pick' }),
        two: scripted('{"a": 1}').withStructuredOutput(pair, { name: 'add', method: 'jsonMode' }),
      }),
    ['x'],
  ],
  'loop without tools': [() => toolLoop(scripted('Hi.'), []), ['x']],
  'loop with tools': [
    () =>
      toolLoop(
        scripted(calling(callOf('shout', { input: 'a' }), callOf('fail', { input: '' })), ['do', 'ne']),
        [shouting, failing.withRetry({ stopAfterAttempt: 1 })],
      ),
    ['x'],
  ],
  'loop with options': [
    () =>
      toolLoop(scripted(calling(callOf('fail', { input: '' })), 'done'), [failing], {
        maxSteps: 2,
        name: 'Clerk',
        tool_choice: 'fail',
        handleToolErrors: tellKindly,
      }),
    ['x'],
  ],
  'loop with a choice in the form of providers': [
    () =>
      toolLoop(scripted('done'), [shouting], {
        tool_choice: { type: 'function', function: { name: 'shout' } },
        handleToolErrors: false,
      }),
    ['x'],
  ],
  'loop as a tool of a loop': [
    () => {
      const inner = toolLoop(scripted(calling(callOf('shout', { input: 'a' })), 'A'), [shouting], {
        name: 'In',
      });
      return toolLoop(scripted(calling(callOf('expert', { input: 'q' })), 'done'), [
        inner.asTool({ name: 'expert' }),
      ]);
    },
    ['x'],
  ],
};

test.each(Object.entries(makers))('%s', (_name, made) => expectRoundTrip(made, registry));

test('a model in wrappers comes back as a model', () => {
  const text = dumps(
    scripted('done')
      .withRetry()
      .withConfig({ tags: ['x'] }),
  );
  expect(loads(text, { registry })).toBeInstanceOf(ChatModelBinding);
});

test('what a stored tool looks like', () => {
  expect(tool(add, { name: 'sum', description: 'Adds.', schema: pair }).toJSON()).toEqual({
    format: 'pipewright',
    version: 1,
    root: {
      kind: 'Tool',
      options: { description: 0, name: 1, schema: { schema: 'sum' } },
      children: { bound: { kind: 'ToolFunction', options: { func: { function: 'sum' }, name: 2 } } },
    },
    values: ['Adds.', 'sum', 'sum'],
  });
});

test('a tool that was loaded validates, and tells the model the same', async () => {
  const loaded = loads(dumps(toolLoop(scripted('done'), [tool(add, { name: 'add', schema: pair })])), {
    registry,
  }) as unknown as ReturnType<typeof toolLoop>;
  await expect(loaded.children['tool:add']?.invoke({ a: 'one' } as never)).rejects.toThrow(
    /"add" does not fit its schema: a:/,
  );
  await loaded.invoke('x');
  const { calls } = loaded.model as ScriptedChatModel;
  expect(calls[0]?.options.tools?.[0]?.function.parameters).toMatchObject({
    properties: { b: { default: 1 } },
  });
});

test.each<[string, Runnable<never, unknown, unknown>, RegExp]>([
  [
    'the function of a tool',
    tool(add, { name: 'add', schema: pairAsJson }),
    /bound\.options\.func: .* no "add" among its functions/,
  ],
  [
    'a schema that validates',
    picking.asTool({ name: 'pick', schema: pair as never }),
    /^root\.options\.schema: .* no "pick" among its schemas/,
  ],
  [
    'what says how a failure is told',
    toolLoop(scripted(), [], { handleToolErrors: tellKindly }),
    /^root\.options\.handleToolErrors: .* no "tellKindly" among/,
  ],
])('%s loads only if the registry has it', (_what, runnable, message) => {
  const load = () => loads(dumps(runnable), { registry: [coreRegistry, testingRegistry] });
  expect(load).toThrow(DeserializationError);
  expect(load).toThrow(message);
});

test('two tools of one name with schemas, or functions, of their own cannot be stored together', () => {
  const one = tool(add, { name: 'add', schema: pair });
  const other = tool(add, { name: 'add', schema: z.object({ a: z.number(), b: z.number() }) });
  expect(() => dumps(one.pipe(other as never))).toThrow(
    /step:2\.options\.schema: Two different ones are named "add"/,
  );
  expect(() => dumps(shouting.pipe(tool(find, { name: 'shout' }) as never))).toThrow(
    /step:2\.children\.bound\.options\.func: Two different ones/,
  );
  expect(() => dumps(tool(shout, { name: 'a\nb' }))).not.toThrow();
  expect(() => dumps(toolLoop(scripted(), [tool(shout, { name: 'a\nb' })]))).toThrow(SerializationError);
});

test('law 8: equal runnables give equal JSON, in whatever order they were told', () => {
  for (const [make] of Object.values(makers)) expect(JSON.stringify(make())).toBe(JSON.stringify(make()));
  const model = scripted('done');
  expect(JSON.stringify(toolLoop(model, [], { name: 'Clerk', maxSteps: 2 }))).toBe(
    JSON.stringify(toolLoop(model, [], { maxSteps: 2, name: 'Clerk' })),
  );
});
