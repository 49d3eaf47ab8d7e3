import { describe, expect, test } from 'vitest';
import {
  AbortedError,
  LimitExceededError,
  RunnableLambda,
  StreamConsumedError,
  StreamTruncatedError,
  TimeoutError,
} from '../index.js';

const tick = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A source of numbers that records how far it was read and whether it was closed. */
function numbers(count = Number.POSITIVE_INFINITY) {
  const seen = { pulled: 0, closed: 0 };
  const source = RunnableLambda.from(async function* (_: unknown) {
    try {
      while (seen.pulled < count) yield ++seen.pulled;
    } finally {
      seen.closed += 1;
    }
  });
  return { source, seen };
}

const text = RunnableLambda.from(async function* (parts: readonly string[]) {
  yield* parts;
});

describe('reading', () => {
  test('nothing runs before the first chunk is asked for, and nothing ahead of the reader', async () => {
    const { source, seen } = numbers();
    const stream = source.stream(0);
    await tick();
    expect(seen.pulled).toBe(0);
    await stream.next();
    await tick();
    expect(seen.pulled).toBe(1);
    await stream.return();
  });

  test('it can be awaited like a promise of a stream', async () => {
    const stream = await Promise.resolve(text.stream(['a']));
    expect(await stream.final).toBe('a');
  });

  test('F024: two pulls at once are answered in order, none lost', async () => {
    const { source } = numbers(3);
    const stream = source.stream(0);
    const steps = await Promise.all([
      stream.next(),
      stream.next(),
      stream.next(),
      stream.next(),
      stream.next(),
    ]);
    expect(steps.map(({ value }) => value)).toEqual([1, 2, 3, undefined, undefined]);
  });

  test('D25, F025: a second reader gets a clear error', async () => {
    const stream = text.stream(['a', 'b']);
    for await (const _chunk of stream);
    expect(() => stream[Symbol.asyncIterator]()).toThrow(StreamConsumedError);
    expect(() => stream.getReader()).toThrow('already has a reader');
    expect(() => stream.tee()).toThrow(StreamConsumedError);
  });
});

describe('stopping', () => {
  test('D16, F018: break closes the source and aborts what it waits for', async () => {
    const { source, seen } = numbers();
    let aborted: unknown;
    const watched = RunnableLambda.from((x: number, { signal }) => {
      signal.addEventListener('abort', () => (aborted = signal.reason));
      return source;
    });
    for await (const chunk of watched.stream(0)) if (chunk === 2) break;
    expect(seen).toEqual({ pulled: 2, closed: 1 });
    expect(aborted).toBeInstanceOf(AbortedError);
  });

  test('F019: return() before the first pull starts nothing, and can be called again', async () => {
    const { source, seen } = numbers();
    const stream = source.stream(0);
    expect(await stream.return()).toEqual({ done: true, value: undefined });
    expect(await stream.return()).toEqual({ done: true, value: undefined });
    expect(await stream.next()).toEqual({ done: true, value: undefined });
    expect(seen).toEqual({ pulled: 0, closed: 0 });
  });

  test('F022, F023: what the reader throws comes out as it is, and the source is closed', async () => {
    const { source, seen } = numbers();
    const mine = new Error('mine');
    const loop = async () => {
      for await (const _chunk of source.stream(0)) throw mine;
    };
    await expect(loop()).rejects.toBe(mine);
    expect(seen.closed).toBe(1);
    const stream = source.stream(0);
    await stream.next();
    await expect(stream.throw?.(mine)).rejects.toBe(mine);
    expect(seen.closed).toBe(2);
  });

  test('F029: await using closes it', async () => {
    const { source, seen } = numbers();
    {
      const stream = source.stream(0);
      await stream.next();
      await stream[Symbol.asyncDispose]();
    }
    expect(seen.closed).toBe(1);
  });

  test('D17: aborting rejects the waiting pull with the reason and closes the source', async () => {
    const reason = new Error('enough');
    const abort = new AbortController();
    let closed = false;
    const stuck = RunnableLambda.from(async function* (_: number, { signal }: { signal: AbortSignal }) {
      try {
        yield 1;
        await new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => reject(signal.reason)),
        );
      } finally {
        closed = true;
      }
    });
    const stream = stuck.stream(0, { signal: abort.signal });
    expect((await stream.next()).value).toBe(1);
    const waiting = stream.next();
    abort.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    await tick();
    expect(closed).toBe(true);
    expect(await stream.next()).toEqual({ done: true, value: undefined });
  });

  test('an abort between two pulls is told at the next one, once', async () => {
    const reason = new Error('enough');
    const abort = new AbortController();
    const { source, seen } = numbers();
    const stream = source.stream(0, { signal: abort.signal });
    await stream.next();
    abort.abort(reason);
    await tick();
    expect(seen.closed).toBe(1);
    await expect(stream.next()).rejects.toBe(reason);
    expect(await stream.next()).toEqual({ done: true, value: undefined });
    await expect(stream.final).rejects.toBe(reason);
  });

  test('cancel() ends a waiting pull', async () => {
    const stuck = RunnableLambda.from((_: number) => new Promise<number>(() => {}));
    const stream = stuck.stream(0);
    const waiting = stream.next();
    await stream.cancel();
    expect(await waiting).toEqual({ done: true, value: undefined });
  });
});

