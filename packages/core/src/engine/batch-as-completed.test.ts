import { describe, expect, test } from 'vitest';
import { ConfigError, RunnableLambda, type Completed, type RunEvent } from '../index.js';

const tick = () => new Promise<void>((resolve) => setImmediate(resolve));
const double = RunnableLambda.from((x: number) => x * 2);

async function all<T>(results: AsyncIterable<Completed<T>>): Promise<Completed<T>[]> {
  const list: Completed<T>[] = [];
  for await (const result of results) list.push(result);
  return list;
}

function* range(count: number) {
  for (let n = 0; n < count; n += 1) yield n;
}

describe('batchAsCompleted', () => {
  test('yields every result with its index, over arrays, generators and async generators', async () => {
    async function* later() {
      yield* [1, 2, 3];
    }
    for (const inputs of [[1, 2, 3], range(4), later(), new Set([1])]) {
      const results = await all(double.batchAsCompleted(inputs));
      for (const result of results) expect('output' in result && result.output % 2).toBe(0);
    }
    expect(await all(double.batchAsCompleted([]))).toEqual([]);
  });

  test('without a limit, every item runs at once, and the run ends', async () => {
    let running = 0;
    let most = 0;
    const step = RunnableLambda.from(async (x: number) => {
      most = Math.max(most, ++running);
      await tick();
      running -= 1;
      return x;
    });
    const results = await all(step.batchAsCompleted(range(50), { maxConcurrency: Number.POSITIVE_INFINITY }));
    expect(results).toHaveLength(50);
    expect(most).toBe(50);
  });

  test('F007: results come as they are there; a slow one does not hold up the others', async () => {
    let release: () => void = () => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const step = RunnableLambda.from(async (x: number) => {
      if (x === 0) await gate;
      return x;
    });
    const order: number[] = [];
    for await (const { index } of step.batchAsCompleted([0, 1, 2])) {
      order.push(index);
      if (order.length === 2) release();
    }
    expect(order).toEqual([1, 2, 0]);
  });

  test('what an item throws is its result, and the others go on', async () => {
    const step = RunnableLambda.from((x: number) => {
      if (x === 1) throw new RangeError('one');
      return x;
    });
    expect(await all(step.batchAsCompleted([0, 1, 2]))).toEqual([
      { index: 0, output: 0 },
      { index: 1, error: new RangeError('one') },
      { index: 2, output: 2 },
    ]);
  });

  test('F006: inputs are taken only as slots are free, and slots become free only as results are read', async () => {
    let taken = 0;
    function* counted() {
      for (;;) yield taken++;
    }
    const step = RunnableLambda.from(async (x: number) => x);
    const results = step.batchAsCompleted(counted(), { maxConcurrency: 4 });
    await results.next();
    for (let turn = 0; turn < 50; turn += 1) await tick();
    expect(taken).toBeLessThanOrEqual(9);
    await results.return(undefined);
    const before = taken;
    for (let turn = 0; turn < 10; turn += 1) await tick();
    expect(taken).toBe(before);
  });

  test('leaving early stops what runs and closes the inputs', async () => {
    let closed = false;
    let aborted = 0;
    async function* inputs() {
      try {
        for (let n = 0; ; n += 1) yield n;
      } finally {
        closed = true;
      }
    }
    const step = RunnableLambda.from(async (x: number, { signal }) => {
      if (x === 0) return x;
      return new Promise<number>((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          aborted += 1;
          reject(signal.reason as Error);
        });
      });
    });
    for await (const _result of step.batchAsCompleted(inputs(), { maxConcurrency: 3 })) break;
    await tick();
    expect(closed).toBe(true);
    expect(aborted).toBeGreaterThan(0);
  });

  test('an aborted signal rejects with its reason', async () => {
    const abort = new AbortController();
    const stuck = RunnableLambda.from((_: number) => new Promise<number>(() => {}));
    const results = all(stuck.batchAsCompleted([1, 2], { signal: abort.signal }));
    await tick();
    abort.abort(new Error('enough'));
    await expect(results).rejects.toThrow('enough');
  });

  describe('while it waits for an input that never comes', () => {
    async function* idle() {
      yield 1;
      await new Promise(() => {});
    }

    test('it can be left', async () => {
      const seen: unknown[] = [];
      for await (const result of double.batchAsCompleted(idle())) {
        seen.push(result);
        break;
      }
      expect(seen).toEqual([{ index: 0, output: 2 }]);
    });

    test('an aborted signal rejects with its reason', async () => {
      const abort = new AbortController();
      const results = all(double.batchAsCompleted(idle(), { signal: abort.signal }));
      await tick();
      abort.abort(new Error('enough'));
      await expect(results).rejects.toThrow('enough');
    });

    test('the inputs are closed when it comes after all, which starts nothing and fails nobody', async () => {
      const ran: number[] = [];
      const step = RunnableLambda.from((x: number) => void ran.push(x));
      let arrive: () => void = () => {};
      const arrived = new Promise<void>((resolve) => {
        arrive = resolve;
      });
      let closed = false;
      const close = () => {
        closed = true;
        throw new Error('closing');
      };
      async function* slow() {
        try {
          yield 1;
          await arrived;
          yield 2;
        } finally {
          close();
        }
      }
      for await (const _result of step.batchAsCompleted(slow())) break;
      expect(closed).toBe(false);
      arrive();
      await tick();
      expect(closed).toBe(true);
      expect(ran).toEqual([1]);
    });
  });

  test('the id of the run is that of the first item, as in a batch', async () => {
    const ids: string[] = [];
    const onStart = ({ run: { id } }: RunEvent) => void ids.push(id);
    await all(double.batchAsCompleted([1, 2, 3], { runId: 'mine', callbacks: [{ onStart }] }));
    expect(ids[0]).toBe('mine');
    expect(new Set(ids).size).toBe(3);
  });

  test('inputs that fail reject', async () => {
    function* failing() {
      yield 1;
      throw new Error('inputs');
    }
    await expect(all(double.batchAsCompleted(failing()))).rejects.toThrow('inputs');
    await expect(all(double.batchAsCompleted(5 as never))).rejects.toThrow(ConfigError);
    await expect(all(double.batchAsCompleted([1], { maxConcurrency: 0 }))).rejects.toThrow(ConfigError);
  });
});
