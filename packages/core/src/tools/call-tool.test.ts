import { describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { calling, callOf, scripted, shout, fail } from '../../test/loops.js';
import { AIMessageChunk, ToolMessage, tool, toolLoop, type ToolCall } from '../index.js';

describe('failures that the model is told of', () => {
  const told = async (...calls: readonly ToolCall[]) => {
    const loop = toolLoop(scripted(calling(...calls), 'sorry'), [shout, fail]);
    return (await loop.invoke('x')).filter((message): message is ToolMessage => message.type === 'tool');
  };

  test('a tool that throws', async () => {
    expect(await told(callOf('fail'))).toEqual([
      new ToolMessage({
        content: 'Error: out of order',
        tool_call_id: 'fail',
        name: 'fail',
        status: 'error',
      }),
    ]);
  });

  test('a tool that does not exist', async () => {
    const [message] = await told(callOf('scream'));
    expect(message).toMatchObject({ status: 'error', tool_call_id: 'scream' });
    expect(message?.text).toBe('Error: there is no tool "scream". The tools are: shout, fail.');
  });

  test('arguments that do not fit the schema, beside a call that succeeds', async () => {
    const messages = await told(callOf('shout', { input: 5 }, '1'), callOf('shout', { input: 'a' }, '2'));
    expect(messages).toMatchObject([{ status: 'error' }, { status: 'success', content: 'A' }]);
    expect(messages[0]?.text).toContain('"shout" does not fit its schema: expected a text');
  });

  test('arguments that are no JSON', async () => {
    const broken = new AIMessageChunk({
      content: '',
      tool_call_chunks: [{ index: 0, id: '1', name: 'shout', args: '{"input":' }],
    });
    const model = scripted([broken], 'sorry');
    const messages = await toolLoop(model, [shout]).invoke('x');
    expect(messages[1]).toMatchObject({ type: 'tool', tool_call_id: '1', status: 'error' });
    expect(messages[1]?.text).toBe('Error: the arguments are not valid JSON: {"input":');
  });

  test('as a function says', async () => {
    const model = scripted(calling(callOf('fail')), 'sorry');
    const handleToolErrors = async (error: unknown, call: ToolCall) => `${call.name}: ${String(error)}`;
    const messages = await toolLoop(model, [fail], { handleToolErrors }).invoke('x');
    expect(messages[1]?.text).toBe('fail: Error: out of order');
  });

  test('not at all with handleToolErrors: false; the other tools are stopped', async () => {
    let stopped: unknown;
    const slow = tool(
      (_, { signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(((stopped = signal.reason), signal.reason) as Error));
        }),
      { name: 'slow', schema: z.object({}) },
    );
    const broken = tool(
      async () => {
        throw new Error('out of order');
      },
      { name: 'fail', schema: z.object({}) },
    );
    const loop = toolLoop(scripted(calling(callOf('slow'), callOf('fail'))), [slow, broken], {
      handleToolErrors: false,
    });
    await expect(loop.invoke('x')).rejects.toThrow('out of order');
    await vi.waitFor(() => expect(stopped).toMatchObject({ message: 'out of order' }));
  });
});

describe('a message that a tool returns answers its call', () => {
  const calls = calling(callOf('own', {}, '1'), callOf('shout', { input: 'a' }, '2'));
  const returning = (fields: { readonly name?: string; readonly tool_call_id: string }) =>
    tool(() => new ToolMessage({ content: 'mine', artifact: [1], ...fields }), {
      name: 'own',
      schema: z.object({}),
      returnDirect: true,
    });

  test('even if it was made for another call', async () => {
    const messages = await toolLoop(scripted(calls, 'done'), [
      returning({ tool_call_id: 'inner' }),
      shout,
    ]).invoke('x');
    expect(messages.slice(1)).toMatchObject([
      { content: 'mine', tool_call_id: '1', name: 'own', artifact: [1] },
      { content: 'A', tool_call_id: '2' },
    ]);
  });

  test.each([undefined, 'another'])('and ends the loop if the tool is direct, named %s', async (name) => {
    const own = returning({ tool_call_id: '2', ...(name !== undefined && { name }) });
    const messages = await toolLoop(scripted(calls), [own, shout]).invoke('x');
    expect(messages).toHaveLength(3);
    expect(messages[1]?.name).toBe(name ?? 'own');
  });
});
