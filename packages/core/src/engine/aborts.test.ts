import { getEventListeners } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { AbortedError, RunnableLambda, TimeoutError, type RunContext, type RunStream } from '../index.js';

const never = (): Promise<never> => new Promise(() => {});
const stuck = RunnableLambda.from((_: number) => never());

describe('stops every scope before anybody is told', () => {
  /** Streams after an asynchronous step, within a scope of its own that is made later than the stream's. */
  const inScopeOfItsOwn = (step: (_: string, context: RunContext) => AsyncGenerator<string>) =>
    RunnableLambda.from(async (x: string) => x).pipe(RunnableLambda.from(step).withTimeout(60_000));

  test('so that a provider inside a scope of its own hears of it in the same tick', async () => {
    const caller = new AbortController();
    let stopped: unknown;
    const chain = inScopeOfItsOwn(async function* (_, context) {
      context.signal.addEventListener('abort', () => (stopped = context.signal.reason));
      yield 'a';
      await never();
    });
    const stream = chain.stream('q', { signal: caller.signal });
    await stream.next();
    const waiting = stream.next();
    caller.abort(new Error('enough'));
    expect(stopped).toBe(caller.signal.reason);
    await expect(waiting).rejects.toBe(caller.signal.reason);
  });

  test('and nothing runs on after it', async () => {
    const caller = new AbortController();
    const pulled: number[] = [];
    const calls: unknown[] = [];
    const counting = RunnableLambda.from(async function* (_: string) {
      for (let index = 0; index < 10; index += 1) {
        pulled.push(index);
        await Promise.resolve();
        yield { index };
      }
    });
    const chain = RunnableLambda.from(async (x: string) => x).pipe(
      counting.assign({ length: (given) => calls.push(given) }).withTimeout(60_000),
    );
    const stream = chain.stream('q', { signal: caller.signal });
    await stream.next();
    caller.abort(new Error('enough'));
    const pulledSoFar = pulled.length;
    await expect(stream.next()).rejects.toThrow('enough');
    for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
    expect(pulled).toHaveLength(pulledSoFar);
    expect(calls).toEqual([]);
  });
});

describe('what fails while it is told of an abort', () => {
  test.each([
    ['a listener that raises its errors', { raiseError: true, onCancel: () => thrown() }],
    ['a listener that does not', { onCancel: () => thrown() }],
  ])('%s: is reported, and every run on the signal is stopped with its reason', async (_name, listener) => {
    const report = vi.spyOn(console, 'error').mockImplementation(() => {});
    const caller = new AbortController();
    const others: string[] = [];
    const tracer = { onCancel: () => void others.push('told') };
    const runs = [
      stuck.invoke(1, { signal: caller.signal, callbacks: [listener, tracer] }),
      stuck.invoke(1, { signal: caller.signal }),
    ];
    caller.abort(new Error('enough'));
    for (const run of runs) await expect(run).rejects.toThrow('enough');
    expect(others).toEqual(['told']);
    expect(report).toHaveBeenCalledOnce();
    report.mockRestore();
  });

  test('a callback of a step', async () => {
    const report = vi.spyOn(console, 'error').mockImplementation(() => {});
    const caller = new AbortController();
    const step = RunnableLambda.from((_: number, context) => {
      context.onAbort(() => thrown());
      return never();
    });
    const runs = [step.invoke(1, { signal: caller.signal }), stuck.invoke(1, { signal: caller.signal })];
    caller.abort(new Error('enough'));
    for (const run of runs) await expect(run).rejects.toThrow('enough');
    expect(report).toHaveBeenCalledOnce();
    report.mockRestore();
  });

  const thrown = (): never => {
    throw new Error('mine');
  };
});

test('asynchronous listeners are waited for by streams that are left or aborted, as by calls', async () => {
  const endless = RunnableLambda.from(async function* (_: number) {
    yield 1;
    await never();
  });
  const told: string[] = [];
  const callbacks = [
    {
      onCancel: async () => {
        await wait(1);
        told.push('done');
      },
    },
  ];
  const abortable = () => {
    const caller = new AbortController();
    return { caller, config: { callbacks, signal: caller.signal } };
  };

  for await (const _ of endless.stream(1, { callbacks })) break;
  expect(told).toHaveLength(1);

  const [pulled, between, called] = [abortable(), abortable(), abortable()];
  const stream = endless.stream(1, pulled.config);
  await stream.next();
  const waiting = stream.next();
  pulled.caller.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
  expect(told).toHaveLength(2);

  const paused = endless.stream(1, between.config);
  await paused.next();
  between.caller.abort(new Error('enough'));
  await expect(paused.next()).rejects.toThrow('enough');
  expect(told).toHaveLength(3);

  const call = stuck.invoke(1, called.config);
  called.caller.abort(new Error('enough'));
  await expect(call).rejects.toThrow('enough');
  expect(told).toHaveLength(4);
});

