import { describe, expect, test } from 'vitest';
import { mapCache } from '../../test/map-cache.js';
import { callOf, PlayedModel, turns } from '../../test/played-model.js';
import {
  AIMessage,
  AIMessageChunk,
  BaseChatModel,
  type BaseMessage,
  type CacheMark,
  type LlmCache,
  type ModelCallOptions,
  type RunContext,
} from '../index.js';

const usage_metadata = { input_tokens: 3, output_tokens: 4, total_tokens: 7 };

const markOf = (message: AIMessage) => message.response_metadata.cache as CacheMark | undefined;

describe.each([
  ['a synchronous cache', false],
  ['an asynchronous cache', true],
])('F117, R7, D35: identical calls at once, with %s', (_name, asynchronous) => {
  test('1,000 calls of invoke ask the model once, and nobody shares an object', async () => {
    const { cache, log } = mapCache(asynchronous);
    const model = new PlayedModel();
    const runs = Array.from({ length: 1_000 }, () => model.invoke('Hi', { cache }));
    await turns();
    callOf(model).give('Hel', new AIMessageChunk({ content: 'lo', usage_metadata }));
    callOf(model).end();
    const answers = await Promise.all(runs);
    expect(model.calls).toHaveLength(1);
    expect(new Set(answers).size).toBe(1_000);
    expect(new Set(answers.map(({ text }) => text))).toEqual(new Set(['Hello']));
    expect(answers.filter((answer) => markOf(answer) === undefined)).toHaveLength(1);
    expect(answers.filter((answer) => answer.usage_metadata?.total_tokens === 7)).toHaveLength(1);
    expect(
      answers.every((answer) => !markOf(answer) || markOf(answer)?.avoided_usage?.total_tokens === 7),
    ).toBe(true);
    expect(log).toEqual(['lookup', 'update']);
  });

  test('1,000 streams ask the model once, each with all chunks of its own', async () => {
    const { cache } = mapCache(asynchronous);
    const model = new PlayedModel();
    const runs = Array.from({ length: 1_000 }, async () => {
      const chunks: AIMessageChunk[] = [];
      const stream = model.stream('Hi', { cache });
      for await (const chunk of stream) chunks.push(chunk);
      return { chunks, whole: await stream.final };
    });
    await turns();
    const call = callOf(model);
    call.give('a', 'b', new AIMessageChunk({ content: 'c', usage_metadata }));
    call.end();
    const results = await Promise.all(runs);
    expect(model.calls).toHaveLength(1);
    expect(results.every(({ chunks }) => chunks.map(({ text }) => text).join('|') === 'a|b|c')).toBe(true);
    expect(new Set(results.flatMap(({ chunks }) => chunks)).size).toBe(3_000);
    expect(results.filter(({ whole }) => markOf(whole) === undefined)).toHaveLength(1);
    for (const { whole } of results) {
      expect((markOf(whole)?.avoided_usage ?? whole.usage_metadata)?.total_tokens).toBe(7);
    }
  });

  test('one who joins late gets what was said, then the rest as it comes', async () => {
    const { cache } = mapCache(asynchronous);
    const model = new PlayedModel();
    const early = model.stream('Hi', { cache });
    const first = early.next();
    await turns();
    callOf(model).give('a', 'b');
    expect((await first).value?.text).toBe('a');
    expect((await early.next()).value?.text).toBe('b');
    const late = model.stream('Hi', { cache });
    expect((await late.next()).value?.text).toBe('a');
    expect((await late.next()).value?.text).toBe('b');
    const whole = model.invoke('Hi', { cache });
    const tails = [early.next(), late.next()];
    callOf(model).give('c');
    expect((await Promise.all(tails)).map(({ value }) => value?.text)).toEqual(['c', 'c']);
    callOf(model).end();
    expect((await whole).text).toBe('abc');
    expect((await Promise.all([early.next(), late.next()])).map(({ done }) => done)).toEqual([true, true]);
    expect([(await early.final).text, (await late.final).text]).toEqual(['abc', 'abc']);
    expect(model.calls).toHaveLength(1);
  });

  test('one who leaves spares the others, also the one who came first; the last one stops the model', async () => {
    const { cache, records } = mapCache(asynchronous);
    const model = new PlayedModel();
    const leaving = [new AbortController(), new AbortController(), new AbortController()] as const;
    const runs = leaving.map(({ signal }) => model.invoke('Hi', { cache, signal }));
    const reader = model.stream('Hi', { cache });
    const read = reader.next();
    await turns();
    const { signal } = callOf(model);
    for (const [index, abort] of leaving.entries()) {
      abort.abort(new Error(`${index} leaves`));
      await expect(runs[index]).rejects.toThrow(`${index} leaves`);
      expect(signal.aborted).toBe(false);
    }
    callOf(model).give('a');
    expect((await read).value?.text).toBe('a');
    await reader.return();
    expect(signal.aborted).toBe(true);
    expect(callOf(model).closed).toBe(true);
    expect(records.size).toBe(0);
    const again = model.invoke('Hi', { cache });
    await turns();
    callOf(model, 1).give('b');
    callOf(model, 1).end();
    expect((await again).text).toBe('b');
  });

  test('the last to leave a stream waits until the model has closed what it had open', async () => {
    const { cache } = mapCache(asynchronous);
    const log: string[] = [];
    let close: () => void = () => {};
    class Closing extends BaseChatModel {
      readonly name = 'Closing';
      override async *streamChunks() {
        try {
          yield new AIMessageChunk('a');
          yield new AIMessageChunk('b');
        } finally {
          await new Promise<void>((resolve) => (close = resolve));
          log.push('closed');
        }
      }
    }
    const model = new Closing();
    const [first, last] = [model.stream('Hi', { cache }), model.stream('Hi', { cache })];
    await Promise.all([first.next(), last.next()]);
    await first.return();
    const left = last.return().then(() => log.push('left'));
    await turns(30);
    expect(log).toEqual([]);
    close();
    await left;
    expect(log).toEqual(['closed', 'left']);
  });

  test('an abort reaches the model in the same tick', async () => {
    const { cache } = mapCache(asynchronous);
    const model = new PlayedModel();
    const abort = new AbortController();
    const run = model.invoke('Hi', { cache, signal: abort.signal });
    await turns();
    abort.abort(new Error('enough'));
    expect(callOf(model).signal.aborted).toBe(true);
    await expect(run).rejects.toThrow('enough');
  });

  test('F119: when the leader fails, one of the others leads; when that fails too, all are told', async () => {
    const { cache } = mapCache(asynchronous);
    const model = new PlayedModel();
    const runs = Array.from({ length: 5 }, () => model.invoke('Hi', { cache }));
    const settled = Promise.allSettled(runs);
    await turns();
    callOf(model).fail(new Error('down'));
    await turns(30);
    expect(model.calls).toHaveLength(2);
    callOf(model, 1).give('fine');
    callOf(model, 1).end();
    const results = await settled;
    expect(results.map(({ status }) => status)).toEqual(['rejected', ...Array(4).fill('fulfilled')]);

    const others = Promise.allSettled(Array.from({ length: 5 }, () => model.invoke('Hello', { cache })));
    await turns();
    callOf(model, 2).fail(new Error('down'));
    await turns(30);
    callOf(model, 3).fail(new Error('still down'));
    expect((await others).map((result) => (result as PromiseRejectedResult).reason.message)).toEqual([
      'down',
      ...Array(4).fill('still down'),
    ]);
    expect(model.calls).toHaveLength(4);
  });

  test('F119: two answers are never glued together: who has read a chunk is told of the failure', async () => {
    const { cache } = mapCache(asynchronous);
    const model = new PlayedModel();
    const streams = [model.stream('Hi', { cache }), model.stream('Hi', { cache })];
    const firsts = streams.map((stream) => stream.next());
    const fresh = model.invoke('Hi', { cache });
    await turns();
    callOf(model).give('a');
    await Promise.all(firsts);
    const failing = streams.map((stream) => expect(stream.next()).rejects.toThrow('cut'));
    callOf(model).fail(new Error('cut'));
    await Promise.all(failing);
    await turns(30);
    callOf(model, 1).give('whole');
    callOf(model, 1).end();
    expect((await fresh).text).toBe('whole');
  });
});

