import { gzipSync } from 'node:zlib';
import { describe, expect, test, vi } from 'vitest';
import { delta, finish } from '../../test/completions.js';
import { failureOf, modelAt } from '../../test/models.js';
import {
  DONE,
  raw,
  replies,
  scriptedServer,
  sends,
  sse,
  stalls,
  type Script,
} from '../../test/scripted-server.js';

// Bodies of tens of megabytes: slow where the machine is busy.
vi.setConfig({ testTimeout: 60_000 });

const server = scriptedServer();
const hello = sse(delta({ content: 'Hel' }), delta({ content: 'lo' }));

/** Writes a part each time the one before it has been written out, until the client hangs up. */
function endless(head: string, part: string, headers: Record<string, string> = {}): Script {
  return (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream', ...headers });
    response.write(head);
    const more = (): void => {
      while (!response.destroyed && response.write(part));
      if (!response.destroyed) response.once('drain', more);
    };
    more();
  };
}

describe('time limits', () => {
  test('F034: a server that accepts and never answers is TimeoutError "firstEvent"', async () => {
    server.script(() => {});
    const failure = await failureOf(modelAt(server, { firstEventTimeout: 40 }).stream('hi').final);
    expect(failure).toMatchObject({ code: 'TIMEOUT', phase: 'firstEvent', timeoutMs: 40, retryable: true });
    expect(failure.message).toContain('firstEventTimeout');
    await server.received[0]?.closed;
  });

  test('the first event ends the wait for it', async () => {
    server.script((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(hello);
      setTimeout(() => response.end(sse(finish(), DONE)), 600);
    });
    const answer = await modelAt(server, { firstEventTimeout: 300 }).stream('hi').final;
    expect(answer).toMatchObject({ content: 'Hello' });
  });

  test('F034: a whole answer has the limit of the call only', async () => {
    server.script(() => {});
    const failure = await failureOf(modelAt(server, { firstEventTimeout: 1, timeout: 40 }).invoke('hi'));
    expect(failure).toMatchObject({ code: 'TIMEOUT', phase: 'total', timeoutMs: 40 });
    await server.received[0]?.closed;
  });

  test('comments keep a stream from being idle, but are no first event', async () => {
    server.script((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const timer = setInterval(() => response.write(': still queueing\n\n'), 10);
      response.on('close', () => clearInterval(timer));
    });
    const failure = await failureOf(
      modelAt(server, { firstEventTimeout: 600, idleTimeout: 300 }).stream('hi').final,
    );
    expect(failure).toMatchObject({ code: 'TIMEOUT', phase: 'firstEvent' });
  });

  test('F035: silence after the headers is TimeoutError "idle"', async () => {
    server.script(stalls());
    const failure = await failureOf(modelAt(server, { idleTimeout: 30 }).stream('hi').final);
    expect(failure).toMatchObject({ code: 'TIMEOUT', phase: 'idle', timeoutMs: 30 });
    await server.received[0]?.closed;
  });

  test('F035: silence after some text carries that text', async () => {
    server.script(stalls(hello));
    const failure = await failureOf(modelAt(server, { idleTimeout: 150 }).stream('hi').final);
    expect(failure).toMatchObject({ code: 'TIMEOUT', phase: 'idle', partial: { content: 'Hello' } });
    expect(failure.message).toContain('idleTimeout');
    await server.received[0]?.closed;
  });

  test('F038: silence after the finish reason takes nothing from the answer', async () => {
    server.script(stalls(hello + sse(finish())));
    const answer = await modelAt(server, { idleTimeout: 150 }).stream('hi').final;
    expect(answer).toMatchObject({ content: 'Hello', response_metadata: { end_marker: 'missing' } });
    await server.received[0]?.closed;
  });

  test('F036: bytes that drip in keep it from being idle, but the limit of the call holds', async () => {
    server.script((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(hello);
      const timer = setInterval(() => response.write(':'), 10);
      response.on('close', () => clearInterval(timer));
    });
    const failure = await failureOf(modelAt(server, { idleTimeout: 300, timeout: 600 }).stream('hi').final);
    expect(failure).toMatchObject({ code: 'TIMEOUT', phase: 'total', partial: { content: 'Hello' } });
  });

  test('a reader that takes its time is no silence of the server’s', async () => {
    let send = (): void => {};
    server.script((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(sse(delta({ content: 'a' })));
      send = () => response.end(sse(delta({ content: 'b' }), finish(), DONE));
    });
    const stream = modelAt(server, { idleTimeout: 250 }).stream('hi');
    expect((await stream.next()).value).toMatchObject({ content: 'a' });
    // Nothing is awaited from the server meanwhile, for longer than the limit.
    await new Promise((resolve) => setTimeout(resolve, 400));
    send();
    expect((await stream.next()).value).toMatchObject({ content: 'b' });
    await stream.return();
  });

  test('an explanation of an error that never ends is bounded by the limits as well', async () => {
    server.script((response) => {
      response.writeHead(500);
      response.write('wait for it');
    });
    const failure = await failureOf(modelAt(server, { timeout: 300 }).invoke('hi'));
    expect(failure).toMatchObject({ code: 'PROVIDER', status: 500 });
    await server.received[0]?.closed;
  });

  test.each([
    ['timeout', 0],
    ['timeout', Number.NaN],
    ['firstEventTimeout', -1],
    ['idleTimeout', 2 ** 31],
    ['idleTimeout', '30' as never],
  ])('F090: %s: %s is ConfigError', (option, value) => {
    expect(() => modelAt(server, { [option]: value })).toThrow(
      expect.objectContaining({ code: 'INVALID_CONFIG', option }),
    );
  });

  test('Infinity is no limit', async () => {
    server.script(replies({ choices: [{ message: { content: 'ok' } }] }));
    const none = { timeout: Infinity, firstEventTimeout: Infinity, idleTimeout: Infinity };
    expect(await modelAt(server, none).invoke('hi')).toMatchObject({ content: 'ok' });
  });
});

