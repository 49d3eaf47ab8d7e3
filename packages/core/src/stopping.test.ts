import { describe, expect, test } from 'vitest';
import {
  AIMessage,
  chunks,
  folds,
  InMemoryChatMessageHistory,
  Runnable,
  RunnableBranch,
  RunnableGenerator,
  RunnableLambda,
  RunnableParallel,
  RunnablePassthrough,
  RunnableWithMessageHistory,
  toolLoop,
  type BaseMessage,
} from './index.js';

/** A stream that never goes on after so many chunks, whatever happens, and takes a while to close. */
class Stuck extends Runnable<string, string> {
  readonly name = 'Stuck';
  readonly seen: string[] = [];
  constructor(readonly count = 1) {
    super();
  }

  run() {
    let given = 0;
    return chunks<string, string>(
      () => ({
        next: () => {
          if (given === this.count) return new Promise<never>(() => {});
          given += 1;
          return { done: false, value: 'a' };
        },
        return: async () => {
          this.seen.push('closing');
          await new Promise((resolve) => setTimeout(resolve, 0));
          this.seen.push('closed');
        },
      }),
      folds.text,
    );
  }
}

const verbs = ['invoke', 'stream'] as const;

async function expectClosedOnAbort(
  stuck: Stuck,
  chain: Runnable<string, unknown, unknown>,
  verb: (typeof verbs)[number],
): Promise<void> {
  const abort = new AbortController();
  const config = { signal: abort.signal };
  const run = verb === 'invoke' ? chain.invoke('x', config) : chain.stream('x', config).final;
  await new Promise((resolve) => setImmediate(resolve));
  const reason = new Error('enough');
  abort.abort(reason);
  expect(stuck.seen).toEqual(['closing']);
  await expect(run).rejects.toBe(reason);
}

/** Steps that need all of the text first, and so are still waiting for it. */
const waiting: Readonly<Record<string, () => Runnable<string, unknown, unknown>>> = {
  'a function': () => RunnableLambda.from((text: string) => text.length),
  'a function in retries': () => RunnableLambda.from((text: string) => text.length).withRetry(),
  'a function with fallbacks': () =>
    RunnableLambda.from((text: string) => text.length).withFallbacks([() => 0]),
  'side by side': () =>
    RunnableParallel.from({
      a: (text: string) => text.length,
      b: RunnableLambda.from((text: string) => text).withRetry(),
      c: { d: (text: string) => text },
    }),
};

describe.each(Object.entries(waiting))('a source that %s waits for', (_name, make) => {
  test('is closed in the same tick when the stream is left, which waits for it', async () => {
    const source = new Stuck();
    const stream = source.pipe(make()).stream('x');
    const reading = stream.next();
    await Promise.resolve();
    const left = stream.return();
    expect(source.seen).toEqual(['closing']);
    await left;
    expect(source.seen).toEqual(['closing', 'closed']);
    await expect(reading).resolves.toEqual({ done: true, value: undefined });
  });

  test.each(verbs)('is closed in the same tick when %s is aborted', async (verb) => {
    const source = new Stuck();
    await expectClosedOnAbort(source, source.pipe(make()), verb);
  });
});

const CALL = { id: '1', name: 'stuck', args: { input: 'x' }, type: 'tool_call' } as const;

/** A step that never gives its first chunk, inside of others. */
const around: Readonly<Record<string, (stuck: Stuck) => Runnable<string, unknown, unknown>>> = {
  'a sequence': (stuck) => RunnableLambda.from((text: string) => text).pipe(stuck),
  'a sequence that goes on': (stuck) => stuck.pipe(new RunnablePassthrough<string>()),
  retries: (stuck) => stuck.withRetry(),
  fallbacks: (stuck) => stuck.withFallbacks([() => 'b']),
  'a timeout': (stuck) => stuck.withTimeout(60_000),
  listeners: (stuck) => stuck.withListeners({ onStart: () => {} }),
  'a parallel': (stuck) => RunnableParallel.from({ a: stuck, b: (text: string) => text }),
  'a branch': (stuck) => RunnableBranch.from([[() => true, stuck], stuck]),
  'a condition': (stuck) =>
    RunnableBranch.from([[stuck.pipe(() => true), (text: string) => text], (text: string) => text]),
  'a function that returns it': (stuck) => RunnableLambda.from((_: string) => stuck),
  'a function that returns it later': (stuck) => RunnableLambda.from(async (_: string) => stuck),
  assign: (stuck) => RunnableLambda.from((text: string) => ({ text })).assign({ more: () => stuck }),
  map: (stuck) => RunnableLambda.from((text: string) => [text]).pipe(stuck.map()),
  'a tool': (stuck) => stuck.asTool({ name: 'stuck' }) as never,
  'a tool loop': (stuck) =>
    toolLoop(RunnableLambda.from(() => new AIMessage({ content: '', tool_calls: [CALL] })) as never, [
      stuck.asTool({ name: 'stuck' }),
    ]) as never,
  'a history': (stuck) =>
    new RunnableWithMessageHistory({
      runnable: RunnableLambda.from((_: readonly BaseMessage[]) => 'x').pipe(stuck),
      getMessageHistory: () => new InMemoryChatMessageHistory(),
    }).withConfig({ configurable: { sessionId: 's' } }) as never,
  'retries of a parallel': (stuck) => RunnableParallel.from({ a: stuck.withRetry() }).withRetry(),
};

describe.each(Object.entries(around))('a step that gives nothing, in %s', (_name, wrap) => {
  test.each(verbs)('is closed in the same tick when %s is aborted', async (verb) => {
    const stuck = new Stuck(0);
    await expectClosedOnAbort(stuck, wrap(stuck), verb);
  });

  test('is closed in the same tick when the stream is left, which waits for it', async () => {
    const stuck = new Stuck(0);
    const stream = wrap(stuck).stream('x');
    // Steps beside it, or before it, may have chunks to give.
    let waits = false;
    let reading: Promise<unknown> = Promise.resolve();
    while (!waits) {
      waits = true;
      reading = stream.next().finally(() => (waits = false));
      await new Promise((resolve) => setImmediate(resolve));
    }
    const left = stream.return();
    expect(stuck.seen).toEqual(['closing']);
    await left;
    expect(stuck.seen).toEqual(['closing', 'closed']);
    await expect(reading).resolves.toEqual({ done: true, value: undefined });
  });
});

describe('a step in retries that has had enough of its input', () => {
  const firstOnly = () =>
    RunnableGenerator.from(async function* (letters: AsyncIterable<string>) {
      let first = '';
      for await (const letter of letters) {
        first = letter;
        break;
      }
      yield first;
    }).withRetry();

  test.each(verbs)('lets go of it: %s', async (verb) => {
    let closed = 0;
    const letters = RunnableLambda.from(async function* (text: string) {
      try {
        yield* text;
      } finally {
        closed += 1;
      }
    });
    const chain = letters.pipe(firstOnly());
    expect(verb === 'invoke' ? await chain.invoke('abc') : await chain.stream('abc').final).toBe('a');
    expect(closed).toBe(1);
  });
});
