import { describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { calling, callOf, scripted, shout, collect } from '../../test/loops.js';
import { shown } from '../../test/shown.js';
import {
  AIMessageChunk,
  BaseChatModel,
  RunnableGenerator,
  MaxStepsError,
  tool,
  toolLoop,
  type ToolLoopChunk,
} from '../index.js';

describe('maxSteps', () => {
  const forever = () =>
    scripted(...Array.from({ length: 20 }, () => calling(callOf('shout', { input: 'a' }))));

  test('is how many answers the model may give; then a typed error carries the conversation', async () => {
    const model = forever();
    const error = await toolLoop(model, [shout], { maxSteps: 2 })
      .invoke('x')
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(MaxStepsError);
    expect(error).toMatchObject({ code: 'MAX_STEPS', maxSteps: 2 });
    expect(shown((error as MaxStepsError).messages)).toEqual(['human: x', 'ai: ', 'tool: A', 'ai: ']);
    expect(model.calls).toHaveLength(2);
  });

  test('is 10 by default, and is kept by streams', async () => {
    const model = forever();
    await expect(collect(toolLoop(model, [shout]).stream('x'))).rejects.toBeInstanceOf(MaxStepsError);
    expect(model.calls).toHaveLength(10);
  });
});

describe('stopping', () => {
  const waiting = () => {
    const state = { started: 0, stopped: 0 };
    const wait = tool(
      (_, { signal }) => {
        state.started += 1;
        return new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            state.stopped += 1;
            reject(signal.reason as Error);
          });
        });
      },
      { name: 'wait', schema: z.object({}) },
    );
    return { state, wait };
  };

  test.each(['invoke', 'stream'] as const)(
    'an abort of %s stops the tools, and the model is not told',
    async (verb) => {
      const { state, wait } = waiting();
      const model = scripted(calling(callOf('wait', {}, '1'), callOf('wait', {}, '2')), 'never');
      const abort = new AbortController();
      const config = { signal: abort.signal };
      const handleToolErrors = vi.fn(() => 'not to be told');
      const loop = toolLoop(model, [wait], { handleToolErrors });
      const run = verb === 'invoke' ? loop.invoke('x', config) : loop.stream('x', config).final;
      await vi.waitFor(() => expect(state.started).toBe(2));
      const reason = new Error('enough');
      abort.abort(reason);
      await expect(run).rejects.toBe(reason);
      expect(state.stopped).toBe(2);
      await new Promise((resolve) => setImmediate(resolve));
      expect(handleToolErrors).not.toHaveBeenCalled();
      expect(model.calls).toHaveLength(1);
    },
  );

  test('leaving the stream stops the tools at once', async () => {
    const { state, wait } = waiting();
    const quick = tool(async () => 'quick', { name: 'quick', schema: z.object({}) });
    const stream = toolLoop(scripted(calling(callOf('quick'), callOf('wait'))), [wait, quick]).stream('x');
    for await (const chunk of stream) if (chunk.type === 'tool') break;
    expect(state).toEqual({ started: 1, stopped: 1 });
  });

  test('a later step that has seen enough stops the tools too', async () => {
    const { state, wait } = waiting();
    const quick = tool(async () => 'quick', { name: 'quick', schema: z.object({}) });
    const first = new RunnableGenerator({
      async *transform(chunks: AsyncIterable<ToolLoopChunk>) {
        for await (const chunk of chunks) if (chunk.type === 'tool') break;
        yield state.stopped;
      },
    });
    const loop = toolLoop(scripted(calling(callOf('quick'), callOf('wait'))), [wait, quick]);
    expect(await loop.pipe(first as never).stream('x').final).toBe(1);
  });

  test('leaving the stream in the middle of an answer closes the model', async () => {
    const closed = vi.fn();
    class Endless extends BaseChatModel {
      readonly name = 'Endless';
      override async *streamChunks() {
        try {
          for (;;) yield new AIMessageChunk('x');
        } finally {
          closed();
        }
      }
    }
    for await (const _chunk of toolLoop(new Endless(), []).stream('x')) break;
    expect(closed).toHaveBeenCalledOnce();
  });

  test('a failing model fails the loop, with what there is as the partial result', async () => {
    const model = scripted(calling(callOf('shout', { input: 'a' })), ['half ', new Error('cut')]);
    const stream = toolLoop(model, [shout]).stream('x');
    const chunks: ToolLoopChunk[] = [];
    const reading = (async () => {
      for await (const chunk of stream) chunks.push(chunk);
    })();
    await expect(reading).rejects.toThrow('cut');
    expect(shown(chunks)).toEqual(['ai: ', 'tool: A', 'ai: half ']);
  });
});