describe('size limits', () => {
  const exceeded = (limit: string, maximum: number) => ({
    code: 'LIMIT_EXCEEDED',
    limit,
    maximum,
    retryable: false,
  });

  test('F049: a line without end', async () => {
    server.script(endless(hello, 'x'.repeat(64 * 1024)));
    const failure = await failureOf(modelAt(server).stream('hi').final);
    expect(failure).toMatchObject({ ...exceeded('line', 2 ** 20), partial: { content: 'Hello' } });
    await server.received[0]?.closed;
  });

  test('F049: an event without end', async () => {
    server.script(endless(hello, `data: ${'x'.repeat(1000)}\n`));
    const failure = await failureOf(modelAt(server).stream('hi').final);
    expect(failure).toMatchObject({ ...exceeded('event', 4 * 2 ** 20), partial: { content: 'Hello' } });
    await server.received[0]?.closed;
  });

  test('F050: events without end', async () => {
    server.script(endless(hello, 'data:\n\n'.repeat(10_000)));
    const failure = await failureOf(modelAt(server).stream('hi').final);
    expect(failure).toMatchObject({ ...exceeded('events', 1_000_000), partial: { content: 'Hello' } });
    await server.received[0]?.closed;
  });

  test('F050: comments without end', async () => {
    server.script(endless(hello, ': hello\n'.repeat(10_000)));
    const failure = await failureOf(modelAt(server).stream('hi').final);
    expect(failure).toMatchObject({ ...exceeded('body', 64 * 2 ** 20), partial: { content: 'Hello' } });
    await server.received[0]?.closed;
  });

  test('F059: a whole answer without end', async () => {
    server.script(endless('{"choices": "', 'x'.repeat(64 * 1024), { 'content-type': 'application/json' }));
    expect(await failureOf(modelAt(server).invoke('hi'))).toMatchObject(exceeded('body', 64 * 2 ** 20));
    await server.received[0]?.closed;
  });

  test('F059: a small body that decompresses to a huge one', async () => {
    const bomb = gzipSync(Buffer.alloc(72 * 2 ** 20, ':\n'));
    expect(bomb.length).toBeLessThan(2 ** 20);
    server.script(sends(bomb, 'text/event-stream', { 'content-encoding': 'gzip' }));
    expect(await failureOf(modelAt(server).stream('hi').final)).toMatchObject(exceeded('body', 64 * 2 ** 20));
  });

  test('F059: compression in more layers than the platform takes', async () => {
    server.script(
      sends('x', 'text/event-stream', { 'content-encoding': Array(100).fill('gzip').join(', ') }),
    );
    expect(await failureOf(modelAt(server).stream('hi').final)).toMatchObject({ code: 'PROTOCOL' });
  });

  test('F059: compression that is none settles with a typed error', async () => {
    // Node 20 never ends such a body; newer ones report it.
    server.script(
      raw(`HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-encoding: gzip\r\n\r\n${hello}`),
    );
    const failure = await failureOf(modelAt(server, { idleTimeout: 50 }).stream('hi').final);
    expect(['PROTOCOL', 'TIMEOUT']).toContain(failure.code);
  });

  test('F059: compression that is cut is a StreamTruncatedError', async () => {
    const body = gzipSync(hello + sse(finish(), DONE));
    server.script((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' });
      response.end(body.subarray(0, body.length / 2));
    });
    expect(await failureOf(modelAt(server).stream('hi').final)).toMatchObject({ code: 'STREAM_TRUNCATED' });
  });

  test('compressed answers are read', async () => {
    server.script(
      sends(gzipSync(hello + sse(finish(), DONE)), 'text/event-stream', { 'content-encoding': 'gzip' }),
    );
    expect(await modelAt(server).stream('hi').final).toMatchObject({ content: 'Hello' });
  });
});
