import { expect, test } from 'vitest';
import { expectRoundTrip, type Made } from '../../test/round-trip.js';
import {
  coreRegistry,
  DeserializationError,
  dumps,
  HumanMessage,
  InMemoryChatMessageHistory,
  loads,
  type MessageHistoryFields,
  RunnablePick,
  RunnableWithMessageHistory,
} from '../index.js';
import { FakeListChatModel, testingRegistry } from '../testing/index.js';

const remember = () => new InMemoryChatMessageHistory([new HumanMessage('I am Bob.')]);
const kinds = [coreRegistry, testingRegistry];
const registry = [...kinds, { functions: { remember } }];
const config = { configurable: { sessionId: 'bob' } };

const chatting = (getMessageHistory = remember) =>
  new RunnableWithMessageHistory({
    runnable: new FakeListChatModel({ responses: ['Bob.'] }),
    getMessageHistory,
  });
type Keys = Pick<
  MessageHistoryFields<never, never, never, string>,
  'inputMessagesKey' | 'outputMessagesKey' | 'historyMessagesKey'
>;
const keyed = (keys: Keys) =>
  new RunnableWithMessageHistory<Record<string, unknown>, unknown>({
    runnable: new RunnablePick<Record<string, unknown>>('history'),
    getMessageHistory: remember,
    ...(keys as object),
  });

const makers: Record<string, Made> = {
  'around a model': [() => chatting().withConfig(config), ['Who am I?']],
  'with the keys of a prompt': [
    () => keyed({ inputMessagesKey: 'question', historyMessagesKey: 'history' }).withConfig(config),
    [{ question: 'Who am I?' }],
  ],
  'with the key of an output': [
    () => keyed({ inputMessagesKey: 'history', outputMessagesKey: 'answer' }).withConfig(config),
    [{ history: 'Who am I?' }],
  ],
};

test.each(Object.entries(makers))('%s', (_name, made) => expectRoundTrip(made, registry));

test('one that was loaded keeps what was said where the registry says', async () => {
  const kept = new InMemoryChatMessageHistory();
  const loaded = loads<string, { text: string }>(dumps(chatting()), {
    registry: [...kinds, { functions: { remember: () => kept } }],
  });
  await loaded.invoke('Who am I?', config);
  await loaded.stream('Are you sure?', config).final;
  const texts = kept.getMessages().map(({ text }) => text);
  expect(texts).toEqual(['Who am I?', 'Bob.', 'Are you sure?', 'Bob.']);
});

test('what gives the history is code, and loads only if the registry has it', () => {
  const load = () => loads(dumps(chatting()), { registry: kinds });
  expect(load).toThrow(DeserializationError);
  expect(load).toThrow(/^root\.options\.getMessageHistory: .* no "remember" among its functions/);
});

test('law 8: equal ones give equal JSON, in whatever order they were told their keys', () => {
  expect(JSON.stringify(keyed({ historyMessagesKey: 'history', inputMessagesKey: 'question' }))).toBe(
    JSON.stringify(keyed({ inputMessagesKey: 'question', historyMessagesKey: 'history' })),
  );
});

test('one without a function for the history is refused when it is made', () => {
  expect(() => chatting('nowhere' as never)).toThrow(/needs \{ getMessageHistory \}, a function; got/);
});
