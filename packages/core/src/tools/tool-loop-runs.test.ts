import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { calling, callOf, scripted, shout, fail } from '../../test/loops.js';
import { shown } from '../../test/shown.js';
import { type BaseMessage, type RunEvent, tool, toolLoop } from '../index.js';
import { FakeListChatModel, runnableLaws, ScriptedChatModel } from '../testing/index.js';

test('every run is told of and closed once, each under the loop', async () => {
  const events: RunEvent[] = [];
  const loop = toolLoop(scripted(calling(callOf('shout', { input: 'a' }), callOf('fail')), 'done'), [
    shout,
    fail,
  ]);
  await loop.invoke('x', { callbacks: [(event) => void events.push(event)] });
  const runs = events
    .filter(({ type }) => type !== 'run-chunk')
    .map(({ type, run }) => `${type} ${run.parentIds.length} ${run.name} ${run.tags.join()}`);
  expect(runs).toEqual([
    'run-start 0 ToolLoop ',
    'run-start 1 ScriptedChatModel loop:model:1',
    'run-end 1 ScriptedChatModel loop:model:1',
    'run-start 1 shout loop:tool:shout',
    'run-end 1 shout loop:tool:shout',
    'run-start 1 fail loop:tool:fail',
    'run-error 1 fail loop:tool:fail',
    'run-start 1 ScriptedChatModel loop:model:2',
    'run-end 1 ScriptedChatModel loop:model:2',
    'run-end 0 ToolLoop ',
  ]);
});

test('runs of one loop share nothing', async () => {
  const model = new ScriptedChatModel({
    replies: Array.from({ length: 40 }, () => (messages: readonly BaseMessage[]) => {
      const last = messages.at(-1) as BaseMessage;
      return last.type === 'tool' ? last.text : calling(callOf('shout', { input: last.text }));
    }),
  });
  const inputs = Array.from({ length: 20 }, (_, index) => `n${index}`);
  const results = await toolLoop(model, [shout]).batch(inputs);
  expect(results.map((messages) => messages.at(-1)?.text)).toEqual(inputs.map((text) => text.toUpperCase()));
});

test('a loop is a tool for another loop', async () => {
  const inner = toolLoop(scripted(calling(callOf('shout', { input: 'a' })), 'inner A'), [shout])
    .pipe((messages) => messages.at(-1)?.text ?? '')
    .asTool({ name: 'expert', description: 'Knows.' });
  const outer = scripted(calling(callOf('expert', { input: 'q' })), 'done');
  expect(shown(await toolLoop(outer, [inner]).invoke('x'))).toEqual(['ai: ', 'tool: inner A', 'ai: done']);
});

test('of a loop or a model that is its tool, a loop is shown what it says at last and nothing else', async () => {
  const found = tool(() => ['found', { secret: 1 }], {
    name: 'find',
    schema: z.object({}),
    responseFormat: 'content_and_artifact',
  });
  const fields = { name: 'expert', schema: z.string() };
  for (const expert of [
    toolLoop(scripted(calling(callOf('find')), 'a fern'), [found]).asTool(fields),
    scripted('a fern').asTool(fields),
  ]) {
    const outer = scripted(calling(callOf('expert', { input: 'q' })), 'done');
    await toolLoop(outer, [expert]).invoke('x');
    expect(outer.calls[1]?.messages.at(-1)).toMatchObject({ type: 'tool', content: 'a fern' });
  }
});

describe('the laws', () => {
  const asynchronous = tool(async (text) => text.length, { name: 'length' });
  const makers: Record<string, () => ReturnType<typeof toolLoop>> = {
    'a loop without a call': () => toolLoop(new FakeListChatModel({ responses: ['Hi.'] }), [shout]),
    'a loop with calls, also failing ones': () =>
      toolLoop(
        scripted(
          // The laws run one chain twice.
          ...[1, 2].flatMap(() => [
            calling(
              callOf('length', { input: 'abc' }),
              callOf('shout', { input: 'a' }),
              callOf('fail'),
              callOf('no'),
            ),
            calling({ name: 'length', args: { input: 'x' } }),
            ['do', 'ne'],
          ]),
        ),
        [shout, asynchronous, fail],
      ),
  };
  describe.each(Object.entries(makers))('%s', (_name, make) => {
    for (const law of runnableLaws(make, ['x'])) test(law.name, () => law.check());
  });
});
