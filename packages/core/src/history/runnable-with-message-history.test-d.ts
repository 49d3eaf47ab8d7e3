import { expectTypeOf, test } from 'vitest';
import {
  type AIMessage,
  type BaseChatModel,
  type BaseMessage,
  type ChatModelInput,
  InMemoryChatMessageHistory,
  type Runnable,
  RunnableWithMessageHistory,
} from '../index.js';

declare const model: BaseChatModel;
const getMessageHistory = () => new InMemoryChatMessageHistory();

test('takes what the runnable takes, and gives what it gives', () => {
  const chat = new RunnableWithMessageHistory({ runnable: model, getMessageHistory });
  expectTypeOf<Parameters<typeof chat.invoke>[0]>().toEqualTypeOf<ChatModelInput>();
  expectTypeOf(chat.invoke('Hi')).resolves.toEqualTypeOf<AIMessage>();
});

test('the history itself is not asked for', () => {
  const runnable: Runnable<{ input: string; past: readonly BaseMessage[] }, string> = null as never;
  const chat = new RunnableWithMessageHistory({ runnable, getMessageHistory, historyMessagesKey: 'past' });
  expectTypeOf(chat.invoke({ input: 'Hi' })).resolves.toEqualTypeOf<string>();
  // @ts-expect-error: the input is missing
  void chat.invoke({});
});
