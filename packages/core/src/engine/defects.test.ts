// Where invoking and streaming, or nesting and not, could disagree.
import { describe, expect, test } from 'vitest';
import {
  folds,
  Runnable,
  RunnableGenerator,
  RunnableLambda,
  RunnableParallel,
  transduce,
  type Ready,
  type RunContext,
} from '../index.js';

/** Gives growing snapshots of a text, as a parser of structured output does. */
class Snapshots extends Runnable<string, string> {
  readonly name = 'Snapshots';
  override readonly consumes = 'chunks';
  run(input: Ready<string, unknown>, { wants }: RunContext) {
    let text = '';
    const push = (piece: string) => [(text += piece)];
    return transduce(input as Ready<string>, { push, end: () => [] }, folds.last<string>, wants);
  }
}

const letters = RunnableLambda.from(async function* (text: string) {
  yield* text;
});

test('D21: snapshots in a parallel reach the next step once, streamed as invoked', async () => {
  const chain = letters.pipe({ grown: new Snapshots() }).pipe(({ grown }) => `<${grown}>`);
  expect(await chain.invoke('xy')).toBe('<xy>');
  expect(await chain.stream('xy').final).toBe('<xy>');
});

describe('D23: a sequence inside something else streams', () => {
  const upper = RunnableGenerator.from(async function* upper(chunks: AsyncIterable<string>) {
    for await (const text of chunks) yield text.toUpperCase();
  });
  const nested = upper.pipe(upper);

  test.each<[string, Runnable<string, unknown, unknown>, unknown[]]>([
    ['a branch of a parallel', letters.pipe({ a: nested }), [{ a: 'X' }, { a: 'Y' }]],
    ['a binding', letters.pipe(nested.withConfig({ tags: ['t'] })), ['X', 'Y']],
    ['a retry', letters.pipe(nested.withRetry()), ['X', 'Y']],
    ['a fallback', letters.pipe(nested.withFallbacks([upper])), ['X', 'Y']],
    ['a timeout', letters.pipe(nested.withTimeout(1_000)), ['X', 'Y']],
    ['a parallel in a parallel', letters.pipe({ a: { b: nested } }), [{ a: { b: 'X' } }, { a: { b: 'Y' } }]],
  ])('%s', async (_what, chain, expected) => {
    const seen: unknown[] = [];
    for await (const chunk of chain.stream('xy')) seen.push(chunk);
    expect(seen).toEqual(expected);
  });
});

test('D24: an empty stream gives the next step what invoking gives it', async () => {
  const seen: unknown[] = [];
  const note = (value: unknown) => void seen.push(value);
  const nothing = RunnableLambda.from(async function* (_: string): AsyncGenerator<string> {});
  const empty = new Snapshots();
  await nothing.pipe(note).invoke('');
  await nothing.pipe(note).stream('').final;
  await letters.pipe(empty).pipe(note).invoke('');
  await letters.pipe(empty).pipe(note).stream('').final;
  expect(seen[0]).toBe(seen[1]);
  expect(seen[2]).toBe(seen[3]);
});

test('D61, D27: a failure is told of with the name of its step', async () => {
  const chain = RunnableParallel.from({
    bad: RunnableLambda.from(function readPage(_: string): string {
      throw new Error('no');
    }),
  });
  const failed: string[] = [];
  const onError = ({ run }: { run: { name: string } }) => void failed.push(run.name);
  await chain.invoke('', { callbacks: [{ onError }] }).catch(() => {});
  expect(failed).toEqual(['readPage', 'RunnableParallel']);
});
