import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ConfigError, RunnableLambda, RunnableParallel } from '../index.js';
import { enableAmbientContext, getContextVariable, setContextVariable, withoutContext } from './index.js';

const read = RunnableLambda.from((_: unknown) => getContextVariable('who'));

test('without the ambient context they cannot be set, and nothing is there', async () => {
  expect(() => setContextVariable('who', 'Ada')).toThrow(/Call enableAmbientContext/);
  expect(await read.invoke(0)).toBeUndefined();
});

describe('with the ambient context', () => {
  let disable = (): void => {};
  beforeEach(() => void (disable = enableAmbientContext()));
  afterEach(() => disable());

  test('a value is seen by what the step calls later, however deep, and not by those around it', async () => {
    const outer = RunnableLambda.from(async () => {
      const before = await read.invoke(0);
      setContextVariable('who', 'Ada');
      await setImmediate();
      return [before, getContextVariable('who'), await read.pipe((who) => [who, read]).invoke(0)];
    });
    const after = RunnableLambda.from((seen: unknown) => [seen, getContextVariable('who')]);
    expect(await outer.pipe(after).invoke(0)).toEqual([[undefined, 'Ada', ['Ada', read]], undefined]);
    expect(getContextVariable('who')).toBeUndefined();
  });

  test('a step may change it for its own part', async () => {
    const inner = RunnableLambda.from(() => {
      setContextVariable('who', 'Bob');
      return read;
    });
    const outer = RunnableLambda.from(async () => {
      setContextVariable('who', 'Ada');
      setContextVariable('other', 1);
      return [await inner.invoke(0), await read.invoke(0), getContextVariable('other')];
    });
    expect(await outer.invoke(0)).toEqual(['Bob', 'Ada', 1]);
  });

  test('what a step returns later has them too', async () => {
    const later = RunnableLambda.from(async () => {
      setContextVariable('who', 'Ada');
      return read;
    });
    const streaming = RunnableLambda.from(async () => {
      setContextVariable('who', 'Ada');
      return read.stream(0);
    });
    for (const outer of [later, streaming]) {
      expect(await outer.invoke(0)).toBe('Ada');
      expect(await outer.stream(0).final).toBe('Ada');
    }
  });

  test('steps side by side each have their own', async () => {
    const say = (who: string) => async () => {
      setContextVariable('who', who);
      await setImmediate();
      return read.invoke(0);
    };
    const both = RunnableParallel.from({ a: say('Ada'), b: say('Bob'), c: read });
    expect(await both.invoke(0)).toEqual({ a: 'Ada', b: 'Bob', c: undefined });
    const many = Array.from({ length: 50 }, (_, index) => index);
    const own = RunnableLambda.from((x: number) => say(`${x}`)());
    expect(await own.batch(many, { maxConcurrency: 7 })).toEqual(many.map(String));
  });

  test('a generator keeps what it has set from one pull to the next', async () => {
    const letters = RunnableLambda.from(async function* (text: string) {
      for (const letter of text) {
        const before = getContextVariable<string>('letter') ?? '';
        setContextVariable('letter', letter);
        yield `${before}${letter} `;
      }
    });
    const outer = RunnableLambda.from(async () => {
      const seen: unknown[] = [];
      for await (const chunk of letters.stream('abc')) seen.push(chunk, getContextVariable('letter'));
      return seen;
    });
    expect(await outer.invoke(0)).toEqual(['a ', undefined, 'ab ', undefined, 'bc ', undefined]);
  });

  test('work that outlives the step starts without', async () => {
    const outer = RunnableLambda.from(async () => {
      setContextVariable('who', 'Ada');
      return withoutContext(() => read.invoke(0));
    });
    expect(await outer.invoke(0)).toBeUndefined();
  });

  test('outside of steps they cannot be set', () => {
    expect(() => setContextVariable('who', 'Ada')).toThrow(ConfigError);
    withoutContext(() => expect(() => setContextVariable('who', 'Ada')).toThrow('outside of a step'));
  });
});
