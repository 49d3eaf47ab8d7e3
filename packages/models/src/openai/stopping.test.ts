import { HumanMessage, type AIMessageChunk, type RunContext } from '@pipewright/core';
import { describe, expect, test, vi } from 'vitest';
import { delta } from '../../test/completions.js';
import { ManualClock } from '../../test/manual-clock.js';
import { failureOf, modelAt } from '../../test/models.js';
import {
  breaksAfter,
  DONE,
  replies,
  scriptedServer,
  sse,
  stalls,
  streams,
  type Script,
} from '../../test/scripted-server.js';
import type { ChatOpenAI } from '../index.js';

const server = scriptedServer();
const hello = sse(delta({ content: 'Hel' }), delta({ content: 'lo' }));

describe('a consumer that stops', () => {
  test('closes the connection on break', async () => {
    server.script(stalls(hello));
    for await (const chunk of modelAt(server).stream('hi')) {
      expect(chunk.content).toBe('Hel');
      break;
    }
    await server.received[0]?.closed;
  });

  test('closes the connection with cancel() while a chunk is awaited', async () => {
    server.script(stalls(hello));
    const stream = modelAt(server).stream('hi');
    await stream.next();
    await stream.next();
    const pending = stream.next();
    await stream.cancel();
    expect(await pending).toEqual({ done: true, value: undefined });
    await server.received[0]?.closed;
  });

  test('closes the connection when its web stream is cancelled', async () => {
    server.script(stalls(hello));
    const reader = modelAt(server).stream('hi').getReader();
    await reader.read();
    await reader.cancel();
    await server.received[0]?.closed;
  });

  test('sends nothing when it never pulls', async () => {
    server.script(stalls(hello));
    const stream = modelAt(server).stream('hi');
    await stream.return();
    expect(server.connections).toBe(0);
  });
});