describe('signals', () => {
  const quick = RunnableLambda.from(async (x: number) => x);

  test('no verb leaves a listener on the one it was given', async () => {
    const { signal } = new AbortController();
    const config = { signal, timeout: 60_000, callbacks: [() => {}] };
    await quick.invoke(1, config);
    await quick.batch([1, 2], config);
    RunnableLambda.from((x: number) => x).batchSync([1, 2], config);
    for await (const _ of quick.stream(1, config));
    for await (const _ of quick.events(1, config));
    for await (const _ of quick.batchAsCompleted([1, 2], config));
    await RunnableLambda.from(async (x: number, context) => {
      for await (const _ of quick.stream(x, { ...context, signal }));
      return quick.batch([x], { ...context, signal });
    }).invoke(1, config);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test('many steps may listen to one, without a warning of a leak', async () => {
    // Warnings fail the suite.
    const listens = RunnableLambda.from(async (_: number, { signal }) => {
      signal.addEventListener('abort', () => {});
      await Promise.resolve();
    });
    await listens.batch(Array(100).fill(0));
  });
});

test('a synchronous step that stops its own run gives nothing after that', async () => {
  const seen: string[] = [];
  const stopsItself = (stop: () => void) =>
    RunnableLambda.from(function* (_: number) {
      try {
        yield 'a';
        stop();
        yield 'b';
      } finally {
        seen.push('closed');
      }
    });
  const caller = new AbortController();
  const aborted = stopsItself(() => caller.abort(new Error('enough'))).stream(0, { signal: caller.signal });
  expect(await aborted.next()).toEqual({ done: false, value: 'a' });
  await expect(aborted.next()).rejects.toThrow('enough');
  expect(await aborted.next()).toEqual({ done: true, value: undefined });
  const cancelled: RunStream<string> = stopsItself(() => void cancelled.cancel()).stream(0);
  await cancelled.next();
  expect(await cancelled.next()).toEqual({ done: true, value: undefined });
  expect(seen).toEqual(['closed', 'closed']);
});

test('transform() closes what it was given, also when it is left before the first pull', async () => {
  let closed = 0;
  const body = () => new ReadableStream<string>({ cancel: () => void (closed += 1) });
  const upper = RunnableLambda.from((text: string) => text.toUpperCase());
  await upper.transform(body()).cancel();
  expect(closed).toBe(1);
  const read = upper.transform(body());
  void read.next();
  await read.return();
  expect(closed).toBe(2);
});

describe('the partial of an error', () => {
  const talking = (name: string) =>
    RunnableLambda.from(async function* (_: number) {
      yield `${name} says`;
      await never();
    });

  test('is not written on a reason that the caller gave, which others may see', async () => {
    const shutdown = new AbortController();
    const streams = ['alice', 'bob'].map((name) => talking(name).stream(0, { signal: shutdown.signal }));
    for (const stream of streams) await stream.next();
    const reason = new AbortedError('shutdown');
    shutdown.abort(reason);
    for (const stream of streams) await expect(stream.next()).rejects.toBe(reason);
    const cancelled = talking('carol').stream(0);
    await cancelled.next();
    await cancelled.cancel(reason);
    expect(reason.partial).toBeUndefined();
  });

  test('is what the outermost stream has given', async () => {
    const failing = RunnableLambda.from(async function* (_: number) {
      yield 'secret';
      throw new TimeoutError('total', 1, 'cut');
    });
    const outer = RunnableLambda.from(async function* (x: number) {
      for await (const chunk of failing.stream(x)) yield chunk.length;
    });
    const stream = outer.stream(0);
    await stream.next();
    await expect(stream.next()).rejects.toMatchObject({ partial: 6 });
  });
});
