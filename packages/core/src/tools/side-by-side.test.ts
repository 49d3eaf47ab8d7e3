import { describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { calling, callOf, scripted, shout, collect } from '../../test/loops.js';
import { shown } from '../../test/shown.js';
import { type AIMessage, type ToolMessage, tool, toolLoop, type ToolLoopChunk } from '../index.js';

describe('tools side by side', () => {
  /** Tools that end when told to. */
  const gates = (...names: readonly string[]) => {
    const open = new Map<string, () => void>();
    const tools = names.map((name) =>
      tool(() => new Promise<string>((resolve) => open.set(name, () => resolve(name))), {
        name,
        schema: z.object({}),
      }),
    );
    return { open, tools };
  };

  test('each message is streamed when it is there, and stands in the order of the calls', async () => {
    const { open, tools } = gates('a', 'b');
    const model = scripted(calling(callOf('a'), callOf('b')), 'done');
    const stream = toolLoop(model, tools).stream('x');
    const chunks: ToolLoopChunk[] = [];
    await stream.next();
    const reading = collect(stream).then((rest) => chunks.push(...rest));
    await vi.waitFor(() => expect(open.size).toBe(2));
    open.get('b')?.();
    await Promise.resolve();
    open.get('a')?.();
    await reading;
    expect(shown(chunks)).toEqual(['tool: b', 'tool: a', 'ai: done']);
    expect(shown(await stream.final)).toEqual(['ai: ', 'tool: a', 'tool: b', 'ai: done']);
    expect(shown(model.calls[1]?.messages ?? [])).toEqual(['human: x', 'ai: ', 'tool: a', 'tool: b']);
  });

  test.each(['invoke', 'stream'] as const)('%s keeps to maxConcurrency', async (verb) => {
    let running = 0;
    let most = 0;
    const work = tool(
      async () => {
        most = Math.max(most, ++running);
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
        return 'ok';
      },
      { name: 'work', schema: z.object({}) },
    );
    const calls = Array.from({ length: 6 }, (_, index) => callOf('work', {}, String(index)));
    const loop = toolLoop(scripted(calling(...calls), 'done'), [work]);
    const config = { maxConcurrency: 2 };
    const messages =
      verb === 'invoke' ? await loop.invoke('x', config) : await loop.stream('x', config).final;
    expect(messages).toHaveLength(8);
    expect(most).toBe(2);
  });

  test.each([
    ['missing', [undefined, undefined]],
    ['repeated', ['1', '1']],
    ['empty', ['', '']],
  ])('ids that are %s are made, alike in the answer and in the messages', async (_what, ids) => {
    const calls = ids.map((id, index) => ({
      name: 'shout',
      args: { input: String(index) },
      ...(id !== undefined && { id }),
    }));
    const make = () => toolLoop(scripted(calling(...calls), 'done'), [shout]);
    const messages = await make().invoke('x');
    const answer = messages[0] as AIMessage;
    const answered = messages.slice(1, 3) as ToolMessage[];
    const given = answer.tool_calls.map(({ id }) => id);
    expect(new Set(given).size).toBe(2);
    expect(answered.map(({ tool_call_id, content }) => [tool_call_id, content])).toEqual([
      [given[0], '0'],
      [given[1], '1'],
    ]);
    expect(await make().stream('x').final).toEqual(messages);
  });
});
