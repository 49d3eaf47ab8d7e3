import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  ConfigError,
  dispatchCustomEvent,
  RunnableGenerator,
  RunnableLambda,
  RunnableParallel,
  type RunEvent,
} from '../index.js';
import { runnableLaws, ScriptedChatModel } from '../testing/index.js';
import { currentContext, enableAmbientContext, withoutContext } from './index.js';

const tagsOf = RunnableLambda.from((_: unknown, { tags }) => tags.join());
const letters = RunnableLambda.from(function* (text: string) {
  yield* text;
});

/** Who ran inside whom. */
async function startsOf(run: (seen: (event: RunEvent) => void) => PromiseLike<unknown>): Promise<string[]> {
  const seen: RunEvent[] = [];
  await run((event) => void seen.push(event));
  const names = new Map(seen.map(({ run: { id, name } }) => [id, name]));
  return seen
    .filter(({ type }) => type === 'run-start')
    .map(({ run }) => `${run.name} < ${names.get(run.parentId ?? '') ?? ''}`);
}

test('what a listener runs is no part of the run it listens to', async () => {
  const disable = enableAmbientContext();
  const logged = RunnableLambda.from(function logged(text: string) {
    return text;
  });
  const starts = await startsOf((seen) =>
    tagsOf.pipe(tagsOf).invoke(0, {
      callbacks: [(event) => void logged.invoke(event.run.name, { callbacks: [] }), seen],
    }),
  );
  expect(starts.filter((start) => start.startsWith('logged'))).toEqual([]);
  disable();
});

describe('unless it is enabled', () => {
  test('a run that is not given the context is a run of its own', async () => {
    const outer = RunnableLambda.from(() => tagsOf.invoke(0));
    expect(await outer.invoke(0, { tags: ['outer'] })).toBe('');
    expect(currentContext()).toBeUndefined();
    expect(withoutContext(() => 1)).toBe(1);
  });

  test('custom events need the context', () => {
    expect(() => dispatchCustomEvent('x', 1)).toThrow(ConfigError);
  });
});

