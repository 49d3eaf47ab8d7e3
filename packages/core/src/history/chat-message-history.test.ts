import { expect, test } from 'vitest';
import { shown } from '../../test/shown.js';
import { type BaseMessage, HumanMessage, InMemoryChatMessageHistory } from '../index.js';

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
