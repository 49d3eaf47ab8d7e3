import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  AIMessage,
  type BaseChatMessageHistory,
  type BaseMessage,
  ConfigError,
  HumanMessage,
  InMemoryChatMessageHistory,
  RunnableLambda,
  RunnableWithMessageHistory,
  tool,
  toolLoop,
} from '../index.js';
import { FakeStreamingChatModel, runnableLaws, ScriptedChatModel } from '../testing/index.js';

const shown = (messages: readonly BaseMessage[]) => messages.map(({ type, text }) => `${type}: ${text}`);
const sessionOf = (sessionId: string) => ({ configurable: { sessionId } });
const bob = sessionOf('bob');

/** Histories by session. */
const inMemory = () => {
  const sessions = new Map<string, InMemoryChatMessageHistory>();
  const of = (id: string): InMemoryChatMessageHistory => {
    let history = sessions.get(id);
    if (history === undefined) sessions.set(id, (history = new InMemoryChatMessageHistory()));
    return history;
  };
  return { of, kept: (id: string) => shown(of(id).getMessages()) };
};

/** What it was given, as a text. */
const recall = (messages: readonly BaseMessage[]) => messages.map(({ text }) => text).join('|');

describe('behaviour 136: a runnable with a history', () => {
  test('sees the first turn in the second call, in its own session only', async () => {
    const { of, kept } = inMemory();
    const chat = new RunnableWithMessageHistory({
      runnable: RunnableLambda.from(recall),
      getMessageHistory: of,
    });
    expect(await chat.invoke([new HumanMessage('one')], bob)).toBe('one');
    expect(await chat.invoke([new HumanMessage('two')], bob)).toBe('one|one|two');
    expect(await chat.invoke([new HumanMessage('new')], sessionOf('eve'))).toBe('new');
    expect(kept('bob')).toEqual(['human: one', 'ai: one', 'human: two', 'ai: one|one|two']);
    expect(kept('eve')).toHaveLength(2);
  });

  test('takes what a chat model takes, and the session from withConfig', async () => {
    const { of, kept } = inMemory();
    const model = new ScriptedChatModel({ replies: ['a', 'b'] });
    const chat = new RunnableWithMessageHistory({ runnable: model, getMessageHistory: of }).withConfig(bob);
    await chat.invoke('Hi');
    await chat.invoke([['user', 'Ho']]);
    expect(kept('bob')).toEqual(['human: Hi', 'ai: a', 'human: Ho', 'ai: b']);
    expect(shown(model.calls[1]?.messages ?? [])).toEqual(['human: Hi', 'ai: a', 'human: Ho']);
  });

  test('keyed inputs, outputs and history', async () => {
    const { of, kept } = inMemory();
    const runnable = RunnableLambda.from(
      ({ question, past, style }: { question: string; past: readonly BaseMessage[]; style: string }) => ({
        answer: `${style}: ${recall(past)} ${question}`,
        other: 1,
      }),
    );
    const chat = new RunnableWithMessageHistory({
      runnable,
      getMessageHistory: of,
      inputMessagesKey: 'question',
      historyMessagesKey: 'past',
      outputMessagesKey: 'answer',
    });
    await chat.invoke({ question: 'one', style: 's' }, bob);
    expect(await chat.invoke({ question: 'two', style: 's' }, bob)).toEqual({
      answer: 's: one|s:  one two',
      other: 1,
    });
    expect(kept('bob')).toEqual(['human: one', 'ai: s:  one', 'human: two', 'ai: s: one|s:  one two']);
  });

  test('with a key for the input only, earlier messages come before the new ones there', async () => {
    const { of } = inMemory();
    const chat = new RunnableWithMessageHistory({
      runnable: RunnableLambda.from(({ messages }: { messages: readonly BaseMessage[] | string }) =>
        recall(messages as readonly BaseMessage[]),
      ),
      getMessageHistory: of,
      inputMessagesKey: 'messages',
    });
    await chat.invoke({ messages: 'one' }, bob);
    expect(await chat.invoke({ messages: 'two' }, bob)).toBe('one|one|two');
  });

  test('the only key, or "input" and "output", need not be named', async () => {
    const { of, kept } = inMemory();
    const chat = new RunnableWithMessageHistory({
      runnable: RunnableLambda.from(
        ({ input }: { input: string; style: number; past: readonly BaseMessage[] }) => ({
          answer: input,
        }),
      ),
      getMessageHistory: of,
      historyMessagesKey: 'past',
    });
    await chat.invoke({ input: 'one', style: 1 }, bob);
    expect(kept('bob')).toEqual(['human: one', 'ai: one']);
  });

  test.each([
    [undefined, 'sessionId is undefined'],
    [{}, 'sessionId is undefined'],
    [{ configurable: { sessionId: 5 } }, 'sessionId is a number'],
  ])('a missing session is an error that says what to do: %j', async (config, message) => {
    const { of } = inMemory();
    const chat = new RunnableWithMessageHistory({
      runnable: RunnableLambda.from(recall),
      getMessageHistory: of,
    });
    const error = await chat.invoke([], config as never).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as Error).message).toContain(message);
    expect((error as Error).message).toContain("{ configurable: { sessionId: '...' } }");
  });

  test.each([
    [{ a: 'x', b: 'y' }, { out: 'x' }, 'say with inputMessagesKey'],
    [{ input: 5 }, { out: 'x' }, 'a number under "input"'],
    [{ input: 'x' }, { a: 'x', b: 'y' }, 'say with outputMessagesKey'],
    [{ input: 'x' }, 5, 'there is a number'],
    [{ input: { deep: 'x' } }, 'x', '"input" is an object'],
    ['x', 'x', 'go under "past"'],
  ])('what cannot be kept is refused: %j to %j', async (input, output, message) => {
    const { of, kept } = inMemory();
    const chat = new RunnableWithMessageHistory({
      runnable: RunnableLambda.from((_: unknown) => output),
      getMessageHistory: of,
      historyMessagesKey: 'past',
    });
    await expect(chat.invoke(input as never, bob)).rejects.toThrow(message);
    expect(kept('bob')).toEqual([]);
  });

  test('stays synchronous where all is', () => {
    const chat = new RunnableWithMessageHistory({
      runnable: RunnableLambda.from(recall),
      getMessageHistory: inMemory().of,
    });
    expect(chat.invokeSync([new HumanMessage('one')], bob)).toBe('one');
    expect(chat.invokeSync([new HumanMessage('two')], bob)).toBe('one|one|two');
  });

  test('keeps every message of a tool loop', async () => {
    const { of, kept } = inMemory();
    const shout = tool((text) => text.toUpperCase(), { name: 'shout' });
    const call = { type: 'tool_call', id: '1', name: 'shout', args: { input: 'a' } } as const;
    const model = new ScriptedChatModel({
      replies: [new AIMessage({ content: '', tool_calls: [call] }), 'done'],
    });
    const runnable = toolLoop(model, [shout]);
    await new RunnableWithMessageHistory({ runnable, getMessageHistory: of }).invoke('Shout.', bob);
    expect(kept('bob')).toEqual(['human: Shout.', 'ai: ', 'tool: A', 'ai: done']);
  });
});

