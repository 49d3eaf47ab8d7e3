import { describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import {
  AIMessageChunk,
  BaseChatModel,
  ConfigError,
  dispatchCustomEvent,
  HumanMessage,
  MessageCoercionError,
  type Runnable,
  RunnableBranch,
  RunnableGenerator,
  RunnableLambda,
  RunnableParallel,
  RunnablePassthrough,
  SystemMessage,
  type BaseMessage,
  type Callback,
  type ModelCallOptions,
  type RunContext,
  type RunEvent,
  type StreamEvent,
} from '../index.js';
import { FakeListChatModel, FakeStreamingChatModel } from '../testing/index.js';

const tick = () => new Promise<void>((resolve) => setImmediate(resolve));
const short = ({ type, run }: RunEvent) => `${type} ${run.name}`;
const inc = RunnableLambda.from(function inc(x: number) {
  return x + 1;
});
const fails = RunnableLambda.from(function fails(_: number): number {
  throw new Error('no');
});

/** Whether each start is followed by exactly one end, error or cancel, children's before their parents'. */
function expectClosed(all: readonly RunEvent[]): void {
  const open = new Set<string>();
  const seen = new Set<string>();
  for (const { type, run } of all) {
    if (type === 'run-start') {
      expect(seen.has(run.id)).toBe(false);
      if (run.parentId !== undefined) expect(open.has(run.parentId)).toBe(true);
      seen.add(run.id);
      open.add(run.id);
    } else if (type === 'run-end' || type === 'run-error' || type === 'run-cancel') {
      expect(open.delete(run.id)).toBe(true);
      for (const other of all) if (other.run.parentId === run.id) expect(open.has(other.run.id)).toBe(false);
    }
  }
  expect([...open]).toEqual([]);
}

async function record(work: (callbacks: Callback[]) => Promise<unknown>): Promise<RunEvent[]> {
  const all: RunEvent[] = [];
  await work([(event) => void all.push(event)]).catch(() => {});
  expectClosed(all);
  return all;
}

describe('callbacks', () => {
  test('D27: hear the start and the end of every run, inside out, with ids and parents', async () => {
    const all = await record((callbacks) => inc.pipe({ a: inc }).invoke(1, { callbacks }));
    expect(all.map(short)).toEqual([
      'run-start RunnableSequence',
      'run-start inc',
      'run-end inc',
      'run-start RunnableParallel',
      'run-start inc',
      'run-end inc',
      'run-end RunnableParallel',
      'run-end RunnableSequence',
    ]);
    const [root, , , parallel, leaf] = all;
    expect(leaf?.run.parentIds).toEqual([root?.run.id, parallel?.run.id]);
    expect(all.at(-1)).toMatchObject({ input: 1, output: { a: 3 } });
  });

  test('tags and metadata go down, each step adds its own place, the run name does not go down', async () => {
    const all = await record((callbacks) =>
      inc
        .pipe({ a: inc })
        .invoke(1, { callbacks, tags: ['t'], metadata: { m: 1 }, runName: 'root', runId: 'id-1' }),
    );
    const starts = all.filter(({ type }) => type === 'run-start').map(({ run }) => [run.name, ...run.tags]);
    expect(starts).toEqual([
      ['root', 't'],
      ['inc', 't', 'seq:step:1'],
      ['RunnableParallel', 't', 'seq:step:2'],
      ['inc', 't', 'map:key:a'],
    ]);
    expect(all[0]?.run.id).toBe('id-1');
    expect(all.every(({ run }) => run.metadata.m === 1)).toBe(true);
  });

  test('a failure is told of every run it passes through, and is left as it is', async () => {
    const error = await record((callbacks) => inc.pipe(fails).invoke(1, { callbacks }));
    expect(error.map(short)).toEqual([
      'run-start RunnableSequence',
      'run-start inc',
      'run-end inc',
      'run-start fails',
      'run-error fails',
      'run-error RunnableSequence',
    ]);
  });

  test('D12: each item of a batch has its own output', async () => {
    const all = await record((callbacks) => inc.batch([1, 2], { callbacks }));
    expect(
      all.filter(({ type }) => type === 'run-end').map((event) => (event as { output: unknown }).output),
    ).toEqual([2, 3]);
  });

  test('asynchronous ones are waited for at the end of the run, in every mode', async () => {
    const heard: string[] = [];
    const slow: Callback = async ({ type }) => {
      await tick();
      heard.push(type);
    };
    const config = { callbacks: [slow] };
    for (const run of [
      () => inc.invoke(1, config),
      () => inc.stream(1, config).final,
      () => inc.batch([1], config),
      () => fails.invoke(1, config).catch(() => {}),
    ]) {
      heard.length = 0;
      await run();
      expect(heard).toHaveLength(heard.includes('run-chunk') ? 3 : 2);
    }
  });

  test('one that is not in an array is refused, in every mode', async () => {
    const config = { callbacks: { onEnd: () => {} } } as never;
    await expect(inc.invoke(1, config)).rejects.toThrow(ConfigError);
    expect(() => inc.stream(1, config)).toThrow('callbacks is an object of class Object');
    expect(() => inc.events(1, config)).toThrow(ConfigError);
    expect(() => inc.withConfig(config)).toThrow(ConfigError);
  });

  test('D58: a slow one in one run does not hold up another', async () => {
    let release: () => void = () => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const slow = inc.invoke(1, { callbacks: [() => gate] });
    expect(await inc.invoke(2, { callbacks: [async () => {}] })).toBe(3);
    release();
    expect(await slow).toBe(2);
  });

  test('D59: one that throws is reported and ignored; with raiseError it fails the run', async () => {
    const report = vi.spyOn(console, 'error').mockImplementation(() => {});
    const handler = {
      onStart: () => {
        throw new Error('handler');
      },
    };
    expect(await inc.invoke(1, { callbacks: [handler] })).toBe(2);
    expect(report).toHaveBeenCalledTimes(1);
    await expect(inc.invoke(1, { callbacks: [{ ...handler, raiseError: true }] })).rejects.toThrow('handler');
    report.mockRestore();
  });

  test('one that raises its errors hides nothing from those after it', async () => {
    const heard: string[] = [];
    const raises = {
      raiseError: true,
      onEnd: () => {
        throw new Error('handler');
      },
    };
    const callbacks = [raises, ({ type }: RunEvent) => void heard.push(type)];
    await expect(inc.invoke(1, { callbacks })).rejects.toThrow('handler');
    expect(heard).toEqual(['run-start', 'run-end']);
  });

  test('a synchronous run does not wait for asynchronous ones, and their failures are reported', async () => {
    const report = vi.spyOn(console, 'error').mockImplementation(() => {});
    const callbacks: Callback[] = [async () => {}];
    expect(inc.invokeSync(1, { callbacks })).toBe(2);
    expect(inc.batchSync([1, 2], { callbacks })).toEqual([2, 3]);
    expect([...inc.streamSync(1, { callbacks })]).toEqual([2]);
    expect(
      inc
        .withListeners({ onEnd: async () => {} })
        .pipe(inc)
        .invokeSync(1),
    ).toBe(3);
    expect(() => fails.invokeSync(1, { callbacks })).toThrow('no');
    expect(report).not.toHaveBeenCalled();
    const failing = { raiseError: true, onEnd: () => Promise.reject(new Error('late')) };
    expect(inc.invokeSync(1, { callbacks: [failing] })).toBe(2);
    await tick();
    expect(report).toHaveBeenCalledOnce();
    report.mockRestore();
  });

  test('callbacks of a context, handed on alone or with others, keep a nested call in its run', async () => {
    const heard: string[] = [];
    const outer = RunnableLambda.from(async function outer(x: number, context) {
      const own = ({ type }: RunEvent) => void heard.push(`own ${type}`);
      await inc.invoke(x, { callbacks: [...context.callbacks, own] });
      return inc.invoke(x, { callbacks: context.callbacks });
    });
    const all = await record((callbacks) => outer.invoke(1, { callbacks, tags: ['t'] }));
    const starts = all.filter(({ type }) => type === 'run-start').map(({ run }) => run);
    expect(starts.map(({ name }) => name)).toEqual(['outer', 'inc', 'inc']);
    expect(starts.slice(1).every(({ parentId, tags }) => parentId === starts[0]?.id && tags[0] === 't')).toBe(
      true,
    );
    expect(heard).toEqual(['own run-start', 'own run-end']);
  });

  test('the name and the id of a run are for the runnable that is called', async () => {
    const names = async (run: (callbacks: Callback[]) => Promise<unknown>) =>
      (await record(run))
        .filter(({ type }) => type === 'run-start')
        .map(({ run: { name, id } }) => [name, id]);
    const heard: unknown[] = [];
    const onStart = ({ run }: RunEvent) => void heard.push([run.name, run.id === 'mine']);
    // Nobody listens to the list, which is what was called.
    await inc.withListeners({ onStart }).map().invoke([1, 2], { runName: 'request', runId: 'mine' });
    expect(heard).toEqual([
      ['inc', false],
      ['inc', false],
    ]);
    const bound = inc.withConfig({ runName: 'bound' });
    expect(await names((callbacks) => bound.invoke(1, { callbacks, runId: 'mine' }))).toEqual([
      ['bound', 'mine'],
    ]);
    expect(await names((callbacks) => bound.invoke(1, { callbacks, runName: 'call' }))).toEqual([
      ['call', expect.any(String)],
    ]);
  });

  test('something that is no callback is refused', async () => {
    await expect(inc.invoke(1, { callbacks: [5 as never] })).rejects.toThrow(ConfigError);
  });

  test('a nested call with the context belongs to the run around it', async () => {
    const outer = RunnableLambda.from(async function outer(x: number, context: RunContext) {
      return inc.invoke(x, { ...context, tags: ['inner'] });
    });
    const all = await record((callbacks) => outer.invoke(1, { callbacks, tags: ['t'] }));
    const start = all.find(({ type, run }) => type === 'run-start' && run.name === 'inc');
    expect(start?.run.parentId).toBe(all[0]?.run.id);
    expect(start?.run.tags).toEqual(['t', 'inner']);
  });
});

describe('streams and their events', () => {
  const tokens = RunnableLambda.from(async function* tokens(_: number) {
    for (let n = 0; ; n += 1) yield n;
  });

  test('D16: a reader that leaves cancels every run that is still open', async () => {
    const all = await record(async (callbacks) => {
      for await (const chunk of tokens.pipe(new RunnablePassthrough<number>()).stream(0, { callbacks }))
        if (chunk > 1) break;
      for await (const chunk of tokens.stream(0, { callbacks })) if (chunk > 1) break;
    });
    expect(all.filter(({ type }) => type === 'run-cancel').length).toBeGreaterThan(0);
  });

  test('D17: an abort cancels every open run at once, also of steps that never come back', async () => {
    const abort = new AbortController();
    const stuck = RunnableLambda.from(function stuck(_: number) {
      return new Promise<never>(() => {});
    });
    const all: RunEvent[] = [];
    const run = inc
      .pipe({ a: stuck, b: stuck })
      .invoke(1, { signal: abort.signal, callbacks: [(event) => void all.push(event)] });
    abort.abort(new Error('enough'));
    await expect(run).rejects.toThrow('enough');
    expectClosed(all);
    expect(all.filter(({ type }) => type === 'run-cancel').map(({ run: { name } }) => name)).toEqual([
      'stuck',
      'stuck',
      'RunnableParallel',
      'RunnableSequence',
    ]);
  });

  test('the end of a step over chunks names its whole input and output', async () => {
    const model = new FakeStreamingChatModel({ chunks: ['a', 'b'] });
    const all = await record(
      (callbacks) => model.pipe((message) => message.text).stream('hi', { callbacks }).final,
    );
    expect(all.find(({ type, run }) => type === 'run-end' && run.type === 'chat_model')).toMatchObject({
      input: 'hi',
      output: { content: 'ab' },
    });
  });

  test('a failing branch cancels the others', async () => {
    const stuck = RunnableLambda.from(function stuck(_: number) {
      return new Promise<never>(() => {});
    });
    const all = await record((callbacks) => RunnableParallel.from({ stuck, fails }).invoke(1, { callbacks }));
    expect(all.map(short)).toContain('run-cancel stuck');
    expect(all.map(short).at(-1)).toBe('run-error RunnableParallel');
  });

  test('retries and fallbacks show each attempt', async () => {
    const chain = fails.withRetry({ initialDelayMs: 0 }).withFallbacks([inc]);
    const all = await record((callbacks) => chain.invoke(1, { callbacks }));
    const starts = all
      .filter(({ type }) => type === 'run-start')
      .map(({ run }) => [run.name, ...run.tags].join(' '));
    expect(starts).toEqual([
      'Fallbacks<Retry<fails>>',
      'Retry<fails>',
      'fails',
      'fails retry:attempt:2',
      'fails retry:attempt:3',
      'inc fallback:1',
    ]);
  });

  test('D5: the end of a stream through fallbacks has its output', async () => {
    const all = await record((callbacks) => fails.withFallbacks([inc]).stream(1, { callbacks }).final);
    expect(all.at(-1)).toMatchObject({ type: 'run-end', output: 2 });
  });

  test('conditions and branches are told with their place', async () => {
    const branch = RunnableBranch.from([[(n: number) => n > 1, inc], inc]);
    const all = await record((callbacks) => branch.invoke(0, { callbacks }));
    expect(all.filter(({ type }) => type === 'run-start').map(({ run }) => run.tags[0])).toEqual([
      undefined,
      'condition:1',
      'branch:default',
    ]);
  });
});

/** Says which of its two ways was taken. */
class TwoWays extends BaseChatModel {
  readonly name = 'TwoWays';
  override generate() {
    return new AIMessageChunk('whole');
  }
  override *streamChunks(_m: readonly BaseMessage[], _o: ModelCallOptions) {
    yield new AIMessageChunk('in ');
    yield new AIMessageChunk('pieces');
  }
}

describe('events()', () => {
  test('yields what happens as it happens, and drives the run no further than it is read', async () => {
    let steps = 0;
    const chain = inc
      .pipe(async (x) => {
        steps += 1;
        await tick();
        return x;
      })
      .pipe(inc);
    const stream = chain.events(1);
    const seen: string[] = [];
    for await (const event of stream) {
      seen.push(short(event));
      if (seen.length === 3) break;
    }
    expect(seen).toEqual(['run-start RunnableSequence', 'run-start inc', 'run-chunk inc']);
    expect(steps).toBe(1);
    await tick();
  });

  test('D18: leaving early throws nothing at the reader, and closes the run', async () => {
    let closed = false;
    const source = RunnableLambda.from(async function* (_: number) {
      try {
        for (;;) yield 1;
      } finally {
        closed = true;
      }
    });
    for await (const event of source.events(1)) if (event.type === 'run-chunk') break;
    expect(closed).toBe(true);
  });

  test('a failing run tells so and then throws; what the reader throws comes out as it is', async () => {
    const seen: string[] = [];
    const loop = async () => {
      for await (const event of fails.events(1)) seen.push(event.type);
    };
    await expect(loop()).rejects.toThrow('no');
    expect(seen).toEqual(['run-start', 'run-error']);
    const mine = new Error('mine');
    const throwing = async () => {
      for await (const _event of inc.events(1)) throw mine;
    };
    await expect(throwing()).rejects.toBe(mine);
  });

  test('79: a model that is only invoked streams its tokens to listeners; one that cannot gives one chunk', async () => {
    const chunksFrom = async (model: BaseChatModel) => {
      const calling = RunnableLambda.from(
        async (text: string, context) => (await model.invoke(text, context)).text,
      );
      const texts: string[] = [];
      for await (const event of calling.events('hi')) {
        if (event.type === 'run-chunk' && event.run.type === 'chat_model')
          texts.push((event.chunk as AIMessageChunk).text);
      }
      return texts;
    };
    expect(await chunksFrom(new TwoWays())).toEqual(['in ', 'pieces']);
    const whole = new TwoWays();
    Object.defineProperty(whole, 'streamChunks', { value: undefined });
    expect(await chunksFrom(whole)).toEqual(['whole']);
    expect((await new TwoWays().invoke('hi', { callbacks: [{ onEnd: () => {} }] })).text).toBe('whole');
  });

  test('passed callbacks hear as well', async () => {
    const heard: string[] = [];
    const { final } = inc.events(1, { callbacks: [({ type }) => void heard.push(type)] });
    expect((await final).map(({ type }) => type)).toEqual(heard);
  });

  test('a timeout holds in it', async () => {
    const stuck = RunnableLambda.from(() => new Promise<never>(() => {}));
    await expect(stuck.events(1, { timeout: 10 }).final).rejects.toThrow('10 ms');
  });
});

describe('streamEvents', () => {
  const chain = RunnableLambda.from(function ask(topic: string) {
    return `Tell me about ${topic}`;
  })
    .pipe(new FakeListChatModel({ responses: ['ab'] }))
    .pipe(function textOf(message) {
      return message.text;
    });

  test("76: gives LangChain's events in LangChain's order", async () => {
    const all = await chain.streamEvents('bears', { version: 'v2' }).final;
    expect(all.map(({ event, name }) => `${event} ${name}`)).toEqual(
      [
        'on_chain_start RunnableSequence',
        'on_chain_start ask',
        'on_chain_stream ask',
        'on_chain_end ask',
        'on_chat_model_start FakeListChatModel',
        'on_chat_model_stream FakeListChatModel',
        'on_chat_model_end FakeListChatModel',
        'on_chain_start textOf',
        'on_chain_stream textOf',
        'on_chain_end textOf',
        'on_chain_stream RunnableSequence',
        'on_chain_end RunnableSequence',
      ].flatMap((line) => (line === 'on_chat_model_stream FakeListChatModel' ? [line, line] : [line])),
    );
    expect(all.at(-1)?.data).toEqual({ output: 'ab' });
    expect(all[1]?.parent_ids).toEqual([all[0]?.run_id]);
  });

  test('78: filters by name, type and tag, and their opposites', async () => {
    const names = async (filter: object) => [
      ...new Set(
        (await chain.streamEvents('bears', { version: 'v2', ...filter }).final).map(({ name }) => name),
      ),
    ];
    expect(await names({ includeNames: ['ask'] })).toEqual(['ask']);
    expect(await names({ includeTypes: ['chat_model'] })).toEqual(['FakeListChatModel']);
    expect(await names({ includeTags: ['seq:step:3'] })).toEqual(['textOf']);
    expect(await names({ excludeTypes: ['chat_model'], excludeNames: ['ask', 'RunnableSequence'] })).toEqual([
      'textOf',
    ]);
    expect(await names({ excludeTags: ['seq:step:1', 'seq:step:2', 'seq:step:3'] })).toEqual([
      'RunnableSequence',
    ]);
  });

  test('80, 81: custom events and failures of any kind', async () => {
    const step = RunnableLambda.from((x: number, context) => {
      dispatchCustomEvent('progress', { done: x }, context);
      if (x > 1) throw new Error('no');
      return x;
    });
    const custom = (await step.streamEvents(1, { version: 'v2' }).final).find(
      ({ event }) => event === 'on_custom_event',
    );
    expect(custom).toMatchObject({ name: 'progress', data: { done: 1 } });
    const seen: StreamEvent[] = [];
    const loop = async () => {
      for await (const event of step.streamEvents(2, { version: 'v2' })) seen.push(event);
    };
    await expect(loop()).rejects.toThrow('no');
    expect(seen.at(-1)).toMatchObject({ event: 'on_chain_error', data: { error: new Error('no') } });
  });

  test('the input of a chat model in a chain is told as messages, that of the root as it was given', async () => {
    const inputs = async (runnable: Runnable<string, unknown, unknown>) =>
      (await runnable.streamEvents('bears', { version: 'v2', includeTypes: ['chat_model'] }).final)
        .filter(({ event }) => event !== 'on_chat_model_stream')
        .map(({ event, data }) => [event, (data as { input?: unknown }).input]);
    const messages = [[new HumanMessage('Tell me about bears')]];
    expect(await inputs(chain)).toEqual([
      ['on_chat_model_start', { messages }],
      ['on_chat_model_end', { messages }],
    ]);
    expect(await inputs(new FakeListChatModel({ responses: ['ab'] }))).toEqual([
      ['on_chat_model_start', 'bears'],
      ['on_chat_model_end', undefined],
    ]);
  });

  test('82, D28: as server-sent events, circles and line breaks included', async () => {
    const circle: Record<string, unknown> = { text: 'a\nb\r\u2028', big: 1n };
    circle.self = circle;
    const step = RunnableLambda.from(() => circle);
    const frames: string[] = [];
    for await (const bytes of step.streamEvents(1, { version: 'v2', encoding: 'text/event-stream' })) {
      frames.push(new TextDecoder().decode(bytes));
    }
    expect(frames.at(-1)).toBe('event: end\n\n');
    for (const frame of frames.slice(0, -1)) {
      const [, json] = /^event: data\ndata: (.*)\n\n$/u.exec(frame) ?? [];
      expect(() => JSON.parse(json ?? '') as unknown).not.toThrow();
    }
  });

  test.each<[what: string, value: object]>([
    [
      'a getter that throws',
      {
        get broken(): never {
          throw new Error('lazy');
        },
      },
    ],
    [
      'a form that throws',
      {
        toJSON: (): never => {
          throw new Error('no');
        },
      },
    ],
    ['20,000 levels', Array.from({ length: 20_000 }).reduce<object>((inner) => ({ inner }), {})],
  ])('%s in the data does not break the server-sent events off', async (_what, value) => {
    const decoder = new TextDecoder();
    let text = '';
    const step = RunnableLambda.from((_: object) => 'done');
    for await (const bytes of step.streamEvents(value, { version: 'v2', encoding: 'text/event-stream' })) {
      text += decoder.decode(bytes);
    }
    expect(text).toContain('"output":"done"');
    expect(text.endsWith('event: end\n\n')).toBe(true);
  });

  test('83: without the version it is refused', () => {
    expect(() => inc.streamEvents(1, {} as never)).toThrow(ConfigError);
  });
});

describe('custom events', () => {
  test('D62: outside a run they are refused', () => {
    expect(() => dispatchCustomEvent('x', 1, {})).toThrow(ConfigError);
    expect(() => dispatchCustomEvent('x', 1, undefined as never)).toThrow(ConfigError);
  });

  test('once the run has ended, nobody is told', async () => {
    let kept: RunContext | undefined;
    const step = RunnableLambda.from((x: number, context) => {
      kept = context;
      return x;
    });
    const all = await record((callbacks) => step.invoke(1, { callbacks }));
    dispatchCustomEvent('late', 1, kept);
    expect(all.map(({ type }) => type)).toEqual(['run-start', 'run-end']);
  });

  test("without a listener they are nobody's business", async () => {
    const step = RunnableLambda.from((x: number, context) => {
      dispatchCustomEvent('x', 1, context);
      return x;
    });
    expect(await step.invoke(1)).toBe(1);
  });
});

describe("handlers in LangChain's style", () => {
  class Tracer {
    readonly heard: unknown[][] = [];
    handleChainStart(...details: unknown[]) {
      this.heard.push(['chain start', details[1], details.at(-1)]);
    }
    handleChainEnd(output: unknown) {
      this.heard.push(['chain end', output]);
    }
    handleChainError(error: unknown) {
      this.heard.push(['chain error', String(error)]);
    }
    handleChatModelStart(_llm: unknown, messages: unknown) {
      this.heard.push(['model start', messages]);
    }
    handleLLMNewToken(token: string) {
      this.heard.push(['token', token]);
    }
    handleLLMEnd(result: { generations: { text: string }[][] }) {
      this.heard.push(['model end', result.generations[0]?.[0]?.text]);
    }
  }

  test('are told in their own words', async () => {
    const tracer = new Tracer();
    const chain = new FakeListChatModel({ responses: ['ab'] }).pipe(function textOf(message) {
      return message.text;
    });
    await chain.invoke('hi', { callbacks: [tracer] });
    expect(tracer.heard).toEqual([
      ['chain start', { input: 'hi' }, 'RunnableSequence'],
      ['model start', [[new HumanMessage('hi')]]],
      ['token', 'a'],
      ['token', 'b'],
      ['model end', 'ab'],
      ['chain start', expect.objectContaining({ content: 'ab' }), 'textOf'],
      ['chain end', { output: 'ab' }],
      ['chain end', { output: 'ab' }],
    ]);
  });

  test('a method of that style beside others of its own does not make a listener one of them', async () => {
    const heard: string[] = [];
    class Listening {
      onStart() {
        this.handleEvent('start');
      }
      onEnd() {
        this.handleEvent('end');
      }
      handleEvent(what: string) {
        heard.push(what);
      }
    }
    await inc.invoke(1, { callbacks: [new Listening()] });
    expect(heard).toEqual(['start', 'end']);
  });

  test('one with methods of both styles is told in both', async () => {
    const heard: string[] = [];
    const both = {
      onStart: () => heard.push('onStart'),
      handleChainStart: () => heard.push('handleChainStart'),
    };
    await inc.invoke(1, { callbacks: [both] });
    expect(heard).toEqual(['onStart', 'handleChainStart']);
  });

  test('are told nothing of what they ignore, tools by the name of agents', async () => {
    const heard: string[] = [];
    const handler = {
      handleToolStart: () => heard.push('start'),
      handleToolEnd: () => heard.push('end'),
    };
    const loud = inc.asTool({ name: 'inc', schema: z.number() });
    await loud.invoke(1, { callbacks: [{ ...handler, ignoreAgent: true }] });
    expect(heard).toEqual([]);
    await loud.invoke(1, { callbacks: [handler] });
    expect(heard).toEqual(['start', 'end']);
  });

  test('are told what a chat model is asked as messages, or as one text', async () => {
    const model = new FakeListChatModel({ responses: ['a'] });
    const heard: unknown[] = [];
    const chat = { handleChatModelStart: (_llm: unknown, messages: unknown) => heard.push(messages) };
    const text = { handleLLMStart: (_llm: unknown, prompts: unknown) => heard.push(prompts) };
    await model.invoke([['system', 's'], { role: 'user', content: 'u' }], { callbacks: [chat, text] });
    expect(heard).toEqual([[[new SystemMessage('s'), new HumanMessage('u')]], ['System: s\nHuman: u']]);
  });

  test('hear what a chat model is asked also where it does not read as messages', async () => {
    const heard: unknown[] = [];
    const text = { handleLLMStart: (_llm: unknown, prompts: unknown) => heard.push(prompts) };
    const asked = new FakeListChatModel({ responses: ['a'] }).invoke(7 as never, { callbacks: [text] });
    await expect(asked).rejects.toThrow(MessageCoercionError);
    expect(heard).toEqual([['7']]);
  });

  test("are told a chain's input at its end, which is when all of it has arrived", async () => {
    const heard: unknown[] = [];
    const handler = {
      handleChainEnd: (...details: unknown[]) => heard.push(details[4]),
      handleChainError: (...details: unknown[]) => heard.push(details[4]),
      handleLLMEnd: (...details: unknown[]) => heard.push(details.length),
    };
    const read = (fails: boolean) =>
      RunnableGenerator.from(async function* (texts: AsyncIterable<string>) {
        for await (const text of texts) {
          yield text;
          if (fails) throw new Error('no');
        }
      }).transform(['a', 'b'], { callbacks: [handler] }).final;
    await read(false);
    await expect(read(true)).rejects.toThrow('no');
    await new FakeListChatModel({ responses: ['a'] }).invoke('hi', { callbacks: [handler] });
    expect(heard).toEqual([{ inputs: { input: 'ab' } }, { inputs: { input: 'a' } }, 4]);
  });

  test('a failure stays what it is where what had arrived cannot be added up', async () => {
    const brittle = new RunnableGenerator<number, number>({
      async *transform() {
        yield 1;
      },
      fold: () => ({
        add: () => {},
        value: () => {
          throw new Error('unfinished');
        },
      }),
    });
    const stops = RunnableGenerator.from(async function* (numbers: AsyncIterable<number>) {
      for await (const n of numbers) if (n > 0) throw new Error('no');
      yield 0;
    });
    await expect(brittle.pipe(stops).stream(1, { callbacks: [() => {}] }).final).rejects.toThrow('no');
  });

  test('models stream for those that take tokens, and for tracers only if they prefer it', async () => {
    const answer = async (handler: object) =>
      (await new TwoWays().invoke('hi', { callbacks: [handler] })).text;
    const tokens = { handleLLMNewToken: () => {} };
    const tracer = { ...tokens, _addRunToRunMap: () => {} };
    expect(await answer(tokens)).toBe('in pieces');
    expect(await answer(tracer)).toBe('whole');
    expect(await answer({ ...tracer, lc_prefer_streaming: true })).toBe('in pieces');
    expect(await answer({ ...tokens, lc_prefer_streaming: false })).toBe('whole');
  });

  test("are told a tool's input also where JSON has no form for it", async () => {
    const heard: unknown[] = [];
    const handler = { handleToolStart: (_tool: unknown, input: string) => heard.push(input) };
    const count = RunnableLambda.from(({ n }: { n: bigint }) => `${n}`).asTool({
      name: 'count',
      schema: z.object({ n: z.bigint() }),
    });
    await count.invoke({ n: 10n }, { callbacks: [handler] });
    expect(heard).toEqual(['{"n":"10"}']);
  });

  test('hear of failures', async () => {
    const tracer = new Tracer();
    await fails.invoke(1, { callbacks: [tracer] }).catch(() => {});
    expect(tracer.heard.at(-1)).toEqual(['chain error', 'Error: no']);
  });
});

test('law 9: a listener changes nothing but time', async () => {
  const chains: Runnable<number, unknown, unknown>[] = [inc, inc.pipe({ a: inc, b: async (x) => x }), fails];
  for (const chain of chains) {
    const outcome = async (config: object) => {
      const chunks: unknown[] = [];
      try {
        for await (const chunk of chain.stream(1, config)) chunks.push(chunk);
        return [chunks, await chain.invoke(1, config)];
      } catch (error) {
        return [chunks, error];
      }
    };
    expect(await outcome({ callbacks: [() => {}] })).toEqual(await outcome({}));
  }
});
