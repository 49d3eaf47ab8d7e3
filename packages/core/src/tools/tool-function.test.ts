import { describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { ConfigError, RunnableLambda, tool, type RunEvent } from '../index.js';
import { FakeStreamingChatModel } from '../testing/index.js';

describe('functions', () => {
  test('asynchronous ones, and their context, which is a config', async () => {
    const inner = RunnableLambda.from((_: string, context) => context.tags);
    const made = tool(async (text, config) => inner.invoke(text, config), { name: 'tags' });
    expect(await made.invoke('x', { tags: ['mine'] })).toEqual(['mine']);
  });

  test('a runnable that is returned is run, a stream of one is added up', async () => {
    const model = new FakeStreamingChatModel({ chunks: ['Hel', 'lo'] });
    const asks = tool((text, config) => model.stream(text, config), { name: 'ask' });
    expect(await asks.invoke('x')).toMatchObject({ content: 'Hello' });
    expect(await tool(() => model, { name: 'ask' }).invoke('x')).toMatchObject({ content: 'Hello' });
  });

  test('what they throw comes out as it is', async () => {
    const error = { not: 'an error' };
    const made = tool(
      () => {
        throw error;
      },
      { name: 'fail' },
    );
    await expect(made.invoke('x')).rejects.toBe(error);
  });

  test('anything else is refused', () => {
    expect(() => tool('no' as never, { name: 'x' })).toThrow('tool() needs a function');
    expect(() => tool({ name: 'x' } as never, undefined as never)).toThrow('tool() needs a function');
    expect(() => tool(() => 'x', undefined as never)).toThrow('A tool needs a name');
    expect(() => tool(() => 1, { name: '' })).toThrow(ConfigError);
  });
});

describe('generators', () => {
  const counting = tool(
    async function* ({ a }: { a: number }) {
      for (let n = 0; n < a; n += 1) yield { progress: n };
      return 'done';
    },
    { name: 'count', schema: z.object({ a: z.number() }) },
  );

  test('give what they return; what they yield is told to listeners', async () => {
    const events: RunEvent[] = [];
    const config = { callbacks: [(event: RunEvent) => void events.push(event)] };
    expect(await counting.invoke({ a: 2 }, config)).toBe('done');
    expect(events.map(({ type }) => type)).toEqual(['run-start', 'custom', 'custom', 'run-end']);
    expect(events[1]).toMatchObject({ name: 'on_tool_event', data: { progress: 0 }, run: { name: 'count' } });
    const chunks: unknown[] = [];
    for await (const chunk of counting.stream({ a: 2 })) chunks.push(chunk);
    expect(chunks).toEqual(['done']);
  });

  test('synchronous ones stay so', () => {
    const made = tool(
      function* (text) {
        yield 1;
        return text.length;
      },
      { name: 'length' },
    );
    expect(made.invokeSync('four')).toBe(4);
  });

  test('are closed when the run is stopped', async () => {
    const abort = new AbortController();
    const closed = vi.fn();
    const made = tool(
      async function* () {
        try {
          for (;;) {
            yield 1;
            abort.abort(new Error('enough'));
          }
        } finally {
          closed();
        }
      },
      { name: 'forever' },
    );
    await expect(made.invoke('x', { signal: abort.signal })).rejects.toThrow('enough');
    await vi.waitFor(() => expect(closed).toHaveBeenCalledOnce());
  });
});
