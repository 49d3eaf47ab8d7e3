import { describe, expectTypeOf, test } from 'vitest';
import {
  type AIMessage,
  type AIMessageChunk,
  type BaseChatModel,
  type RunContext,
  type Runnable,
  RunnableLambda,
  RunnableParallel,
  RunnablePassthrough,
  type RunnableConfig,
  type RunStream,
} from './index.js';

declare const length: Runnable<string, number>;
declare const model: BaseChatModel;
declare const textOf: Runnable<AIMessage | string, string>;

describe('pipe', () => {
  test('takes the types from runnables, functions and objects, nested', () => {
    const chain = length
      .pipe((n) => ({ n }))
      .pipe(async ({ n }) => n > 1)
      .pipe({
        big: (is) => is,
        both: { a: (is) => String(is), b: RunnableLambda.from((is: boolean) => [is]) },
      });
    expectTypeOf(chain.invoke('x')).resolves.toEqualTypeOf<{
      big: boolean;
      both: { a: string; b: boolean[] };
    }>();
    expectTypeOf(chain.invokeSync('x').both.b).toEqualTypeOf<boolean[]>();
  });

  test('gives functions the type of the step before, and the context', () => {
    length.pipe((input, context) => {
      expectTypeOf(input).toEqualTypeOf<number>();
      expectTypeOf(context).toEqualTypeOf<RunContext>();
    });
  });

  test('refuses a step that does not fit', () => {
    // @ts-expect-error: gives a number, where text is needed
    length.pipe(textOf);
    // @ts-expect-error: the same in a branch
    length.pipe({ text: textOf });
    // @ts-expect-error: a number is no step
    length.pipe(5);
    // @ts-expect-error: nor is an array
    length.pipe([length]);
    const point = RunnableLambda.from((p: { x: number; y: number }) => p.x);
    // @ts-expect-error: y is missing
    length.pipe((n) => ({ x: n })).pipe(point);
  });

  test('knows what functions stream, and what that adds up to', () => {
    const tokens = length.pipe(async function* (n) {
      yield String(n);
    });
    expectTypeOf(tokens.stream('x')).toEqualTypeOf<RunStream<string, string>>();
    expectTypeOf(tokens.invoke('x')).resolves.toEqualTypeOf<string>();
    const chosen = length.pipe((n) => (n > 1 ? model : textOf));
    expectTypeOf(chosen.invoke('x')).resolves.toEqualTypeOf<AIMessage | string>();
    const nested = length.pipe((n, context) => model.stream(String(n), context));
    expectTypeOf(nested.invoke('x')).resolves.toEqualTypeOf<AIMessage>();
    expectTypeOf(nested.stream('x')).toEqualTypeOf<RunStream<AIMessageChunk, AIMessage>>();
  });
});

describe('steps in the place of others', () => {
  const upper = (text: string) => text.toUpperCase();
  const fails = RunnableLambda.from((_: string) => {
    throw new Error('no');
  });

  test('that give the same leave it what it is', () => {
    expectTypeOf(length.withFallbacks([length, (text) => text.length, async () => 0])).toEqualTypeOf(length);
    expectTypeOf(model.withFallbacks({ fallbacks: [model] }).bindTools).toBeFunction();
    expectTypeOf(model.configurableAlternatives({ id: 'm' }, { other: model }).bindTools).toBeFunction();
  });

  test('that give something else add to what it gives', () => {
    const either = length.withFallbacks([(text) => text.toUpperCase()]);
    expectTypeOf(either.invoke('x')).resolves.toEqualTypeOf<number | string>();
    expectTypeOf(length.withFallbacks({ fallbacks: [upper] }).stream('x')).toEqualTypeOf<
      RunStream<number | string, number | string>
    >();
    expectTypeOf(fails.withFallbacks([upper, length]).invoke('x')).resolves.toEqualTypeOf<number | string>();
    expectTypeOf(
      length.configurableAlternatives({ id: 'w' }, { other: upper }).invoke('x'),
    ).resolves.toEqualTypeOf<number | string>();
  });

  test('whose chunks differ are seen in the stream', () => {
    const answered = model.withFallbacks([async () => ({}) as AIMessage]);
    expectTypeOf(answered.stream('x')).toEqualTypeOf<RunStream<AIMessageChunk | AIMessage, AIMessage>>();
  });

  test('take what it takes', () => {
    // @ts-expect-error: takes a number, where text is given
    length.withFallbacks([(n: number) => n]);
    // @ts-expect-error: the same
    length.configurableAlternatives({ id: 'w' }, { other: (n: number) => n });
    // @ts-expect-error: a number is no step
    length.withFallbacks([5]);
  });
});

test('assign keeps the forms that an object may have apart', () => {
  const either = length.pipe((n): { kind: 'a'; a: string } | { kind: 'b'; b: number } =>
    n > 1 ? { kind: 'a', a: '' } : { kind: 'b', b: n },
  );
  const added = either.assign({ more: ({ kind }) => kind });
  expectTypeOf(added.invoke('x')).resolves.toExtend<
    { kind: 'a'; a: string; more: 'a' | 'b' } | { kind: 'b'; b: number; more: 'a' | 'b' }
  >();
  expectTypeOf(either.assign({ kind: () => 1 }).invoke('x')).resolves.toExtend<
    { a: string; kind: number } | { b: number; kind: number }
  >();
});