describe('failing', () => {
  test('our errors carry what had been produced; others are left as they are', async () => {
    const cut = new StreamTruncatedError('cut');
    const mine = new Error('mine');
    for (const failure of [cut, mine]) {
      const failing = RunnableLambda.from(async function* (_: number) {
        yield 'a';
        yield 'b';
        throw failure;
      });
      const stream = failing.stream(0);
      const seen: string[] = [];
      const loop = async () => {
        for await (const chunk of stream) seen.push(chunk);
      };
      await expect(loop()).rejects.toBe(failure);
      expect(seen).toEqual(['a', 'b']);
      await expect(stream.final).rejects.toBe(failure);
    }
    expect(cut.partial).toBe('ab');
    expect('partial' in mine).toBe(false);
  });

  test('a timeout in the middle carries the part before it', async () => {
    const slow = RunnableLambda.from(async function* (_: number) {
      yield 'so far';
      await new Promise(() => {});
    });
    const stream = slow.stream(0, { timeout: 20 });
    await stream.next();
    await expect(stream.next()).rejects.toMatchObject({ name: 'TimeoutError', partial: 'so far' });
    await expect(slow.invoke(0, { timeout: 5 })).rejects.toThrow(TimeoutError);
  });
});

describe('final', () => {
  test('is the whole output, after the reader or without one', async () => {
    const stream = text.stream(['a', 'b']);
    for await (const _chunk of stream);
    expect(await stream.final).toBe('ab');
    expect(await text.stream(['c', 'd']).final).toBe('cd');
  });

  test('asked for first, it keeps the chunks for a reader that comes later', async () => {
    const stream = text.stream(['a', 'b']);
    expect(await stream.final).toBe('ab');
    const seen: string[] = [];
    for await (const chunk of stream) seen.push(chunk);
    expect(seen).toEqual(['a', 'b']);
  });

  test('asked for just before a chunk, it keeps the chunk and the order', async () => {
    const counting = RunnableLambda.from(function* (_: number) {
      for (let index = 0; index < 5; index += 1) yield index;
    });
    for (let turns = 0; turns < 12; turns += 1) {
      const stream = counting.stream(0);
      void stream.final;
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
      const seen: number[] = [];
      for await (const chunk of stream) seen.push(chunk);
      expect(seen).toEqual([0, 1, 2, 3, 4]);
    }
  });

  test('what it kept is gone once the stream is closed', async () => {
    const stream = text.stream(['a', 'b']);
    expect(await stream.final).toBe('ab');
    await stream.return();
    expect(await stream.next()).toEqual({ done: true, value: undefined });
  });

  test('asked for before the loop, it waits for the loop', async () => {
    const { source, seen } = numbers(3);
    const stream = source.stream(0);
    const { final } = stream;
    await stream.next();
    await tick();
    expect(seen.pulled).toBe(1);
    for await (const _chunk of stream);
    expect(await final).toBe(3);
  });

  test('nobody waiting for it leaves no unhandled rejection', async () => {
    const failing = RunnableLambda.from((_: number) => {
      throw new Error('seen by the reader');
    });
    const stream = failing.stream(0);
    void stream.final;
    await expect(stream.next()).rejects.toThrow('seen by the reader');
    await tick();
  });
});

