import { describe, expect, test, vi } from 'vitest';
import * as ours from './index.js';
import * as ourFakes from './testing/index.js';

vi.resetModules();
const theirs = await import('./index.js');
const theirFakes = await import('./testing/index.js');

/** What is read off a run's events: who ran inside whom. */
function shapeOf(events: readonly ours.RunEvent[]): string[] {
  const names = new Map(events.map(({ run }) => [run.id, run.name]));
  return events.map(
    ({ type, run }) => `${type} ${run.name} in ${names.get(run.parentId ?? '') ?? 'nothing'}`,
  );
}

const step = <T>(name: string, func: (input: T, context: ours.RunContext) => unknown) =>
  new ours.RunnableLambda<T, unknown>({ func, name });

test('there are two', () => {
  expect(theirs.Runnable).not.toBe(ours.Runnable);
});

describe('a chain of one copy of the package with steps of another', () => {
  const add = theirs.RunnableLambda.from((x: number) => x + 1);
  const letters = theirs.RunnableLambda.from(function* (x: number) {
    for (const letter of `n${x}`) yield letter;
  });

  test('runs in every verb', async () => {
    const chain = ours.RunnableLambda.from((x: number) => x * 2)
      .pipe(add as never)
      .pipe(ours.RunnableParallel.from({ text: letters as never, number: (x: number) => x }) as never)
      .withRetry()
      .withTimeout(60_000) as ours.Runnable<number, unknown>;
    const expected = { text: 'n3', number: 3 };
    expect(await chain.invoke(1)).toEqual(expected);
    expect(chain.invokeSync(1)).toEqual(expected);
    expect(await chain.stream(1).final).toEqual(expected);
    expect(await chain.batch([1, 1])).toEqual([expected, expected]);
  });

  test.each([
    ['invoke', (x: number, context: ours.RunContext) => add.invoke(x, context as never), 2],
    ['invokeSync', (x: number, context: ours.RunContext) => add.invokeSync(x, context as never), 2],
    ['stream', (x: number, context: ours.RunContext) => add.stream(x, context as never), 2],
    [
      'stream with options',
      (x: number, context: ours.RunContext) => add.stream(x, { ...context, tags: ['t'] } as never).final,
      2,
    ],
    ['batch', (x: number, context: ours.RunContext) => add.batch([x, x], context as never), [2, 2]],
    ['context.run', (x: number, context: ours.RunContext) => context.run(add as never, x as never), 2],
  ])('nests a run that is started with the context of a step, by %s', async (_verb, start, expected) => {
    const seen: ours.RunEvent[] = [];
    const outer = step('outer', start);
    expect(await outer.invoke(1, { callbacks: [(event) => void seen.push(event)] })).toEqual(expected);
    const starts = shapeOf(seen).filter((line) => line.startsWith('run-start'));
    expect(starts[0]).toBe('run-start outer in nothing');
    expect(starts.slice(1)).toEqual(starts.slice(1).map(() => 'run-start RunnableLambda in outer'));
    expect(starts.length).toBeGreaterThan(1);
  });

  test('stops a run that was started with the context of a step', async () => {
    let reason: unknown;
    const waits = theirs.RunnableLambda.from(
      (_: number, { signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            reason = signal.reason;
            reject(signal.reason as Error);
          });
        }),
    );
    const controller = new AbortController();
    const running = step('outer', (x: number, context) => waits.invoke(x, context as never)).invoke(1, {
      signal: controller.signal,
    });
    const why = new Error('enough');
    controller.abort(why);
    await expect(running).rejects.toBe(why);
    expect(reason).toBe(why);
  });

  test('counts how deep runs are nested', async () => {
    const startedBy = async (copies: readonly (typeof ours)[]): Promise<number> => {
      let started = 0;
      const deeper = (depth: number, context: ours.RunContext): unknown => {
        started += 1;
        const { RunnableLambda } = copies[depth % copies.length] as typeof ours;
        const next = RunnableLambda.from((below: number, inside) => deeper(below, inside as never));
        return next.invoke(depth + 1, context as never);
      };
      await expect(step('outer', deeper).invoke(0, { recursionLimit: 10 })).rejects.toMatchObject({
        code: 'RECURSION_LIMIT',
      });
      return started;
    };
    expect(await startedBy([ours, theirs])).toBe(await startedBy([ours]));
  });

  test('tells listeners of custom events, and events of models', async () => {
    const model = new theirFakes.FakeListChatModel({ responses: ['hi'] });
    const chain = step('outer', (text: string, context) => {
      theirs.dispatchCustomEvent('seen', text, context as never);
      return text;
    }).pipe(model as never);
    const seen: ours.RunEvent[] = [];
    for await (const event of chain.events('hello')) seen.push(event);
    expect(shapeOf(seen)).toContain('custom outer in RunnableSequence');
    expect(shapeOf(seen)).toContain('run-end FakeListChatModel in RunnableSequence');
  });

  test('shares the cache of models, and recognises errors and messages', async () => {
    const records = new Map<string, ours.LlmRecord>();
    ours.setLlmCache({
      lookup: ({ key }) => records.get(key),
      update: ({ key }, record) => void records.set(key, record),
    });
    try {
      const asked = new theirFakes.ScriptedChatModel({ replies: ['one'] });
      await asked.invoke('x');
      const again = await new ourFakes.ScriptedChatModel({ replies: [] }).invoke([
        new theirs.HumanMessage('x') as never,
      ]);
      expect(again.text).toBe('one');
    } finally {
      ours.setLlmCache(null);
    }
  });
});

