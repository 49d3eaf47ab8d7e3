import { concat, firstValueFrom, lastValueFrom, of, Subject, take, throwError, timer, toArray } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { RunnableLambda, type RunEvent } from './index.js';
import { observe, observeEvents } from './rx.js';

const letters = RunnableLambda.from(async function* (text: string) {
  yield* text;
});

describe('observe', () => {
  test('emits the chunks and completes', async () => {
    expect(await lastValueFrom(observe(letters, 'abc').pipe(toArray()))).toEqual(['a', 'b', 'c']);
  });

  test('is cold: nothing runs before it is subscribed to, and each subscription is a run', async () => {
    let runs = 0;
    const counted = RunnableLambda.from((x: number) => {
      runs += 1;
      return x;
    });
    const observable = observe(counted, 1);
    expect(runs).toBe(0);
    await firstValueFrom(observable);
    await firstValueFrom(observable);
    expect(runs).toBe(2);
  });

  test('unsubscribing aborts the provider in the same tick', async () => {
    let signal: AbortSignal | undefined;
    const stuck = RunnableLambda.from((_: number, context) => {
      signal = context.signal;
      return new Promise<never>(() => {});
    });
    const subscription = observe(stuck, 1).subscribe();
    await Promise.resolve();
    subscription.unsubscribe();
    expect(signal?.aborted).toBe(true);
  });

  test('operators that stop early close the source', async () => {
    let closed = false;
    const endless = RunnableLambda.from(async function* (_: number) {
      try {
        for (let n = 0; ; n += 1) yield n;
      } finally {
        closed = true;
      }
    });
    expect(await lastValueFrom(observe(endless, 0).pipe(take(3), toArray()))).toEqual([0, 1, 2]);
    // The generator's own cleanup is a promise of its.
    await new Promise((resolve) => setImmediate(resolve));
    expect(closed).toBe(true);
  });

  test('a failure is an error notification', async () => {
    const failing = RunnableLambda.from((_: number): number => {
      throw new Error('no');
    });
    await expect(lastValueFrom(observe(failing, 1))).rejects.toThrow('no');
  });
});

test('observeEvents emits what happens', async () => {
  const all: RunEvent[] = await lastValueFrom(observeEvents(letters, 'a').pipe(toArray()));
  expect(all.map(({ type }) => type)).toEqual(['run-start', 'run-chunk', 'run-end']);
});

describe('a function that returns an Observable', () => {
  test('streams, and adds up for invoke', async () => {
    const chain = RunnableLambda.from((text: string) =>
      concat(of('a', 'b'), timer(0).pipe(take(0)), of(text)),
    );
    expect(await chain.invoke('c')).toBe('abc');
    const seen: unknown[] = [];
    for await (const chunk of chain.stream('c')) seen.push(chunk);
    expect(seen).toEqual(['a', 'b', 'c']);
  });

  test('fails as the Observable does', async () => {
    const chain = RunnableLambda.from((_: string) =>
      concat(
        of('a'),
        throwError(() => new Error('no')),
      ),
    );
    await expect(chain.invoke('')).rejects.toThrow('no');
  });

  test('is unsubscribed from when the reader leaves', async () => {
    const subject = new Subject<string>();
    const chain = RunnableLambda.from((_: string) => subject);
    const stream = chain.stream('');
    const first = stream.next();
    await Promise.resolve();
    subject.next('a');
    expect((await first).value).toBe('a');
    expect(subject.observed).toBe(true);
    await stream.return();
    expect(subject.observed).toBe(false);
  });
});
