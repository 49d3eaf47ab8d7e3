import { describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import {
  AIMessage,
  AIMessageChunk,
  type BaseMessage,
  BaseChatModel,
  ConfigError,
  HumanMessage,
  RunnableGenerator,
  MaxStepsError,
  RunnableLambda,
  SyncInvocationError,
  type RunEvent,
  ToolMessage,
  tool,
  toolLoop,
  toOpenAITool,
  type ToolCall,
  type ToolLoopChunk,
} from '../index.js';
import { FakeListChatModel, runnableLaws, ScriptedChatModel, type ScriptedReply } from '../testing/index.js';

const calling = (...calls: readonly ToolCall[]) => new AIMessage({ content: '', tool_calls: calls });
const callOf = (name: string, args: Record<string, unknown> = {}, id = name): ToolCall => ({
  type: 'tool_call',
  id,
  name,
  args,
});
const scripted = (...replies: ScriptedReply[]) => new ScriptedChatModel({ replies });
const shout = tool((text) => text.toUpperCase(), { name: 'shout' });
const fail = tool(
  () => {
    throw new Error('out of order');
  },
  { name: 'fail', schema: z.object({}) },
);
const shown = (messages: readonly BaseMessage[]) => messages.map(({ type, text }) => `${type}: ${text}`);
const collect = async <T>(stream: AsyncIterable<T>): Promise<T[]> => {
  const chunks: T[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
};

describe('toolLoop', () => {
  test('calls tools until the model answers, and gives what was added to the conversation', async () => {
    const model = scripted(
      calling(callOf('shout', { input: 'a' })),
      calling(callOf('shout', { input: 'b' })),
      'AB',
    );
    const messages = await toolLoop(model, [shout]).invoke('Shout a and b.');
    expect(shown(messages)).toEqual(['ai: ', 'tool: A', 'ai: ', 'tool: B', 'ai: AB']);
    expect(model.calls.map((call) => shown(call.messages))).toEqual([
      ['human: Shout a and b.'],
      ['human: Shout a and b.', 'ai: ', 'tool: A'],
      ['human: Shout a and b.', 'ai: ', 'tool: A', 'ai: ', 'tool: B'],
    ]);
    expect(model.calls.map(({ options }) => options.tools)).toEqual(Array(3).fill([toOpenAITool(shout)]));
  });

  test('streams pieces of answers, and each tool as soon as it is done', async () => {
    const piece = (fields: Partial<AIMessageChunk>) => new AIMessageChunk({ content: '', ...fields });
    const model = scripted(
      [
        'Let me ',
        'see.',
        piece({ tool_call_chunks: [{ index: 0, id: '1', name: 'shout', args: '{"inp' }] }),
        piece({ tool_call_chunks: [{ index: 0, args: 'ut":"a"}' }] }),
      ],
      ['It is ', 'A.'],
    );
    const stream = toolLoop(model, [shout]).stream('x');
    const chunks = await collect(stream);
    expect(shown(chunks)).toEqual([
      'ai: Let me ',
      'ai: see.',
      'ai: ',
      'ai: ',
      'tool: A',
      'ai: It is ',
      'ai: A.',
    ]);
    expect(shown(await stream.final)).toEqual(['ai: Let me see.', 'tool: A', 'ai: It is A.']);
  });

  test('takes messages and prompt values, and a chain as the model', async () => {
    const model = scripted('done');
    const chain = RunnableLambda.from((messages: readonly BaseMessage[]) => messages).pipe(model);
    await toolLoop(chain, []).invoke([['system', 'Be kind.'], new HumanMessage('Hi')]);
    expect(model.calls).toMatchObject([{ messages: [{ type: 'system' }, { type: 'human' }], options: {} }]);
  });

  test('stays synchronous with a synchronous model and tools', () => {
    class Once extends BaseChatModel {
      readonly name = 'Once';
      override generate(messages: readonly BaseMessage[]) {
        return messages.length === 1 ? calling(callOf('shout', { input: 'a' })) : new AIMessage('done');
      }
    }
    expect(shown(toolLoop(new Once(), [shout]).invokeSync('x'))).toEqual(['ai: ', 'tool: A', 'ai: done']);
    const slow = tool(async () => 1, { name: 'shout' });
    expect(() => toolLoop(new Once(), [slow]).invokeSync('x')).toThrow(SyncInvocationError);
  });

  test('an answer without a single piece is an empty answer', async () => {
    const stream = toolLoop(scripted(calling(callOf('shout', { input: 'a' })), []), [shout]).stream('x');
    expect(shown(await collect(stream))).toEqual(['ai: ', 'tool: A', 'ai: ']);
    expect(await stream.final).toHaveLength(3);
  });

  test('a model that must call a tool is free after its first answer', async () => {
    const model = scripted(calling(callOf('shout', { input: 'a' })), 'done');
    await toolLoop(model, [shout], { tool_choice: 'any' }).invoke('x');
    expect(model.calls.map(({ options }) => options.tool_choice)).toEqual(['required', undefined]);
  });

  test('a tool with returnDirect ends the loop, unless it failed', async () => {
    const direct = tool((text) => text.slice(1), { name: 'direct', returnDirect: true });
    const call = calling(callOf('direct', { input: 'xa' }));
    expect(shown(await toolLoop(scripted(call), [direct.withRetry()]).invoke('x'))).toEqual([
      'ai: ',
      'tool: a',
    ]);
    const wrong = scripted(calling(callOf('direct')), 'sorry');
    expect((await toolLoop(wrong, [direct]).invoke('x')).at(-1)?.text).toBe('sorry');
  });

  test('refuses two tools of one name, what is no tool, and a bad maxSteps when it is made', () => {
    expect(() => toolLoop(scripted(), [shout, shout])).toThrow('Two tools');
    expect(() => toolLoop(scripted(), [RunnableLambda.from((x: ToolCall) => x)])).toThrow('is no tool');
    for (const maxSteps of [0, 1.5, Number.NaN]) {
      expect(() => toolLoop(scripted(), [], { maxSteps })).toThrow(ConfigError);
    }
  });
});

describe('failures that the model is told of', () => {
  const told = async (...calls: readonly ToolCall[]) => {
    const loop = toolLoop(scripted(calling(...calls), 'sorry'), [shout, fail]);
    return (await loop.invoke('x')).filter((message): message is ToolMessage => message.type === 'tool');
  };

  test('a tool that throws', async () => {
    expect(await told(callOf('fail'))).toEqual([
      new ToolMessage({
        content: 'Error: out of order',
        tool_call_id: 'fail',
        name: 'fail',
        status: 'error',
      }),
    ]);
  });

  test('a tool that does not exist', async () => {
    const [message] = await told(callOf('scream'));
    expect(message).toMatchObject({ status: 'error', tool_call_id: 'scream' });
    expect(message?.text).toBe('Error: there is no tool "scream". The tools are: shout, fail.');
  });

  test('arguments that do not fit the schema, beside a call that succeeds', async () => {
    const messages = await told(callOf('shout', { input: 5 }, '1'), callOf('shout', { input: 'a' }, '2'));
    expect(messages).toMatchObject([{ status: 'error' }, { status: 'success', content: 'A' }]);
    expect(messages[0]?.text).toContain('"shout" does not fit its schema: expected a text');
  });

  test('arguments that are no JSON', async () => {
    const broken = new AIMessageChunk({
      content: '',
      tool_call_chunks: [{ index: 0, id: '1', name: 'shout', args: '{"input":' }],
    });
    const model = scripted([broken], 'sorry');
    const messages = await toolLoop(model, [shout]).invoke('x');
    expect(messages[1]).toMatchObject({ type: 'tool', tool_call_id: '1', status: 'error' });
    expect(messages[1]?.text).toBe('Error: the arguments are not valid JSON: {"input":');
  });

  test('as a function says', async () => {
    const model = scripted(calling(callOf('fail')), 'sorry');
    const handleToolErrors = async (error: unknown, call: ToolCall) => `${call.name}: ${String(error)}`;
    const messages = await toolLoop(model, [fail], { handleToolErrors }).invoke('x');
    expect(messages[1]?.text).toBe('fail: Error: out of order');
  });

  test('not at all with handleToolErrors: false; the other tools are stopped', async () => {
    let stopped: unknown;
    const slow = tool(
      (_, { signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(((stopped = signal.reason), signal.reason) as Error));
        }),
      { name: 'slow', schema: z.object({}) },
    );
    const broken = tool(
      async () => {
        throw new Error('out of order');
      },
      { name: 'fail', schema: z.object({}) },
    );
    const loop = toolLoop(scripted(calling(callOf('slow'), callOf('fail'))), [slow, broken], {
      handleToolErrors: false,
    });
    await expect(loop.invoke('x')).rejects.toThrow('out of order');
    await vi.waitFor(() => expect(stopped).toMatchObject({ message: 'out of order' }));
  });
});

describe('maxSteps', () => {
  const forever = () =>
    scripted(...Array.from({ length: 20 }, () => calling(callOf('shout', { input: 'a' }))));

  test('is how many answers the model may give; then a typed error carries the conversation', async () => {
    const model = forever();
    const error = await toolLoop(model, [shout], { maxSteps: 2 })
      .invoke('x')
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(MaxStepsError);
    expect(error).toMatchObject({ code: 'MAX_STEPS', maxSteps: 2 });
    expect(shown((error as MaxStepsError).messages)).toEqual(['human: x', 'ai: ', 'tool: A', 'ai: ']);
    expect(model.calls).toHaveLength(2);
  });

  test('is 10 by default, and is kept by streams', async () => {
    const model = forever();
    await expect(collect(toolLoop(model, [shout]).stream('x'))).rejects.toBeInstanceOf(MaxStepsError);
    expect(model.calls).toHaveLength(10);
  });
});

describe('tools side by side', () => {
  /** Tools that end when told to. */
  const gates = (...names: readonly string[]) => {
    const open = new Map<string, () => void>();
    const tools = names.map((name) =>
      tool(() => new Promise<string>((resolve) => open.set(name, () => resolve(name))), {
        name,
        schema: z.object({}),
      }),
    );
    return { open, tools };
  };

  test('each message is streamed when it is there, and stands in the order of the calls', async () => {
    const { open, tools } = gates('a', 'b');
    const model = scripted(calling(callOf('a'), callOf('b')), 'done');
    const stream = toolLoop(model, tools).stream('x');
    const chunks: ToolLoopChunk[] = [];
    await stream.next();
    const reading = collect(stream).then((rest) => chunks.push(...rest));
    await vi.waitFor(() => expect(open.size).toBe(2));
    open.get('b')?.();
    await Promise.resolve();
    open.get('a')?.();
    await reading;
    expect(shown(chunks)).toEqual(['tool: b', 'tool: a', 'ai: done']);
    expect(shown(await stream.final)).toEqual(['ai: ', 'tool: a', 'tool: b', 'ai: done']);
    expect(shown(model.calls[1]?.messages ?? [])).toEqual(['human: x', 'ai: ', 'tool: a', 'tool: b']);
  });

  test.each(['invoke', 'stream'] as const)('%s keeps to maxConcurrency', async (verb) => {
    let running = 0;
    let most = 0;
    const work = tool(
      async () => {
        most = Math.max(most, ++running);
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
        return 'ok';
      },
      { name: 'work', schema: z.object({}) },
    );
    const calls = Array.from({ length: 6 }, (_, index) => callOf('work', {}, String(index)));
    const loop = toolLoop(scripted(calling(...calls), 'done'), [work]);
    const config = { maxConcurrency: 2 };
    const messages =
      verb === 'invoke' ? await loop.invoke('x', config) : await loop.stream('x', config).final;
    expect(messages).toHaveLength(8);
    expect(most).toBe(2);
  });

  test.each([
    ['missing', [undefined, undefined]],
    ['repeated', ['1', '1']],
    ['empty', ['', '']],
  ])('ids that are %s are made, alike in the answer and in the messages', async (_what, ids) => {
    const calls = ids.map((id, index) => ({
      name: 'shout',
      args: { input: String(index) },
      ...(id !== undefined && { id }),
    }));
    const make = () => toolLoop(scripted(calling(...calls), 'done'), [shout]);
    const messages = await make().invoke('x');
    const answer = messages[0] as AIMessage;
    const answered = messages.slice(1, 3) as ToolMessage[];
    const given = answer.tool_calls.map(({ id }) => id);
    expect(new Set(given).size).toBe(2);
    expect(answered.map(({ tool_call_id, content }) => [tool_call_id, content])).toEqual([
      [given[0], '0'],
      [given[1], '1'],
    ]);
    expect(await make().stream('x').final).toEqual(messages);
  });
});

describe('stopping', () => {
  const waiting = () => {
    const state = { started: 0, stopped: 0 };
    const wait = tool(
      (_, { signal }) => {
        state.started += 1;
        return new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            state.stopped += 1;
            reject(signal.reason as Error);
          });
        });
      },
      { name: 'wait', schema: z.object({}) },
    );
    return { state, wait };
  };

  test.each(['invoke', 'stream'] as const)(
    'an abort of %s stops the tools, and the model is not told',
    async (verb) => {
      const { state, wait } = waiting();
      const model = scripted(calling(callOf('wait', {}, '1'), callOf('wait', {}, '2')), 'never');
      const abort = new AbortController();
      const config = { signal: abort.signal };
      const handleToolErrors = vi.fn(() => 'not to be told');
      const loop = toolLoop(model, [wait], { handleToolErrors });
      const run = verb === 'invoke' ? loop.invoke('x', config) : loop.stream('x', config).final;
      await vi.waitFor(() => expect(state.started).toBe(2));
      const reason = new Error('enough');
      abort.abort(reason);
      await expect(run).rejects.toBe(reason);
      expect(state.stopped).toBe(2);
      await new Promise((resolve) => setImmediate(resolve));
      expect(handleToolErrors).not.toHaveBeenCalled();
      expect(model.calls).toHaveLength(1);
    },
  );

  test('leaving the stream stops the tools at once', async () => {
    const { state, wait } = waiting();
    const quick = tool(async () => 'quick', { name: 'quick', schema: z.object({}) });
    const stream = toolLoop(scripted(calling(callOf('quick'), callOf('wait'))), [wait, quick]).stream('x');
    for await (const chunk of stream) if (chunk.type === 'tool') break;
    expect(state).toEqual({ started: 1, stopped: 1 });
  });

  test('a later step that has seen enough stops the tools too', async () => {
    const { state, wait } = waiting();
    const quick = tool(async () => 'quick', { name: 'quick', schema: z.object({}) });
    const first = new RunnableGenerator({
      async *transform(chunks: AsyncIterable<ToolLoopChunk>) {
        for await (const chunk of chunks) if (chunk.type === 'tool') break;
        yield state.stopped;
      },
    });
    const loop = toolLoop(scripted(calling(callOf('quick'), callOf('wait'))), [wait, quick]);
    expect(await loop.pipe(first as never).stream('x').final).toBe(1);
  });

  test('leaving the stream in the middle of an answer closes the model', async () => {
    const closed = vi.fn();
    class Endless extends BaseChatModel {
      readonly name = 'Endless';
      override async *streamChunks() {
        try {
          for (;;) yield new AIMessageChunk('x');
        } finally {
          closed();
        }
      }
    }
    for await (const _chunk of toolLoop(new Endless(), []).stream('x')) break;
    expect(closed).toHaveBeenCalledOnce();
  });

  test('a failing model fails the loop, with what there is as the partial result', async () => {
    const model = scripted(calling(callOf('shout', { input: 'a' })), ['half ', new Error('cut')]);
    const stream = toolLoop(model, [shout]).stream('x');
    const chunks: ToolLoopChunk[] = [];
    const reading = (async () => {
      for await (const chunk of stream) chunks.push(chunk);
    })();
    await expect(reading).rejects.toThrow('cut');
    expect(shown(chunks)).toEqual(['ai: ', 'tool: A', 'ai: half ']);
  });
});

