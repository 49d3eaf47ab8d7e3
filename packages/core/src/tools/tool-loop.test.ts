import { describe, expect, test } from 'vitest';
import { calling, callOf, scripted, shout, collect } from '../../test/loops.js';
import { shown } from '../../test/shown.js';
import {
  AIMessage,
  AIMessageChunk,
  type BaseMessage,
  BaseChatModel,
  ConfigError,
  HumanMessage,
  RunnableLambda,
  SyncInvocationError,
  tool,
  toolLoop,
  toOpenAITool,
  type ToolCall,
} from '../index.js';

describe('toolLoop', () => {
  test('calls tools until the model answers, and gives what was added to the conversation', async () => {
    const model = scripted(
      calling(callOf('shout', { input: 'a' })),
      calling(callOf('shout', { input: 'b' })),
      'AB',
    );
    const messages = await toolLoop(model, [shout]).invoke('Shout a and b.');
    expect(shown(messages)).toEqual(['ai: ', 'tool: A', 'ai: ', 'tool: B', 'ai: AB']);
    expect(model.calls.map((call) => shown(call.messages))).toEqual([
      ['human: Shout a and b.'],
      ['human: Shout a and b.', 'ai: ', 'tool: A'],
      ['human: Shout a and b.', 'ai: ', 'tool: A', 'ai: ', 'tool: B'],
    ]);
    expect(model.calls.map(({ options }) => options.tools)).toEqual(Array(3).fill([toOpenAITool(shout)]));
  });

  test('streams pieces of answers, and each tool as soon as it is done', async () => {
    const piece = (fields: Partial<AIMessageChunk>) => new AIMessageChunk({ content: '', ...fields });
    const model = scripted(
      [
        'Let me ',
        'see.',
        piece({ tool_call_chunks: [{ index: 0, id: '1', name: 'shout', args: '{"inp' }] }),
        piece({ tool_call_chunks: [{ index: 0, args: 'ut":"a"}' }] }),
      ],
      ['It is ', 'A.'],
    );
    const stream = toolLoop(model, [shout]).stream('x');
    const chunks = await collect(stream);
    expect(shown(chunks)).toEqual([
      'ai: Let me ',
      'ai: see.',
      'ai: ',
      'ai: ',
      'tool: A',
      'ai: It is ',
      'ai: A.',
    ]);
    expect(shown(await stream.final)).toEqual(['ai: Let me see.', 'tool: A', 'ai: It is A.']);
  });

  test('takes messages and prompt values, and a chain as the model', async () => {
    const model = scripted('done');
    const chain = RunnableLambda.from((messages: readonly BaseMessage[]) => messages).pipe(model);
    await toolLoop(chain, []).invoke([['system', 'Be kind.'], new HumanMessage('Hi')]);
    expect(model.calls).toMatchObject([{ messages: [{ type: 'system' }, { type: 'human' }], options: {} }]);
  });

  test('stays synchronous with a synchronous model and tools', () => {
    class Once extends BaseChatModel {
      readonly name = 'Once';
      override generate(messages: readonly BaseMessage[]) {
        return messages.length === 1 ? calling(callOf('shout', { input: 'a' })) : new AIMessage('done');
      }
    }
    expect(shown(toolLoop(new Once(), [shout]).invokeSync('x'))).toEqual(['ai: ', 'tool: A', 'ai: done']);
    const slow = tool(async () => 1, { name: 'shout' });
    expect(() => toolLoop(new Once(), [slow]).invokeSync('x')).toThrow(SyncInvocationError);
  });

  test('an answer without a single piece is an empty answer', async () => {
    const stream = toolLoop(scripted(calling(callOf('shout', { input: 'a' })), []), [shout]).stream('x');
    expect(shown(await collect(stream))).toEqual(['ai: ', 'tool: A', 'ai: ']);
    expect(await stream.final).toHaveLength(3);
  });

  test('a model that must call a tool is free after its first answer', async () => {
    const model = scripted(calling(callOf('shout', { input: 'a' })), 'done');
    await toolLoop(model, [shout], { tool_choice: 'any' }).invoke('x');
    expect(model.calls.map(({ options }) => options.tool_choice)).toEqual(['required', undefined]);
  });

  test('a tool with returnDirect ends the loop, unless it failed', async () => {
    const direct = tool((text) => text.slice(1), { name: 'direct', returnDirect: true });
    const call = calling(callOf('direct', { input: 'xa' }));
    expect(shown(await toolLoop(scripted(call), [direct.withRetry()]).invoke('x'))).toEqual([
      'ai: ',
      'tool: a',
    ]);
    const wrong = scripted(calling(callOf('direct')), 'sorry');
    expect((await toolLoop(wrong, [direct]).invoke('x')).at(-1)?.text).toBe('sorry');
  });

  test('refuses two tools of one name, what is no tool, and a bad maxSteps when it is made', () => {
    expect(() => toolLoop(scripted(), [shout, shout])).toThrow('Two tools');
    expect(() => toolLoop(scripted(), [RunnableLambda.from((x: ToolCall) => x)])).toThrow('is no tool');
    expect(() => toolLoop(scripted(), [{ name: 'described only' } as never])).toThrow('is no tool');
    expect(() => toolLoop(scripted(), [toOpenAITool(shout) as never])).toThrow('is no tool');
    for (const maxSteps of [0, 1.5, Number.NaN]) {
      expect(() => toolLoop(scripted(), [], { maxSteps })).toThrow(ConfigError);
    }
  });

  test('refuses tools that are in no array, and what is no model', () => {
    for (const tools of [undefined, null, shout] as never[]) {
      expect(() => toolLoop(scripted(), tools)).toThrow(ConfigError);
      expect(() => scripted().bindTools(tools)).toThrow(ConfigError);
    }
    expect(() => toolLoop(undefined as never, [shout])).toThrow('"model" is undefined');
    expect(() => toolLoop([shout] as never, [shout])).toThrow('"model" is an array');
  });
});
