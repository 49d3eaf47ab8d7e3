import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  chunks,
  folds,
  Runnable,
  RunnableBranch,
  RunnableGenerator,
  RunnableLambda,
  RunnableParallel,
  RunnablePassthrough,
  transduce,
  type Ready,
  type RunEvent,
} from './index.js';
import { FakeListChatModel, FakeStreamingChatModel, runnableLaws } from './testing/index.js';

/** A step that works on chunks: upper-cases text as it comes. */
class Upper extends Runnable<string, string> {
  readonly name = 'Upper';
  override readonly consumes = 'chunks';
  run(input: Ready<string, unknown>, { wants }: { wants: 'value' | 'chunks' }) {
    const machine = { push: (text: string) => [text.toUpperCase()], end: () => [] };
    return transduce(input as Ready<string>, machine, folds.text, wants);
  }
}

const letters = (text: string) => chunks<string, string>(() => text[Symbol.iterator](), folds.text);
class Letters extends Runnable<string, string> {
  readonly name = 'Letters';
  run(input: Ready<string, unknown>) {
    return letters(input as string);
  }
}

const samples = ['', 'a', 'hello world', '🎉 é'];
const later = async <T>(value: T): Promise<T> => value;

const makers: Record<string, () => Runnable<string, unknown, unknown>> = {
  'a function': () => RunnableLambda.from((text: string) => text.length),
  'an async function': () => RunnableLambda.from(async (text: string) => text.length),
  'a generator': () =>
    RunnableLambda.from(function* (text: string) {
      yield '';
      yield* text;
    }),
  'an async generator': () =>
    RunnableLambda.from(async function* (text: string) {
      yield '';
      yield* text;
    }),
  'a function that returns a runnable': () =>
    RunnableLambda.from((text: string) => (text === '' ? new Upper() : new Letters())),
  'a passthrough': () => new RunnablePassthrough<string>(),
  'a step over chunks': () => new Upper(),
  'a synchronous stream': () => new Letters(),
  'a parallel': () =>
    RunnableParallel.from({ a: new Upper(), b: async (text: string) => text.length, c: new Letters() }),
  'an empty parallel': () => RunnableParallel.from({}),
  'a sequence that streams': () => new Letters().pipe(new Upper()).pipe(new RunnablePassthrough<string>()),
  'a sequence that gathers in between': () => new Letters().pipe((text) => text).pipe(new Upper()),
  'a parallel in the middle of a stream': () =>
    new Letters().pipe({ all: new Upper(), size: (text: string) => text.length }),
  'a chat model': () => new FakeListChatModel({ responses: ['An answer.'] }),
  'a chat model that streams': () => new FakeStreamingChatModel({ chunks: ['An ', 'answer.'] }),
};

describe.each(Object.entries(makers))('%s', (_name, make) => {
  for (const law of runnableLaws(make, samples)) test(law.name, () => law.check());
});

/** Chains of text to text, of up to five steps of every kind, nested. */
const { chain: anyChain } = fc.letrec<{
  chain: () => Runnable<string, string>;
  step: () => Runnable<string, string>;
}>((tie) => ({
  step: fc.oneof(
    { maxDepth: 2, depthSize: 'small' },
    fc.constantFrom<() => Runnable<string, string>>(
      () => new Upper(),
      () => new Letters(),
      () => new RunnablePassthrough<string>(),
      () =>
        RunnableGenerator.from(async function* (chunks: AsyncIterable<string>) {
          yield '';
          yield* chunks;
        }),
      () => RunnableLambda.from((text: string) => `${text}!`),
      () => RunnableLambda.from((text: string) => later(`${text}?`)),
      () =>
        RunnableLambda.from(async function* (text: string) {
          yield '';
          yield* text;
        }),
    ),
    fc.tuple(tie('chain'), tie('chain')).map(
      ([left, right]) =>
        () =>
          RunnableParallel.from({ left: left(), right: right() }).pipe(({ left, right }) =>
            `${left}${right}`.slice(0, 64),
          ),
    ),
    tie('chain').map(
      (make) => () => RunnableLambda.from((_: string) => make()) as unknown as Runnable<string, string>,
    ),
    fc.tuple(tie('chain'), tie('chain')).map(
      ([left, right]) =>
        () =>
          RunnableBranch.from([[(text: string) => text.length % 2 === 0, left()], right()]),
    ),
    tie('chain').map(
      (make) => () =>
        RunnableLambda.from((text: string) => ({ text }))
          .assign({ more: RunnableLambda.from(({ text }: { text: string }) => text).pipe(make()) })
          .pipe(({ text, more }) => `${text}${more}`.slice(0, 64)),
    ),
    tie('chain').map(
      (make) => () => RunnableParallel.from({ a: make(), b: make() }).pick('a') as Runnable<string, string>,
    ),
    tie('chain').map(
      (make) => () =>
        RunnableLambda.from((text: string) => [text, text])
          .pipe(make().map())
          .pipe((list) => list.join('').slice(0, 64)),
    ),
    fc
      .tuple(
        tie('chain'),
        fc.constantFrom<(bound: Runnable<string, string>) => Runnable<string, string>>(
          (bound) => bound.withRetry(),
          (bound) => bound.withFallbacks([(text: string) => text]),
          (bound) => bound.withConfig({ tags: ['t'] }),
          (bound) => bound.withTimeout(60_000),
          (bound) => bound.withListeners({ onStart: () => {} }),
        ),
      )
      .map(
        ([make, wrap]) =>
          () =>
            wrap(make()),
      ),
  ),
  chain: fc
    .array(tie('step'), { minLength: 1, maxLength: 4 })
    .map(
      (steps) => () =>
        steps
          .slice(1)
          .reduce((chain, make) => chain.pipe(make()), (steps[0] as () => Runnable<string, string>)()),
    ),
}));

