import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { calling, callOf, scripted, shout } from '../../test/loops.js';
import {
  type BaseMessage,
  bindTools,
  type ModelCallOptions,
  RunnableLambda,
  type RunnableConfig,
  toolLoop,
  type ToolLoop,
  toOpenAITool,
} from '../index.js';
import type { ScriptedChatModel } from '../testing/index.js';

const other = { name: 'other', description: 'Is not the loop’s.', schema: z.object({}) };
const told = [toOpenAITool(shout)];
const outside: RunnableConfig = {
  tools: [toOpenAITool(other)],
  tool_choice: { type: 'function', function: { name: 'other' } },
};
const asked = () => scripted(calling(callOf('shout', { input: 'a' })), 'A');
type ToolOptions = Pick<ModelCallOptions, 'tools' | 'tool_choice'>;
const toldOf = ({ calls }: ScriptedChatModel): ToolOptions[] =>
  calls.map(({ options: { tools, tool_choice } }) => ({
    ...(tools && { tools }),
    ...(tool_choice && { tool_choice }),
  }));
const texts = (messages: readonly BaseMessage[]) => messages.map(({ text }) => text);

describe('tools that are bound around a loop are not told to its model', () => {
  const ways: Record<string, (loop: ToolLoop) => Promise<readonly BaseMessage[]>> = {
    withConfig: (loop) => loop.withConfig(outside).invoke('x'),
    'withConfig, streamed': (loop) => loop.withConfig(outside).stream('x').final,
    'the call itself': (loop) => loop.invoke('x', outside),
    'bindTools on a chain': (loop) =>
      bindTools(RunnableLambda.from((text: string) => text).pipe(loop), [other], {
        tool_choice: 'other',
      }).invoke('x'),
    'wrappers between': (loop) => loop.withRetry().withTimeout(60_000).withConfig(outside).invoke('x'),
    'a function that calls it': (loop) =>
      RunnableLambda.from((text: string, context) => loop.invoke(text, { ...context, ...outside })).invoke(
        'x',
      ),
  };
  test.each(Object.entries(ways))('%s', async (_way, run) => {
    const model = asked();
    expect(texts(await run(toolLoop(model, [shout])))).toEqual(['', 'A', 'A']);
    expect(toldOf(model)).toEqual([
      { tools: told, tool_choice: 'auto' },
      { tools: told, tool_choice: 'auto' },
    ]);
  });
});

test('a model of the loop’s own wrappers is told the loop’s tools, not those bound to it', async () => {
  const model = asked();
  await toolLoop(model.bindTools([other]).withRetry(), [shout]).invoke('x');
  expect(toldOf(model)).toEqual([{ tools: told }, { tools: told }]);
});

test('the loop’s own choice holds for the first answer, whatever is chosen outside', async () => {
  const model = asked();
  await toolLoop(model, [shout], { tool_choice: 'any' }).invoke('x', outside);
  expect(toldOf(model)).toEqual([
    { tools: told, tool_choice: 'required' },
    { tools: told, tool_choice: 'auto' },
  ]);
});

test('a choice from outside, which would hold for every answer, would never let it end', async () => {
  const model = asked();
  await toolLoop(model, [shout]).invoke('x', { tool_choice: 'required' });
  expect(toldOf(model).map(({ tool_choice }) => tool_choice)).toEqual(['auto', 'auto']);
});

test('the model of a loop without tools must not call those from outside', async () => {
  const model = scripted('Hi.');
  await toolLoop(model, []).invoke('x', outside);
  expect(toldOf(model)).toMatchObject([{ tool_choice: 'none' }]);
});

test('other options of the call reach the model, and win over those bound to it', async () => {
  const model = asked();
  const loop = toolLoop(model.withConfig({ temperature: 1, seed: 7 }), [shout]);
  await loop.withConfig({ temperature: 0.5, stop: ['x'] }).invoke('x', { temperature: 0 });
  expect(model.calls[1]?.options).toEqual({ tools: told, temperature: 0, seed: 7, stop: ['x'] });
});

test('a loop inside a tool of a loop is told its own, and the tools’ runs are told of none', async () => {
  const inner = asked();
  const seen: unknown[] = [];
  const spy = RunnableLambda.from((text: string, context) => {
    seen.push(context.config.tools);
    return text;
  });
  const expert = spy
    .pipe(toolLoop(inner, [shout]))
    .pipe((messages) => messages.at(-1)?.text ?? '')
    .asTool({ name: 'expert' });
  const outer = scripted(calling(callOf('expert', { input: 'q' })), 'done');
  await toolLoop(outer, [expert]).invoke('x');
  expect(toldOf(inner)).toEqual([{ tools: told }, { tools: told }]);
  expect(toldOf(outer)[0]?.tools).toEqual([toOpenAITool(expert)]);
  expect(seen).toEqual([undefined]);
});