test('every run is told of and closed once, each under the loop', async () => {
  const events: RunEvent[] = [];
  const loop = toolLoop(scripted(calling(callOf('shout', { input: 'a' }), callOf('fail')), 'done'), [
    shout,
    fail,
  ]);
  await loop.invoke('x', { callbacks: [(event) => void events.push(event)] });
  const runs = events
    .filter(({ type }) => type !== 'run-chunk')
    .map(({ type, run }) => `${type} ${run.parentIds.length} ${run.name} ${run.tags.join()}`);
  expect(runs).toEqual([
    'run-start 0 ToolLoop ',
    'run-start 1 ScriptedChatModel loop:model:1',
    'run-end 1 ScriptedChatModel loop:model:1',
    'run-start 1 shout loop:tool:shout',
    'run-end 1 shout loop:tool:shout',
    'run-start 1 fail loop:tool:fail',
    'run-error 1 fail loop:tool:fail',
    'run-start 1 ScriptedChatModel loop:model:2',
    'run-end 1 ScriptedChatModel loop:model:2',
    'run-end 0 ToolLoop ',
  ]);
});

test('runs of one loop share nothing', async () => {
  const model = new ScriptedChatModel({
    replies: Array.from({ length: 40 }, () => (messages: readonly BaseMessage[]) => {
      const last = messages.at(-1) as BaseMessage;
      return last.type === 'tool' ? last.text : calling(callOf('shout', { input: last.text }));
    }),
  });
  const inputs = Array.from({ length: 20 }, (_, index) => `n${index}`);
  const results = await toolLoop(model, [shout]).batch(inputs);
  expect(results.map((messages) => messages.at(-1)?.text)).toEqual(inputs.map((text) => text.toUpperCase()));
});

