import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { RecursionLimitError, RunnableLambda, type Runnable } from '../index.js';

/** Begins its work when it is waited for, as a query does, and each time anew. */
class Query implements PromiseLike<string> {
  begun = 0;
  // oxlint-disable-next-line unicorn/no-thenable -- queries are what is tested
  then<Kept, Broken = never>(
    onKept?: ((value: string) => Kept | PromiseLike<Kept>) | null,
    onBroken?: ((error: unknown) => Broken | PromiseLike<Broken>) | null,
  ): PromiseLike<Kept | Broken> {
    this.begun += 1;
    return setImmediate('row').then(onKept, onBroken);
  }
}

const verbs: Readonly<Record<string, (chain: Runnable<number, unknown>, signal?: AbortSignal) => unknown>> = {
  invoke: (chain, signal) => chain.invoke(1, { ...(signal && { signal }) }),
  stream: (chain, signal) => chain.stream(1, { ...(signal && { signal }) }).final,
  batch: async (chain, signal) => (await chain.batch([1], { ...(signal && { signal }) }))[0],
};

describe.each(Object.entries(verbs))('%s', (_name, run) => {
  test('waits for a query once', async () => {
    const query = new Query();
    const chain = RunnableLambda.from((_: number) => query)
      .pipe((row) => `${row}!`)
      .withTimeout(60_000);
    expect(await run(chain)).toBe('row!');
    expect(query.begun).toBe(1);
  });

  test('starts a runnable that a promise is kept with once, however many wait', async () => {
    let started = 0;
    const inner = RunnableLambda.from(async (x: number) => {
      started += 1;
      await setImmediate();
      return x + 1;
    });
    const chain = RunnableLambda.from(async (_: number) => inner).withTimeout(60_000);
    expect(await run(chain)).toBe(2);
    expect(started).toBe(1);
  });

  test('a stopped run rejects with the reason, and starts nothing of what a promise is kept with later', async () => {
    let started = 0;
    let keep = (_: Runnable<number, number>): void => {};
    const chain = RunnableLambda.from(
      (_: number) => new Promise<Runnable<number, number>>((resolve) => (keep = resolve)),
    ).withTimeout(60_000);
    const controller = new AbortController();
    const running = run(chain, controller.signal);
    await setImmediate();
    const why = new Error('enough');
    controller.abort(why);
    await expect(running).rejects.toBe(why);
    keep(RunnableLambda.from((x: number) => (started += x)));
    await setImmediate();
    expect(started).toBe(0);
  });

  test('rejects with what the function threw, later, and with what starting its result threw', async () => {
    const why = new Error('no');
    const fails = RunnableLambda.from(async (_: number): Promise<number> => {
      throw why;
    });
    await expect(run(fails.pipe((x) => x))).rejects.toBe(why);
    const again: Runnable<number, unknown> = new RunnableLambda<number, unknown>({ func: async () => again });
    await expect(run(again.pipe((x) => x))).rejects.toBeInstanceOf(RecursionLimitError);
  });
});

test('a promise of an object, an array and nothing is a value', async () => {
  for (const value of [{ a: 1 }, [1, 2], null, undefined, 'text', () => 1]) {
    const chain = RunnableLambda.from(async (_: number): Promise<unknown> => value);
    expect(await chain.invoke(1)).toBe(value);
    expect(await chain.pipe((given: unknown) => [given]).invoke(1)).toEqual([value]);
  }
});
