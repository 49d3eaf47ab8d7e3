import { expect, test } from 'vitest';
import { expectRoundTrip, type Made } from '../../test/round-trip.js';
import { AIMessage, AIMessageChunk, coreRegistry, dumps, loads } from '../index.js';
import {
  FakeListChatModel,
  FakeStreamingChatModel,
  ScriptedChatModel,
  type ScriptedReply,
  testingRegistry,
} from './index.js';

const always = () => 'use' as const;
const registry = [coreRegistry, testingRegistry, { functions: { always } }];
/** Twice the same, as one that was loaded is invoked and then streamed. */
const scripted = (reply: ScriptedReply) => new ScriptedChatModel({ replies: [reply, reply] });

const makers: Record<string, Made> = {
  'a list of answers': [() => new FakeListChatModel({ responses: ['a'], cache: false }), ['x']],
  'a rule for its cache': [
    () => new FakeListChatModel({ responses: ['a'], cache: { scope: 's', policy: always } }),
    ['x'],
  ],
  'chunks, texts and messages': [
    () => new FakeStreamingChatModel({ chunks: ['a', new AIMessageChunk({ content: 'b', id: 'i' })] }),
    ['x'],
  ],
  'a script of texts': [() => scripted('a'), ['x']],
  'a script of messages': [
    () => scripted(new AIMessage({ content: '', tool_calls: [{ id: '1', name: 'f', args: { a: [1] } }] })),
    ['x'],
  ],
  'a script of pieces': [
    () => scripted(['b', new AIMessageChunk({ content: 'c', response_metadata: { n: 1 } })]),
    ['x'],
  ],
};

test.each(Object.entries(makers))('%s', (_name, made) => expectRoundTrip(made, registry));

test('what was counted and recorded is not stored', async () => {
  const model = new FakeListChatModel({ responses: ['a', 'b'] });
  await model.invoke('x');
  const loaded = loads<string, AIMessage>(dumps(model), { registry });
  expect((await loaded.invoke('x')).text).toBe('a');
});

test.each<[string, ScriptedReply]>([
  ['a failure', new Error('down')],
  ['a failure among pieces', ['a', new Error('cut')]],
  ['a function', () => 'a'],
])('a script with %s in it goes by its name', (_what, reply) => {
  const model = scripted(reply);
  expect(model.toJSON().root).toEqual({ name: 'ScriptedChatModel' });
  const runnables = { ScriptedChatModel: model };
  expect(loads(dumps(model), { registry: [...registry, { runnables }] })).toBe(model);
  expect(() => loads(dumps(model), { registry })).toThrow(/no "ScriptedChatModel" among its runnables/);
});

test('a model loads only if the registry has its kind', () => {
  for (const [make] of Object.values(makers)) {
    expect(() => loads(dumps(make()), { registry: coreRegistry })).toThrow(/among its kinds/);
  }
});