test('a loop is a tool for another loop', async () => {
  const inner = toolLoop(scripted(calling(callOf('shout', { input: 'a' })), 'inner A'), [shout])
    .pipe((messages) => messages.at(-1)?.text ?? '')
    .asTool({ name: 'expert', description: 'Knows.' });
  const outer = scripted(calling(callOf('expert', { input: 'q' })), 'done');
  expect(shown(await toolLoop(outer, [inner]).invoke('x'))).toEqual(['ai: ', 'tool: inner A', 'ai: done']);
});

describe('the laws', () => {
  const asynchronous = tool(async (text) => text.length, { name: 'length' });
  const makers: Record<string, () => ReturnType<typeof toolLoop>> = {
    'a loop without a call': () => toolLoop(new FakeListChatModel({ responses: ['Hi.'] }), [shout]),
    'a loop with calls, also failing ones': () =>
      toolLoop(
        scripted(
          // The laws run one chain twice.
          ...[1, 2].flatMap(() => [
            calling(
              callOf('length', { input: 'abc' }),
              callOf('shout', { input: 'a' }),
              callOf('fail'),
              callOf('no'),
            ),
            calling({ name: 'length', args: { input: 'x' } }),
            ['do', 'ne'],
          ]),
        ),
        [shout, asynchronous, fail],
      ),
  };
  describe.each(Object.entries(makers))('%s', (_name, make) => {
    for (const law of runnableLaws(make, ['x'])) test(law.name, () => law.check());
  });
});