describe('what leaves no trace', () => {
  const failing = (...replies: ConstructorParameters<typeof ScriptedChatModel>[0]['replies']) => {
    const { of, kept } = inMemory();
    const runnable = new ScriptedChatModel({ replies });
    return { chat: new RunnableWithMessageHistory({ runnable, getMessageHistory: of }), kept };
  };

  test('behaviour 136: a run that fails, invoked or streamed', async () => {
    const { chat, kept } = failing(new Error('down'), ['half', new Error('cut')]);
    await expect(chat.invoke('x', bob)).rejects.toThrow('down');
    await expect(chat.stream('x', bob).final).rejects.toThrow('cut');
    expect(kept('bob')).toEqual([]);
  });

  test('a stream that is left; one read to its end is kept before the end is seen', async () => {
    const { of, kept } = inMemory();
    const runnable = new FakeStreamingChatModel({ chunks: ['Hel', 'lo'] });
    const chat = new RunnableWithMessageHistory({ runnable, getMessageHistory: of });
    for await (const _chunk of chat.stream('one', bob)) break;
    expect(kept('bob')).toEqual([]);
    const texts: string[] = [];
    for await (const chunk of chat.stream('two', bob)) texts.push(chunk.text);
    expect(texts).toEqual(['Hel', 'lo']);
    expect(kept('bob')).toEqual(['human: two', 'ai: Hello']);
  });

  test('a run that was stopped while its answer was on its way', async () => {
    const { of, kept } = inMemory();
    const abort = new AbortController();
    let answer: ((text: string) => void) | undefined;
    const runnable = RunnableLambda.from(
      (_: readonly BaseMessage[]) => new Promise<string>((resolve) => (answer = resolve)),
    );
    const chat = new RunnableWithMessageHistory({ runnable, getMessageHistory: of });
    const run = chat.invoke([new HumanMessage('x')], { ...bob, signal: abort.signal });
    await new Promise((resolve) => setImmediate(resolve));
    abort.abort(new Error('enough'));
    await expect(run).rejects.toThrow('enough');
    answer?.('late');
    await new Promise((resolve) => setImmediate(resolve));
    expect(kept('bob')).toEqual([]);
  });

  test('an input is not changed, nor is a history by those who were given its messages', async () => {
    const { of, kept } = inMemory();
    const runnable = RunnableLambda.from((input: { input: string; past: BaseMessage[] }) => {
      input.past.push(new HumanMessage('mine'));
      return 'ok';
    });
    const fields = { runnable, getMessageHistory: of, historyMessagesKey: 'past' } as const;
    const input = Object.freeze({ input: 'x' });
    await new RunnableWithMessageHistory(fields).invoke(input, bob);
    expect(input).toEqual({ input: 'x' });
    expect(kept('bob')).toEqual(['human: x', 'ai: ok']);
  });
});