describe('as a web stream', () => {
  test('reads, pipes and cancels', async () => {
    const reader = text.stream(['a', 'b']).getReader();
    expect(await reader.read()).toEqual({ done: false, value: 'a' });
    expect(await reader.read()).toEqual({ done: false, value: 'b' });
    expect((await reader.read()).done).toBe(true);

    const upper = new TransformStream<string, string>({
      transform: (chunk, controller) => controller.enqueue(chunk.toUpperCase()),
    });
    const piped: string[] = [];
    for await (const chunk of text.stream(['a', 'b']).pipeThrough(upper)) piped.push(chunk);
    expect(piped).toEqual(['A', 'B']);

    const { source, seen } = numbers();
    const web = source.stream(0).toReadableStream();
    expect(seen.pulled).toBe(0);
    await web.cancel();
    const used = source.stream(0).getReader();
    await used.read();
    await used.cancel('reason');
    expect(seen).toEqual({ pulled: 1, closed: 1 });
  });

  test('pipeTo ends the writable', async () => {
    const written: string[] = [];
    const target = new WritableStream<string>({ write: (chunk) => void written.push(chunk) });
    await text.stream(['a', 'b']).pipeTo(target);
    expect(written).toEqual(['a', 'b']);
  });

  test('a failure errors it', async () => {
    const failing = RunnableLambda.from((_: number) => {
      throw new Error('failed');
    });
    await expect(failing.stream(0).getReader().read()).rejects.toThrow('failed');
  });
});

describe('tee', () => {
  test('gives both readers every chunk, and both their final', async () => {
    const [left, right] = text.stream(['a', 'b', 'c']).tee();
    expect(await left.final).toBe('abc');
    const seen: string[] = [];
    for await (const chunk of right) seen.push(chunk);
    expect(seen).toEqual(['a', 'b', 'c']);
    expect(await right.final).toBe('abc');
  });

  test('F026: the reader that falls behind too far gets an error; the other one does not', async () => {
    const { source } = numbers(200);
    const [fast, slow] = source.stream(0).tee();
    await slow.next();
    let last = 0;
    for await (const chunk of fast) last = chunk;
    expect(last).toBe(200);
    await expect(slow.next()).rejects.toThrow(LimitExceededError);
  });

  test('a reader may be 64 chunks behind, also when that was the end', async () => {
    const ends = RunnableLambda.from(function* (count: number) {
      for (let n = 0; n < count; n += 1) yield n;
    });
    for (const late of [64, 65]) {
      const [fast, slow] = ends.stream(late).tee();
      expect(await fast.final).toBe(late - 1);
      if (late === 64) expect(await slow.final).toBe(63);
      else await expect(slow.final).rejects.toThrow(LimitExceededError);
    }
  });

  test('the source is closed when both have stopped', async () => {
    const { source, seen } = numbers();
    const [left, right] = source.stream(0).tee();
    await left.next();
    await left.return();
    expect(seen.closed).toBe(0);
    expect((await right.next()).value).toBe(1);
    await right.return();
    expect(seen.closed).toBe(1);
  });
});
