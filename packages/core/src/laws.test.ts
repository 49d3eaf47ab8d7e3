import fc from 'fast-check';
import { describe, test } from 'vitest';
import {
  chunks,
  folds,
  Runnable,
  RunnableLambda,
  RunnableParallel,
  RunnablePassthrough,
  transduce,
  type Ready,
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
    { maxDepth: 3 },
    fc.constantFrom<() => Runnable<string, string>>(
      () => new Upper(),
      () => new Letters(),
      () => new RunnablePassthrough<string>(),
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
  ),
  chain: fc
    .array(tie('step'), { minLength: 1, maxLength: 5 })
    .map(
      (steps) => () =>
        steps
          .slice(1)
          .reduce((chain, make) => chain.pipe(make()), (steps[0] as () => Runnable<string, string>)()),
    ),
}));

const RUNS = Number(process.env.LAW_RUNS ?? 200);

describe('chains put together at random', () => {
  const names = runnableLaws(() => new Upper(), ['']).map(({ name }) => name);
  test.each(names.map((name, index) => [name, index] as const))('%s', async (_name, index) => {
    await fc.assert(
      fc.asyncProperty(anyChain, fc.string({ maxLength: 8 }), async (make, input) => {
        await runnableLaws(make, [input])[index]?.check();
      }),
      { numRuns: RUNS },
    );
  });
});