describe('F071: an abort rejects with its own reason and closes the connection', () => {
  /** What the server does, and what has to be seen of it before the abort. */
  const phases: [string, Script, 'request' | 'headers' | 'text'][] = [
    ['before the headers', () => {}, 'request'],
    ['after the headers', stalls(), 'headers'],
    ['after some text', stalls(hello), 'text'],
    ['in the middle of an event', stalls(`${hello}data: {"cho`), 'text'],
    ['in the explanation of an error', (response) => response.writeHead(400).write('well'), 'headers'],
    ['in the middle of a whole answer', stalls('{"choices": [', 'application/json'), 'headers'],
  ];
  const reasons: [string, unknown][] = [
    ['an error', new Error('stop')],
    ['a text', 'stop'],
    ['a frozen object', Object.freeze({ why: 'stop' })],
  ];
  const message = [new HumanMessage('hi')];

  async function drain(chunks: AsyncIterable<AIMessageChunk>, see: () => void): Promise<void> {
    for await (const chunk of chunks) if (chunk.content === 'lo') see();
  }
  /** The engine's verbs, and what it calls: it must not be the engine alone that gives up. */
  const verbs: Record<string, (model: ChatOpenAI, signal: AbortSignal, see: () => void) => Promise<unknown>> =
    {
      invoke: (model, signal) => model.invoke('hi', { signal }),
      stream: (model, signal, see) => drain(model.stream('hi', { signal }), see),
      generate: (model, signal) => model.generate(message, {}, { signal } as unknown as RunContext),
      streamChunks: (model, signal, see) =>
        drain(model.streamChunks(message, {}, { signal } as unknown as RunContext), see),
    };

  test.each(
    phases.flatMap(([phase, script, seen]) =>
      reasons.map(([name, reason]) => [phase, name, script, seen, reason] as const),
    ),
  )('%s, with %s', async (_phase, _name, script, seen, reason) => {
    for (const [verb, run] of Object.entries(verbs)) {
      server.script(script);
      const controller = new AbortController();
      const abort = (): void => void setImmediate(() => controller.abort(reason));
      const textIsShown = seen === 'text' && verb.startsWith('stream');
      const own: typeof fetch = async (url, init) => {
        const response = await fetch(url, init);
        if (seen !== 'request' && !textIsShown) abort();
        return response;
      };
      const model = modelAt(server, { maxRetries: 2, configuration: { fetch: own } });
      const arrival = server.nextRequest();
      const failure = failureOf(run(model, controller.signal, () => textIsShown && abort()));
      const { closed } = await arrival;
      if (seen === 'request') abort();
      expect(await failure, verb).toBe(reason);
      await closed;
    }
    expect(server.received).toHaveLength(Object.keys(verbs).length);
  });

  test('F070: before the call nothing is sent', async () => {
    const signal = AbortSignal.abort('no');
    server.script(stalls());
    expect(await failureOf(modelAt(server).invoke('hi', { signal }))).toBe('no');
    expect(await failureOf(modelAt(server).stream('hi', { signal }).final)).toBe('no');
    expect(server.connections).toBe(0);
  });

  test('while the key is awaited nothing is sent', async () => {
    const controller = new AbortController();
    let give = (_key: string): void => {};
    const apiKey = () => {
      controller.abort('no');
      return new Promise<string>((resolve) => (give = resolve));
    };
    expect(await failureOf(modelAt(server, { apiKey }).invoke('hi', { signal: controller.signal }))).toBe(
      'no',
    );
    give('late-key-1');
    await new Promise((resolve) => setImmediate(resolve));
    expect(server.connections).toBe(0);
  });

  test('F074: a fetch that does not heed the signal is left behind, and its late answer closed', async () => {
    const controller = new AbortController();
    let cancelled = false;
    let answer = (_response: Response): void => {};
    const late = new Promise<Response>((resolve) => (answer = resolve));
    const fetch = () => {
      queueMicrotask(() => controller.abort('no'));
      return late;
    };
    const { signal } = controller;
    expect(await failureOf(modelAt(server, { configuration: { fetch } }).invoke('hi', { signal }))).toBe(
      'no',
    );
    answer(new Response(new ReadableStream({ cancel: () => void (cancelled = true) })));
    await new Promise((resolve) => setImmediate(resolve));
    expect(cancelled).toBe(true);
  });

  test('the engine’s timeout stops the request too', async () => {
    server.script(() => {});
    const failure = await failureOf(modelAt(server).invoke('hi', { timeout: 30 }));
    expect(failure).toMatchObject({ code: 'TIMEOUT', phase: 'total', timeoutMs: 30 });
    await server.received[0]?.closed;
  });

  test('I4: leaves no listener on the signal it is given', async () => {
    const { signal } = new AbortController();
    const added = vi.spyOn(signal, 'addEventListener');
    const removed = vi.spyOn(signal, 'removeEventListener');
    const context = { signal } as unknown as RunContext;
    const model = modelAt(server, { maxRetries: 1, clock: new ManualClock() });
    const message = [new HumanMessage('hi')];
    const reset: Script = ({ socket }) => socket?.destroy();
    for (const script of [
      streams(delta({ content: 'a' }), DONE),
      replies({}, 500),
      breaksAfter(hello),
      reset,
    ]) {
      server.script(script);
      await model.generate(message, {}, context).catch(() => {});
    }
    server.script(stalls(hello));
    for await (const _chunk of model.streamChunks(message, {}, context)) break;
    await server.received.at(-1)?.closed;
    expect(added.mock.calls.length).toBeGreaterThan(3);
    const uncalled = added.mock.calls.filter(
      ([, one]) => !removed.mock.calls.some(([, other]) => one === other),
    );
    expect(uncalled).toEqual([]);
  });
});

test('F018, N6: many failing and stopped calls leave no connection behind', async () => {
  server.script(stalls(hello));
  const calls = Array.from({ length: 50 }, async () => {
    for await (const _chunk of modelAt(server).stream('hi')) break;
  });
  await Promise.all(calls);
  await Promise.all(server.received.map(({ closed }) => closed));
  expect(server.received).toHaveLength(50);
});