describe('enabled', () => {
  let disable = (): void => {};
  beforeEach(() => void (disable = enableAmbientContext()));
  afterEach(() => disable());

  const inner = new RunnableLambda<string, string>({ func: (text) => text.toUpperCase(), name: 'inner' });
  const starts: Readonly<Record<string, (text: string) => unknown>> = {
    invoke: (text) => inner.invoke(text),
    invokeSync: (text) => inner.invokeSync(text),
    'invoke, with options': (text) => inner.invoke(text, { tags: ['x'] }),
    'invoke, later': async (text) => {
      await setImmediate();
      return inner.invoke(text);
    },
    'stream, returned': (text) => inner.stream(text),
    'stream, read': (text) => inner.stream(text).final,
    batch: async (text) => (await inner.batch([text]))[0],
    batchAsCompleted: async (text) => {
      for await (const done of inner.batchAsCompleted([text])) return 'output' in done && done.output;
      return undefined;
    },
    'a runnable, returned': () => inner,
    'a generator': async function* (text) {
      await setImmediate();
      yield* inner.stream(text);
    },
    'a synchronous generator': function* (text) {
      yield inner.invokeSync(text);
    },
  };

  test.each(Object.entries(starts))('%s: belongs to the step it is called in', async (_name, func) => {
    const outer = new RunnableLambda<string, unknown>({ func, name: 'outer' });
    const nested = ['outer < ', 'inner < outer'];
    expect(await outer.invoke('a')).toBe('A');
    expect(await startsOf((listen) => outer.invoke('a', { callbacks: [listen] }))).toEqual(nested);
    expect(await startsOf((listen) => outer.stream('a', { callbacks: [listen] }).final)).toEqual(nested);
  });

  test('runs side by side each have their own', async () => {
    const outer = RunnableLambda.from(async (x: number) => {
      await setImmediate();
      const first = await tagsOf.invoke(0);
      await setImmediate();
      return [x, first, await tagsOf.invoke(0), currentContext()?.tags.join()];
    });
    const xs = Array.from({ length: 100 }, (_, index) => index);
    const results = await Promise.all(xs.map((x) => outer.invoke(x, { tags: [`t${x}`] })));
    expect(results).toEqual(xs.map((x) => [x, `t${x}`, `t${x}`, `t${x}`]));
    expect(currentContext()).toBeUndefined();
  });

  test('a generator has its own at every pull, whoever pulls', async () => {
    const watch = RunnableGenerator.from(async function* (chunks: AsyncIterable<string>) {
      for await (const chunk of chunks) yield `${chunk}:${currentContext()?.tags.join()} `;
    });
    const chain = letters.withConfig({ tags: ['letters'] }).pipe(watch.withConfig({ tags: ['watch'] }));
    const outer = RunnableLambda.from(async (text: string) => {
      const seen: string[] = [];
      for await (const chunk of chain.stream(text)) seen.push(chunk, currentContext()?.tags.join() ?? '');
      return seen;
    });
    expect(await outer.invoke('ab', { tags: ['outer'] })).toEqual([
      'a:watch,outer ',
      'outer',
      'b:watch,outer ',
      'outer',
    ]);
  });

  test('stopping the outer run stops the inner one', async () => {
    const reasons: unknown[] = [];
    const waits = RunnableLambda.from(
      (_: number, { signal }) =>
        new Promise<never>((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            reasons.push(signal.reason);
            reject(signal.reason as Error);
          });
        }),
    );
    const controller = new AbortController();
    const outer = RunnableParallel.from({
      a: (x: number) => waits.invoke(x),
      b: async (x: number) => waits.stream(x).final,
    });
    const running = outer.invoke(1, { signal: controller.signal });
    await setImmediate();
    const why = new Error('enough');
    controller.abort(why);
    await expect(running).rejects.toBe(why);
    expect(reasons).toEqual([why, why]);
  });

  test('counts against the recursion limit', async () => {
    let calls = 0;
    const again: RunnableLambda<number, unknown> = new RunnableLambda<number, unknown>({
      func: (x) => {
        calls += 1;
        return again.invoke(x);
      },
    });
    await expect(again.invoke(1, { recursionLimit: 7 })).rejects.toMatchObject({ code: 'RECURSION_LIMIT' });
    expect(calls).toBe(8);
  });

  test('custom events find their listeners', async () => {
    const told: unknown[] = [];
    const outer = RunnableLambda.from(async () => {
      await setImmediate();
      dispatchCustomEvent('progress', 0.5);
      return true;
    });
    await outer.invoke(0, { callbacks: [{ onCustom: ({ data }) => told.push(data) }] });
    expect(told).toEqual([0.5]);
    expect(() => dispatchCustomEvent('progress', 1)).toThrow(ConfigError);
  });

  test('a context that is passed on wins', async () => {
    let kept: Parameters<typeof tagsOf.invoke>[1];
    const keep = RunnableLambda.from((_: number, context) => void (kept = context));
    await keep.invoke(0, { tags: ['kept'] });
    const outer = RunnableLambda.from(() => tagsOf.invoke(0, kept));
    expect(await outer.invoke(0, { tags: ['outer'] })).toBe('kept');
  });

  test('withoutContext starts a run of its own, which outlives the step', async () => {
    const controller = new AbortController();
    const slow = RunnableLambda.from(async (_: number, { tags }) => {
      await setImmediate();
      return tags;
    });
    let own: Promise<unknown> | undefined;
    const outer = RunnableLambda.from(() => {
      own = withoutContext(() => slow.invoke(0));
      return 'started';
    });
    expect(await outer.invoke(0, { tags: ['outer'], signal: controller.signal })).toBe('started');
    controller.abort();
    expect(await own).toEqual([]);
  });

  test('models inherit options in a function that is handed none', async () => {
    const model = new ScriptedChatModel({ replies: ['hi'] });
    const outer = RunnableLambda.from(async (text: string) => (await model.invoke(text)).text);
    expect(await outer.withConfig({ temperature: 0.1 }).invoke('x')).toBe('hi');
    expect(model.calls[0]?.options).toEqual({ temperature: 0.1 });
  });

  test('another copy of the package knows of it', async () => {
    vi.resetModules();
    const theirs = await import('../index.js');
    const theirNode = await import('./index.js');
    expect(theirNode.currentContext).not.toBe(currentContext);
    const theirTags = theirs.RunnableLambda.from((_: unknown, { tags }) => tags.join());
    const outer = RunnableLambda.from(async () => [
      await theirTags.invoke(0),
      theirNode.currentContext()?.tags.join(),
    ]);
    expect(await outer.invoke(0, { tags: ['outer'] })).toEqual(['outer', 'outer']);
  });

  test('enabling again changes nothing, and the first to enable it ends it', () => {
    const again = enableAmbientContext();
    again();
    const outer = RunnableLambda.from(() => currentContext()?.tags.join());
    expect(outer.invokeSync(0, { tags: ['a'] })).toBe('a');
    disable();
    expect(outer.invokeSync(0, { tags: ['a'] })).toBeUndefined();
  });

  const chains = {
    'a chain': () => letters.pipe((text) => inner.invoke(text)),
    'streaming steps': () =>
      letters.pipe(
        RunnableGenerator.from(async function* (chunks: AsyncIterable<string>) {
          for await (const chunk of chunks) yield await inner.invoke(chunk);
        }),
      ),
    'a parallel': () => RunnableParallel.from({ a: (text: string) => inner.stream(text), b: letters }),
  };
  describe.each(Object.entries(chains))('%s', (_name, make) => {
    for (const law of runnableLaws<string, unknown, unknown>(make as never, ['abc', 'd'])) {
      test(law.name, () => law.check());
    }
  });
});
