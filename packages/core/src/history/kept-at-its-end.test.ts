import { describe, expect, test } from 'vitest';
import { bob, inMemory } from '../../test/sessions.js';
import { type BaseMessage, HumanMessage, RunnableLambda, RunnableWithMessageHistory } from '../index.js';
import { FakeStreamingChatModel, ScriptedChatModel } from '../testing/index.js';

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