test('a chunk that cannot be taken in fails the answer: nobody gets the rest of it', async () => {
  const { cache, records } = mapCache(true);
  const model = new PlayedModel();
  const unreadable = {
    get text(): string {
      throw new Error('unreadable');
    },
  };
  const play = (index: number): void => {
    callOf(model, index).give(
      new AIMessageChunk({ content: 'one ', additional_kwargs: { unreadable } }),
      'two',
    );
    callOf(model, index).end();
  };
  const results = Promise.allSettled([1, 2, 3].map(() => model.stream('Hi', { cache }).final));
  await turns();
  play(0);
  await turns(30);
  play(1);
  for (const result of await results) expect(result).toMatchObject({ reason: { message: 'unreadable' } });
  expect(records.size).toBe(0);
});

test('while the answer is being kept, a new caller gets it without asking again', async () => {
  let kept: () => void = () => {};
  const cache: LlmCache = {
    lookup: () => undefined,
    update: () => new Promise<void>((resolve) => (kept = resolve)),
  };
  const model = new PlayedModel();
  const run = model.invoke('Hi', { cache });
  callOf(model).give('a');
  callOf(model).end();
  await run;
  expect((await model.invoke('Hi', { cache })).text).toBe('a');
  expect((await model.stream('Hi', { cache }).final).text).toBe('a');
  expect(model.calls).toHaveLength(1);
  kept();
});

