// Every step that was started ends, however its run does: sources of every kind of chain are counted in and out.
import { describe, expect, test } from 'vitest';
import {
  type Runnable,
  RunnableBranch,
  RunnableGenerator,
  RunnableLambda,
  RunnableParallel,
  RunnablePassthrough,
  RouterRunnable,
  type RunContext,
  type RunEvent,
  type RunStream,
} from './index.js';

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A source without end, and how often it was opened and closed. */
function counted() {
  const seen = { opened: 0, closed: 0 };
  const source = RunnableLambda.from(async function* source(_: string, { signal }: RunContext) {
    seen.opened += 1;
    try {
      for (let n = 0; ; n += 1) {
        await turn();
        signal.throwIfAborted();
        yield n % 2 === 0 ? 'a' : 'b';
      }
    } finally {
      seen.closed += 1;
    }
  });
  return { source, seen };
}

const pass = () =>
  RunnableGenerator.from(async function* pass(chunks: AsyncIterable<string>) {
    yield* chunks;
  });

type Source = Runnable<string, string>;

/** Every combinator and wrapper around a source that streams for ever. */
const chains: [string, (source: Source) => Runnable<string, unknown, unknown>][] = [
  ['by itself', (source) => source],
  ['a sequence', (source) => source.pipe(pass()).pipe(new RunnablePassthrough<string>())],
  [
    'a sequence in a sequence',
    (source) => RunnableLambda.from((text: string) => text).pipe(source.pipe(pass())),
  ],
  ['a parallel', (source) => RunnableParallel.from({ a: source, b: source, c: (text: string) => text })],
  ['a parallel over chunks', (source) => source.pipe({ a: pass(), b: pass() })],
  [
    'assign',
    (source) =>
      RunnableLambda.from((text: string) => ({ text })).assign({
        more: ({ text }) => source.pipe(() => text) as never,
        stream: RunnableLambda.from(({ text }: { text: string }) => text).pipe(source),
      }),
  ],
  ['pick', (source) => RunnableParallel.from({ a: source }).pick('a')],
  ['a branch', (source) => RunnableBranch.from([[() => true, source], source])],
  [
    'a router',
    (source) =>
      RunnableLambda.from((input: string) => ({ key: 'x' as const, input })).pipe(
        RouterRunnable.from({ x: source }),
      ),
  ],
  ['a function that returns it', (source) => RunnableLambda.from((_: string) => source)],
  [
    'a function that streams it',
    (source) => RunnableLambda.from((text: string, context) => source.stream(text, context)),
  ],
  ['bound options', (source) => source.withConfig({ tags: ['t'] })],
  ['a retry', (source) => source.withRetry()],
  ['fallbacks', (source) => source.withFallbacks([source])],
  ['a timeout', (source) => source.withTimeout(60_000)],
  ['listeners', (source) => source.withListeners({ onEnd: () => {} })],
];

const endings: [string, (stream: RunStream<unknown, unknown>, abort: AbortController) => Promise<unknown>][] =
  [
    [
      'break',
      async (stream) => {
        for await (const _chunk of stream) break;
      },
    ],
    [
      'cancel() while a chunk is awaited',
      async (stream) => {
        await stream.next();
        const next = stream.next();
        await stream.cancel();
        await next;
      },
    ],
    [
      'an abort between chunks',
      async (stream, abort) => {
        await stream.next();
        abort.abort(new Error('enough'));
        await stream.next();
      },
    ],
    [
      'an abort while a chunk is awaited',
      async (stream, abort) => {
        await stream.next();
        const next = stream.next();
        abort.abort(new Error('enough'));
        await next;
      },
    ],
    [
      'a throw in the reader',
      async (stream) => {
        for await (const _chunk of stream) throw new Error('mine');
      },
    ],
    [
      'a timeout',
      async (stream) => {
        for await (const _chunk of stream);
      },
    ],
  ];

describe.each(endings)('ended by %s', (ending, end) => {
  test.each(chains)('%s leaves nothing open', async (_name, wrap) => {
    const { source, seen } = counted();
    const abort = new AbortController();
    const open = new Set<string>();
    const watch = ({ type, run }: RunEvent): void => {
      if (type === 'run-start') open.add(run.id);
      if (type === 'run-end' || type === 'run-error' || type === 'run-cancel') open.delete(run.id);
    };
    const timeout = ending === 'a timeout' ? { timeout: 30 } : {};
    const stream = wrap(source).stream('x', { signal: abort.signal, callbacks: [watch], ...timeout });
    await end(stream, abort).catch(() => {});
    for (let turns = 0; turns < 20 && seen.closed < seen.opened; turns += 1) await turn();
    expect(seen.opened).toBeGreaterThan(0);
    expect(seen.closed).toBe(seen.opened);
    expect([...open]).toEqual([]);
  });
});

test.each(chains)('invoked and aborted: %s leaves nothing open', async (_name, wrap) => {
  const { source, seen } = counted();
  const abort = new AbortController();
  const run = wrap(source).invoke('x', { signal: abort.signal });
  await turn();
  abort.abort(new Error('enough'));
  await expect(run).rejects.toThrow('enough');
  for (let turns = 0; turns < 20 && seen.closed < seen.opened; turns += 1) await turn();
  expect(seen.closed).toBe(seen.opened);
});

test('a failing step downstream closes the source', async () => {
  const { source, seen } = counted();
  const failing = RunnableGenerator.from(async function* failing(chunks: AsyncIterable<string>) {
    for await (const _chunk of chunks) throw new Error('downstream');
    yield '';
  });
  await expect(source.pipe(failing).invoke('x')).rejects.toThrow('downstream');
  await expect(source.pipe({ a: failing, b: pass() }).stream('x').final).rejects.toThrow('downstream');
  for (let turns = 0; turns < 20 && seen.closed < seen.opened; turns += 1) await turn();
  expect(seen).toEqual({ opened: 2, closed: 2 });
});