describe('the verbs', () => {
  test('a parallel streams parts of its result', () => {
    const parallel = RunnableParallel.from({ a: length, b: (text: string) => text });
    expectTypeOf(parallel.stream('x')).toEqualTypeOf<
      RunStream<{ a?: number; b?: string }, { a: number; b: string }>
    >();
  });

  test('a parallel knows its keys, and keeps them when others are added', () => {
    const parallel = RunnableParallel.from({ a: length, b: (text: string) => text });
    // @ts-expect-error: misspelt
    parallel.pipe((result) => result.aa);
    // @ts-expect-error: there is no such key
    parallel.pick('c');
    const more = parallel.assign({ b: ({ a }) => a > 1, c: ({ b }) => b });
    expectTypeOf(more.pick('a').invoke('x')).resolves.toEqualTypeOf<number>();
    expectTypeOf(more.pick('b').invoke('x')).resolves.toEqualTypeOf<boolean>();
    expectTypeOf(more.pick('c').invoke('x')).resolves.toEqualTypeOf<string>();
  });

  test('batch gives errors only where they are asked for', () => {
    expectTypeOf(length.batch(['a'])).resolves.toEqualTypeOf<number[]>();
    expectTypeOf(length.batch(['a'], {}, { maxConcurrency: 2 })).resolves.toEqualTypeOf<number[]>();
    expectTypeOf(length.batch(['a'], {}, { returnExceptions: true })).resolves.toEqualTypeOf<
      (number | Error)[]
    >();
    expectTypeOf(length.batchSync(['a'])).toEqualTypeOf<number[]>();
  });

  test('a chat model takes text, messages of every form, and gives messages', () => {
    expectTypeOf(model.invoke('hi')).resolves.toEqualTypeOf<AIMessage>();
    void model.invoke([['system', 'Be brief.'], { role: 'user', content: 'hi' }, 'hi']);
    // @ts-expect-error: a number is no message
    void model.invoke([5]);
    // @ts-expect-error: nor an input
    void model.invoke(5);
  });

  test('a context is a config, and so is a copy with changes', () => {
    expectTypeOf<RunContext>().toExtend<RunnableConfig>();
    RunnableLambda.from((x: string, context) => length.invoke(x, { ...context, tags: ['mine'] }));
  });

  test('an option that does not exist is refused', () => {
    // @ts-expect-error: misspelt
    void length.invoke('x', { sginal: new AbortController().signal });
  });
});

test('types are compared by structure: a runnable of another copy of the package fits', () => {
  type Copy<R> = { [Key in keyof R]: R[Key] };
  expectTypeOf<Copy<Runnable<string, number>>>().toExtend<Runnable<string, number>>();
  expectTypeOf<Copy<BaseChatModel>>().toExtend<BaseChatModel>();
});

test('a runnable fits where less is taken or more is given, and not the other way', () => {
  expectTypeOf<Runnable<string | number, 'a'>>().toExtend<Runnable<string, string>>();
  expectTypeOf<Runnable<string, string>>().not.toExtend<Runnable<string | number, string>>();
  expectTypeOf<Runnable<string, string>>().not.toExtend<Runnable<string, 'a'>>();
  expectTypeOf<RunnableLambda<{ a: 1 }, 1>>().not.toExtend<Runnable<object, 1>>();
});

test('a chain of twenty links is cheap to check', () => {
  const chain = new RunnablePassthrough<number>()
    .pipe((x) => x + 1)
    .pipe((x) => ({ x }))
    .pipe(({ x }) => [x])
    .pipe((x) => x.length)
    .pipe((x) => x + 1)
    .pipe((x) => ({ x }))
    .pipe(({ x }) => [x])
    .pipe((x) => x.length)
    .pipe((x) => x + 1)
    .pipe((x) => ({ x }))
    .pipe(({ x }) => [x])
    .pipe((x) => x.length)
    .pipe((x) => x + 1)
    .pipe((x) => ({ x }))
    .pipe(({ x }) => [x])
    .pipe((x) => x.length)
    .pipe((x) => x + 1)
    .pipe((x) => ({ x }))
    .pipe({ a: ({ x }) => x, b: { c: ({ x }) => String(x) } })
    .pipe(({ a, b }) => `${a}${b.c}`);
  expectTypeOf(chain.invoke(1)).resolves.toEqualTypeOf<string>();
});

test('any chain from an input to an output fits where its chunks do not matter', () => {
  const lambda = RunnableLambda.from((x: number) => `${x}`);
  const places: Runnable<number, { text: string }, unknown>[] = [
    lambda.pipe({ text: (text) => text }),
    lambda.pipe((text) => ({ text })),
    lambda.pipe({ text: (text) => text, other: (text) => text }).pick(['text']),
  ];
  expectTypeOf(places[0]?.invoke(1)).toEqualTypeOf<Promise<{ text: string }> | undefined>();
});