describe('messages, tools and stored chains of another copy', () => {
  const call = { id: '1', name: 'add', args: { a: 1, b: 2 }, type: 'tool_call' as const };
  const schema = { type: 'object' };
  const add = theirs.tool(({ a, b }: Readonly<Record<string, unknown>>) => Number(a) + Number(b), {
    name: 'add',
    schema,
  });
  const answering = theirs.tool(() => new theirs.ToolMessage('3', '1', 'add'), { name: 'add', schema });

  test.each([
    ['gives a value', add],
    ['gives a message', answering],
  ])('a loop runs a tool of another copy that %s', async (_what, tool) => {
    const model = new ourFakes.ScriptedChatModel({
      replies: [new theirs.AIMessage({ content: '', tool_calls: [call] }) as never, 'three'],
    });
    const messages = await ours.toolLoop(model, [tool as never]).invoke('x');
    expect(messages.map(({ type, text }) => [type, text])).toEqual([
      ['ai', ''],
      ['tool', '3'],
      ['ai', 'three'],
    ]);
  });

  test('what a foreign model streams adds up, its tool calls too', async () => {
    const pieces = ['{"a": 1,', ' "b": 2}'].map(
      (args) =>
        new theirs.AIMessageChunk({
          content: '',
          tool_call_chunks: [{ index: 0, id: '1', name: 'add', args }],
        }),
    );
    const model = new theirFakes.ScriptedChatModel({ replies: [pieces, pieces] });
    const chain = ours.RunnableLambda.from((text: string) => text).pipe(model as never);
    for (const answer of [await chain.invoke('x'), await chain.stream('x').final]) {
      expect((answer as ours.AIMessage).tool_calls[0]?.args).toEqual({ a: 1, b: 2 });
    }
    const generated = ours.RunnableLambda.from(function* () {
      yield* pieces;
    });
    expect(((await generated.invoke('x')) as unknown as ours.AIMessage).tool_calls[0]?.name).toBe('add');
  });

  test('the guards know messages of both', () => {
    const human = new theirs.HumanMessage('x');
    const chunk = new theirs.AIMessageChunk('x');
    expect([ours.isMessage(human), ours.isHumanMessage(human), ours.isAIMessage(human)]).toEqual([
      true,
      true,
      false,
    ]);
    expect([ours.isAIMessage(chunk), ours.isAIMessageChunk(chunk)]).toEqual([true, true]);
    expect(ours.isAIMessageChunk(new theirs.AIMessage('x'))).toBe(false);
    expect(ours.isToolMessage(new theirs.ToolMessage('x', '1'))).toBe(true);
    expect(ours.isSystemMessage(new theirs.SystemMessage('x'))).toBe(true);
    expect(ours.isMessage({ type: 'human', content: 'x' })).toBe(false);
  });

  test('a chain with steps of another copy is stored and loaded', async () => {
    const double = theirs.RunnableLambda.from(function double(x: number) {
      return x * 2;
    });
    const chain = ours.RunnableSequence.from([double as never, add.withRetry() as never]);
    const text = ours.dumps(chain as never);
    const registry = [ours.coreRegistry, { functions: { double: () => ({ a: 1, b: 2 }), add: () => 3 } }];
    expect(await ours.loads(text, { registry: registry as never }).invoke(1)).toBe(3);
  });
});

type ErrorClass = typeof ours.PipewrightError;
const errorsOf = (copy: typeof ours): ErrorClass[] =>
  Object.values<unknown>(copy as never).filter(
    (value: unknown): value is ErrorClass =>
      typeof value === 'function' &&
      (value === copy.PipewrightError || value.prototype instanceof copy.PipewrightError),
  );

test('each class of errors recognises its own, and those of the classes made from it, of both copies', () => {
  const [own, foreign] = [errorsOf(ours), errorsOf(theirs)];
  expect(own.length).toBeGreaterThan(20);
  for (const kind of own) {
    const twin = foreign.find(({ name }) => name === kind.name) as ErrorClass;
    for (const other of foreign) {
      const error: unknown = Object.create(other.prototype);
      expect([kind.name, other.name, kind.isInstance(error)]).toEqual([
        kind.name,
        other.name,
        error instanceof twin,
      ]);
    }
  }
});

test('a class of errors takes nothing else for its own', () => {
  const limited = new theirs.RateLimitedError('slow down', { status: 429, retryAfterMs: 5 });
  expect(ours.RateLimitedError.isInstance(limited) && limited.retryAfterMs).toBe(5);
  expect(limited.name).toBe('RateLimitedError');
  for (const other of [undefined, null, 'RateLimitedError', { name: 'RateLimitedError' }, new Error('x')]) {
    expect(ours.RateLimitedError.isInstance(other)).toBe(false);
    expect(ours.PipewrightError.isInstance(other)).toBe(false);
  }
  class Mine extends ours.ProviderError {
    static override readonly name = 'Mine';
  }
  expect(new Mine('x').name).toBe('Mine');
  expect(Mine.isInstance(new Mine('x'))).toBe(true);
  expect(Mine.isInstance(new ours.ProviderError('x'))).toBe(false);
  expect(theirs.ProviderError.isInstance(new Mine('x'))).toBe(true);
});