/** How many chains each law is checked on; LAW_RUNS=100000 makes a long sweep of it. */
const RUNS = Number(process.env.LAW_RUNS ?? 1_000);
const SWEEP = { timeout: 60_000 + RUNS * 60 };

describe('chains put together at random', () => {
  const names = runnableLaws(() => new Upper(), ['']).map(({ name }) => name);
  test.each(names.map((name, index) => [name, index] as const))('%s', SWEEP, async (_name, index) => {
    await fc.assert(
      fc.asyncProperty(anyChain, fc.string({ maxLength: 8 }), async (make, input) => {
        await runnableLaws(make, [input])[index]?.check();
      }),
      { numRuns: RUNS },
    );
  });
});

const mine = new Error('mine');
const failures: Record<string, () => Runnable<string, string>> = {
  'throws at once': () =>
    RunnableLambda.from((_: string): string => {
      throw mine;
    }),
  'rejects later': () =>
    RunnableLambda.from(async (_: string): Promise<string> => later(Promise.reject<string>(mine))),
  'fails in the middle of its stream': () =>
    RunnableLambda.from(async function* (_: string) {
      yield 'a';
      throw mine;
    }),
  'fails on a chunk': () =>
    RunnableGenerator.from(async function* (chunks: AsyncIterable<string>) {
      for await (const _chunk of chunks) throw mine;
      yield '';
      throw mine;
    }),
};

/** Notes which runs are open. */
function watching() {
  const open = new Map<string, string>();
  const note = ({ type, run }: RunEvent): void => {
    if (type === 'run-start') open.set(run.id, run.name);
    else if (type !== 'run-chunk' && type !== 'custom') expect(open.delete(run.id)).toBe(true);
  };
  return { open, callbacks: [note] };
}

describe('a step that fails anywhere in a chain', () => {
  test.each(Object.entries(failures))(
    '%s: every mode gives its own error, and every run is closed',
    SWEEP,
    async (_what, failing) => {
      await fc.assert(
        fc.asyncProperty(anyChain, anyChain, fc.string({ maxLength: 4 }), async (before, after, input) => {
          const chain = () => before().pipe(failing()).pipe(after());
          const { open, callbacks } = watching();
          await expect(chain().invoke(input, { callbacks })).rejects.toBe(mine);
          await expect(chain().batch([input], { callbacks })).rejects.toBe(mine);
          await expect(chain().stream(input, { callbacks }).final).rejects.toBe(mine);
          expect([...open.values()]).toEqual([]);
        }),
        { numRuns: RUNS / 4 },
      );
    },
  );
});

test(
  'aborted at any moment, a run rejects with the reason or has ended, and every run in it is closed',
  SWEEP,
  async () => {
    await fc.assert(
      fc.asyncProperty(
        anyChain,
        fc.string({ maxLength: 4 }),
        fc.nat(60),
        fc.boolean(),
        async (make, input, moment, streamed) => {
          const abort = new AbortController();
          const reason = new Error('enough');
          const { open, callbacks } = watching();
          const config = { signal: abort.signal, callbacks };
          const run = streamed ? make().stream(input, config).final : make().invoke(input, config);
          const outcome = run.then(
            () => 'ended' as const,
            (error: unknown) => error,
          );
          for (let turns = 0; turns < moment; turns += 1) await Promise.resolve();
          abort.abort(reason);
          expect(['ended', reason]).toContain(await outcome);
          expect([...open.values()]).toEqual([]);
        },
      ),
      { numRuns: RUNS },
    );
  },
);
