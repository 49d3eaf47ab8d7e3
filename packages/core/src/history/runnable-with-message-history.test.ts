import { describe, expect, test } from 'vitest';
import { sessionOf, bob, inMemory } from '../../test/sessions.js';
import { shown } from '../../test/shown.js';
import {
  AIMessage,
  type BaseMessage,
  ConfigError,
  HumanMessage,
  InMemoryChatMessageHistory,
  RemoveMessage,
  RunnableLambda,
  RunnableWithMessageHistory,
  tool,
  toolLoop,
} from '../index.js';
import { FakeStreamingChatModel, runnableLaws, ScriptedChatModel } from '../testing/index.js';

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

  test('RemoveMessages that a store has kept, or that are asked, are done as they say', async () => {
    const store: BaseMessage[] = [
      new HumanMessage({ content: 'one', id: '1' }),
      new AIMessage({ content: 'two', id: '2' }),
      new RemoveMessage({ id: '1' }),
    ];
    const getMessageHistory = () => ({
      getMessages: () => store,
      addMessages: (messages: readonly BaseMessage[]) => store.push(...messages),
      clear: () => {},
    });
    const model = new ScriptedChatModel({ replies: ['a', 'b'] });
    const chat = new RunnableWithMessageHistory({ runnable: model, getMessageHistory });
    await chat.invoke('Hi', bob);
    await chat.invoke([new RemoveMessage({ id: '2' }), new HumanMessage('Ho')], bob);
    expect(model.calls.map(({ messages }) => shown(messages))).toEqual([
      ['ai: two', 'human: Hi'],
      ['human: Hi', 'ai: a', 'human: Ho'],
    ]);

    const keyed = new RunnableWithMessageHistory({
      runnable: RunnableLambda.from(
        ({ past }: { asked: readonly BaseMessage[]; past: readonly BaseMessage[] }) => recall(past),
      ),
      getMessageHistory,
      inputMessagesKey: 'asked',
      historyMessagesKey: 'past',
    });
    store.push(new HumanMessage({ content: 'late', id: '3' }));
    expect(await keyed.invoke({ asked: [new RemoveMessage({ id: '3' })] }, bob)).toBe('Hi|a|Ho|b');
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
    [{ input: { deep: 'x' } }, 'x', 'there is an object of class Object under "input"'],
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

describe('the laws', () => {
  const make = () =>
    new RunnableWithMessageHistory({
      runnable: new FakeStreamingChatModel({ chunks: ['Hel', 'lo'] }),
      getMessageHistory: () => new InMemoryChatMessageHistory(),
    }).withConfig(bob);
  for (const law of runnableLaws(make, ['x'])) test(law.name, () => law.check());
});