/** A store that reads everything and writes everything back, slowly: two writes at once would lose one. */
class SlowStore implements BaseChatMessageHistory {
  static readonly kept = new WeakMap<object, readonly BaseMessage[]>();
  constructor(
    readonly place: object,
    readonly turns: () => number,
  ) {}
  async getMessages() {
    await this.pause();
    return SlowStore.kept.get(this.place) ?? [];
  }
  async addMessages(messages: readonly BaseMessage[]) {
    const before = SlowStore.kept.get(this.place) ?? [];
    await this.pause();
    SlowStore.kept.set(this.place, [...before, ...messages]);
  }
  clear() {}
  async pause() {
    for (let turn = this.turns(); turn > 0; turn -= 1) await Promise.resolve();
  }
}

describe('D57: parallel calls on one session', () => {
  test('lose nothing and keep each turn together, whatever the store and whichever ends first', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ text: fc.string({ maxLength: 3 }), waits: fc.nat(8), streams: fc.boolean() }), {
          minLength: 2,
          maxLength: 6,
        }),
        fc.infiniteStream(fc.nat(4)),
        async (calls, pauses) => {
          const place = {};
          const pause = () => pauses.next().value as number;
          const runnable = RunnableLambda.from(async (messages: readonly BaseMessage[]) => {
            const asked = JSON.parse(messages.at(-1)?.text ?? '') as { index: number; waits: number };
            for (let turn = 0; turn < asked.waits; turn += 1) await Promise.resolve();
            return `answer ${asked.index}`;
          });
          // A new object for each call, as with stores on disk.
          const chat = new RunnableWithMessageHistory({
            runnable,
            getMessageHistory: () => new SlowStore(place, pause),
          });
          await Promise.all(
            calls.map(({ waits, streams, text }, index) => {
              const asked = [new HumanMessage(JSON.stringify({ index, waits, text }))];
              return streams ? chat.stream(asked, bob).final : chat.invoke(asked, bob);
            }),
          );
          const kept = SlowStore.kept.get(place) ?? [];
          expect(kept).toHaveLength(calls.length * 2);
          const turns = new Set<number>();
          for (let at = 0; at < kept.length; at += 2) {
            const { index } = JSON.parse(kept[at]?.text ?? '') as { index: number };
            expect(kept[at + 1]?.text).toBe(`answer ${index}`);
            turns.add(index);
          }
          expect(turns.size).toBe(calls.length);
        },
      ),
      { numRuns: 200 },
    );
  });

  test('a batch on one session', async () => {
    const { of, kept } = inMemory();
    const runnable = RunnableLambda.from(
      async (messages: readonly BaseMessage[]) => `re: ${messages.at(-1)?.text}`,
    );
    const chat = new RunnableWithMessageHistory({ runnable, getMessageHistory: of });
    const inputs = Array.from({ length: 20 }, (_, index) => [new HumanMessage(`n${index}`)]);
    await chat.batch(inputs, bob);
    expect(kept('bob')).toHaveLength(40);
    expect(new Set(kept('bob')).size).toBe(40);
  });

  test('a failed write fails its own call, and the next goes on', async () => {
    const { of, kept } = inMemory();
    let broken = true;
    const getMessageHistory = (id: string): BaseChatMessageHistory => ({
      getMessages: async () => of(id).getMessages(),
      addMessages: async (messages) => {
        if (broken) throw new Error('disk full');
        of(id).addMessages(messages);
      },
      clear: () => {},
    });
    const runnable = RunnableLambda.from(() => 'ok');
    const chat = new RunnableWithMessageHistory({ runnable, getMessageHistory });
    const first = chat.invoke('x' as never, bob).finally(() => {
      broken = false;
    });
    await expect(first).rejects.toThrow('disk full');
    await chat.invoke('y' as never, bob);
    expect(kept('bob')).toEqual(['human: y', 'ai: ok']);
  });
});

test('D54: a history takes frozen messages and changes none', () => {
  const message = Object.freeze(new HumanMessage('x'));
  const history = new InMemoryChatMessageHistory(Object.freeze([message]) as readonly BaseMessage[]);
  history.addAIMessage('y');
  history.addUserMessage('z');
  expect(history.getMessages()[0]).toBe(message);
  history.getMessages().length = 0;
  expect(shown(history.getMessages())).toEqual(['human: x', 'ai: y', 'human: z']);
  history.clear();
  expect(history.getMessages()).toEqual([]);
});

describe('the laws', () => {
  const make = () =>
    new RunnableWithMessageHistory({
      runnable: new FakeStreamingChatModel({ chunks: ['Hel', 'lo'] }),
      getMessageHistory: () => new InMemoryChatMessageHistory(),
    }).withConfig(bob);
  for (const law of runnableLaws(make, ['x'])) test(law.name, () => law.check());
});
