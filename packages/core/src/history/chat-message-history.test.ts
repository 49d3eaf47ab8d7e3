import { expect, test } from 'vitest';
import { shown } from '../../test/shown.js';
import {
  AIMessage,
  type BaseMessage,
  HumanMessage,
  InMemoryChatMessageHistory,
  RemoveMessage,
} from '../index.js';

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

test('a RemoveMessage has the earlier message of its id forgotten, and is not kept', () => {
  const history = new InMemoryChatMessageHistory([
    new HumanMessage({ content: 'one', id: '1' }),
    new AIMessage({ content: 'two', id: '2' }),
    new HumanMessage('three'),
  ]);
  history.addMessages([
    new RemoveMessage({ id: '1' }),
    new RemoveMessage({ id: 'unknown' }),
    new HumanMessage({ content: 'again', id: '1' }),
  ]);
  expect(shown(history.getMessages())).toEqual(['ai: two', 'human: three', 'human: again']);
});

test('a long conversation is added at once', () => {
  const history = new InMemoryChatMessageHistory();
  history.addMessages(Array.from({ length: 200_000 }, () => new AIMessage('x')));
  expect(history.getMessages()).toHaveLength(200_000);
});
