import { describe, expect, test } from 'vitest';
import {
  chunks,
  chunksFrom,
  folds,
  type Runnable,
  RunnableLambda,
  RunnableParallel,
  RunnablePassthrough,
} from '../index.js';

const tick = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A body that waits for its provider, and tells whether it was cancelled. */
function body() {
  const seen = { cancelled: false };
  const stream = new ReadableStream<string>({ cancel: () => void (seen.cancelled = true) });
  return { stream, seen };
}

describe('closing chunks that were never pulled', () => {
  test('closes what they are made from', async () => {
    const { stream, seen } = body();
    await chunksFrom(stream as AsyncIterable<string>, folds.text).return();
    expect(seen.cancelled).toBe(true);
  });

  test('ends a generator without starting it', async () => {
    let started = false;
    function* letters() {
      started = true;
      yield 'a';
    }
    const source = letters();
    await chunksFrom(source, folds.text).return();
    expect([...source]).toEqual([]);
    expect(started).toBe(false);
  });

  test('does not open what would only begin with the first pull', async () => {
    let opened = false;
    const open = () => {
      opened = true;
      return ['a'].values();
    };
    await chunks(open, folds.text).return();
    expect(opened).toBe(false);
  });
});

describe('a generator that stops its own run', () => {
  const stopping = () => {
    const abort = new AbortController();
    let closed = 0;
    const step = RunnableLambda.from(function* (_: number) {
      try {
        yield 'a';
        abort.abort(new Error('enough'));
        yield 'b';
      } finally {
        closed += 1;
      }
    });
    return { step, signal: abort.signal, closed: () => closed };
  };

  test.each<[string, (step: Runnable<number, string>) => Runnable<number, unknown, unknown>]>([
    ['alone', (step) => step],
    ['in a sequence', (step) => step.pipe(new RunnablePassthrough())],
    ['in retries', (step) => step.withRetry()],
    ['in a parallel', (step) => RunnableParallel.from({ step })],
  ])('is closed once it has yielded: %s', async (_name, wrap) => {
    for (const verb of ['invoke', 'stream', 'streamSync'] as const) {
      const { step, signal, closed } = stopping();
      const chain = wrap(step);
      const run = async () => {
        if (verb === 'streamSync') return [...chain.streamSync(0, { signal })];
        return verb === 'invoke' ? chain.invoke(0, { signal }) : chain.stream(0, { signal }).final;
      };
      await expect(run()).rejects.toThrow('enough');
      expect(closed()).toBe(1);
    }
  });

  test('does not keep those beside it open', async () => {
    const { step, signal } = stopping();
    const { stream, seen } = body();
    const both = RunnableParallel.from({ step, body: (_: number) => stream });
    await expect(both.stream(0, { signal }).final).rejects.toThrow('enough');
    expect(seen.cancelled).toBe(true);
  });
});

const verbs = ['invoke', 'stream'] as const;

describe.each(verbs)('%s: a body that nobody will read is cancelled', (verb) => {
  const start = (chain: Runnable<number, unknown, unknown>, signal?: AbortSignal) => {
    const config = signal === undefined ? {} : { signal };
    return verb === 'invoke' ? chain.invoke(0, config) : chain.stream(0, config).final;
  };

  test('when it comes after the run was stopped', async () => {
    const { stream, seen } = body();
    const abort = new AbortController();
    let answer: (stream: ReadableStream<string>) => void = () => {};
    const answered = new Promise<ReadableStream<string>>((resolve) => {
      answer = resolve;
    });
    const running = start(
      RunnableLambda.from((_: number) => answered),
      abort.signal,
    );
    await tick();
    abort.abort(new Error('enough'));
    await expect(running).rejects.toThrow('enough');
    answer(stream);
    await tick();
    expect(seen.cancelled).toBe(true);
  });

  test('in the same tick when the run is stopped while it waits for a chunk', async () => {
    const { stream, seen } = body();
    const abort = new AbortController();
    const running = start(
      RunnableLambda.from((_: number) => stream),
      abort.signal,
    );
    await tick();
    abort.abort(new Error('enough'));
    expect(seen.cancelled).toBe(true);
    await expect(running).rejects.toThrow('enough');
  });

  test.each([
    ['a branch', (stream: ReadableStream<string>) => stream],
    ['a branch that answers later', (stream: ReadableStream<string>) => tick().then(() => stream)],
  ])('when %s gives it and another branch fails', async (_name, give) => {
    const { stream, seen } = body();
    const both = RunnableParallel.from({
      a: (_: number) => give(stream),
      b: (_: number): string => {
        throw new Error('no');
      },
    });
    await expect(start(both)).rejects.toThrow('no');
    await tick();
    await tick();
    expect(seen.cancelled).toBe(true);
  });
});

test('batchAsCompleted cancels a body of inputs that it is waiting for', async () => {
  let feed: (input: number) => void = () => {};
  let cancelled = false;
  const inputs = new ReadableStream<number>({
    start: (controller) => void (feed = (input) => controller.enqueue(input)),
    cancel: () => void (cancelled = true),
  });
  feed(1);
  const step = RunnableLambda.from((x: number) => x);
  for await (const _result of step.batchAsCompleted(inputs as AsyncIterable<number>)) break;
  expect(cancelled).toBe(true);
});