test('everybody leaving during the lookup keeps the model from being asked', async () => {
  let answer: (record: undefined) => void = () => {};
  const cache: LlmCache = {
    lookup: () => new Promise<undefined>((resolve) => (answer = resolve)),
    update: () => undefined,
  };
  const model = new PlayedModel();
  const abort = new AbortController();
  const run = model.invoke('Hi', { cache, signal: abort.signal });
  await turns();
  abort.abort(new Error('enough'));
  await expect(run).rejects.toThrow('enough');
  answer(undefined);
  await turns();
  expect(model.calls).toHaveLength(0);
});

test.each([false, true])(
  'a model that asks another with its own identity does not wait for itself',
  async (late) => {
    class Inner extends BaseChatModel {
      readonly name = 'Same';
      override identity() {
        return {};
      }
      override async generate() {
        return new AIMessage('from inside');
      }
    }
    class Outer extends BaseChatModel {
      readonly name = 'Same';
      readonly inner = new Inner();
      override identity() {
        return {};
      }
      override async generate(
        messages: readonly BaseMessage[],
        _options: ModelCallOptions,
        context: RunContext,
      ) {
        if (late) await Promise.resolve();
        return this.inner.invoke(messages, context);
      }
    }
    const { cache } = mapCache();
    expect((await new Outer().invoke('Hi', { cache })).text).toBe('from inside');
  },
);

test('different caches and different scopes do not wait for each other', async () => {
  const model = new PlayedModel();
  const [one, other] = [mapCache().cache, mapCache().cache];
  const runs = [
    model.invoke('Hi', { cache: one }),
    model.invoke('Hi', { cache: other }),
    model.invoke('Hi', { cache: { cache: one, scope: 'a' } }),
    model.invoke('Hi', { cache: false }),
  ];
  await turns();
  for (const [index, call] of model.calls.entries()) {
    call.give(String(index));
    call.end();
  }
  expect((await Promise.all(runs)).map(({ text }) => text)).toEqual(['0', '1', '2', '3']);
});

test('each edits its own answer only', async () => {
  const { cache } = mapCache();
  const model = new PlayedModel();
  const runs = [model.invoke('Hi', { cache }), model.invoke('Hi', { cache })];
  await turns();
  callOf(model).give(
    new AIMessageChunk({ content: [{ type: 'text', text: 'a' }], response_metadata: { x: { y: 1 } } }),
  );
  callOf(model).end();
  const [first, second] = (await Promise.all(runs)) as [AIMessage, AIMessage];
  (first.content[0] as { text: string }).text = 'edited';
  (first.response_metadata.x as { y: number }).y = 2;
  expect(second.text).toBe('a');
  expect(second.response_metadata.x).toEqual({ y: 1 });
  expect((await model.invoke('Hi', { cache })).response_metadata.x).toEqual({ y: 1 });
});
