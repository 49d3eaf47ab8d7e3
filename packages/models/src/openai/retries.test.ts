import { describe, expect, test } from 'vitest';
import { delta, finish, wholeCompletion } from '../../test/completions.js';
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

const server = scriptedServer();
const good = replies(wholeCompletion({ content: 'ok' }));
const busy = replies({ error: 'busy' }, 503);
const limited = (headers: Record<string, string> = {}) => replies({ error: 'slow' }, 429, headers);
const reset: Script = (response) => response.socket?.destroy();

describe('a failure before the first chunk', () => {
  test.each([
    ['503', busy],
    ['500', replies({}, 500)],
    ['408', replies({}, 408)],
    ['429', limited()],
    ['F066: a closed connection', reset],
    ['F041: an error in a 200', replies({ error: { type: 'overloaded_error' } })],
    ['F037: an empty stream', streams()],
  ])('%s is tried again', async (_name, script) => {
    const clock = new ManualClock();
    server.script(script, script, good);
    expect(await modelAt(server, { maxRetries: 2, clock }).invoke('hi')).toMatchObject({ content: 'ok' });
    server.script(script, script, streams(delta({ content: 'ok' }), finish(), DONE));
    expect(await modelAt(server, { maxRetries: 2, clock }).stream('hi').final).toMatchObject({
      content: 'ok',
    });
    expect(server.received).toHaveLength(6);
    expect(new Set(server.received.slice(0, 3).map(({ body }) => body)).size).toBe(1);
  });

  test.each([
    ['400', replies({}, 400)],
    ['401', replies({}, 401)],
    ['404', replies({}, 404)],
    ['422', replies({}, 422)],
    ['F064: 429 of a quota', replies({ error: { code: 'insufficient_quota' } }, 429)],
    ['503 that says no', replies({}, 503, { 'x-should-retry': 'false' })],
    ['JSON that is no completion', replies({})],
  ])('%s is not', async (_name, script) => {
    const clock = new ManualClock();
    server.script(script);
    await failureOf(modelAt(server, { maxRetries: 2, clock }).invoke('hi'));
    expect(server.received).toHaveLength(1);
    expect(clock.slept).toEqual([]);
  });

  test('ends with the last error after maxRetries, by default 2', async () => {
    const clock = new ManualClock();
    server.script(busy, busy, replies({ error: 'third' }, 500));
    const { maxRetries: _, ...fields } = { maxRetries: 0, clock };
    const failure = await failureOf(modelAt(server, { ...fields, maxRetries: undefined }).invoke('hi'));
    expect(failure).toMatchObject({ status: 500, message: expect.stringContaining('third') });
    expect(server.received).toHaveLength(3);
  });

  test('waits longer each time, at random, up to a cap', async () => {
    server.script(busy);
    const early = new ManualClock(0);
    const late = new ManualClock(0.999_999_999);
    for (const clock of [early, late])
      await failureOf(modelAt(server, { maxRetries: 7, clock }).invoke('hi'));
    expect(early.slept).toEqual([0, 0, 0, 0, 0, 0, 0]);
    expect(late.slept.map(Math.round)).toEqual([500, 1000, 2000, 4000, 8000, 8000, 8000]);
  });

  test('waits at least half of that where the rate is limited', async () => {
    server.script(limited());
    const early = new ManualClock(0);
    const late = new ManualClock(0.999_999_999);
    for (const clock of [early, late])
      await failureOf(modelAt(server, { maxRetries: 6, clock }).invoke('hi'));
    expect(early.slept).toEqual([500, 1000, 2000, 4000, 8000, 10_000]);
    expect(late.slept.map(Math.round)).toEqual([1000, 2000, 4000, 8000, 16_000, 20_000]);
  });

  test.each([
    ['retry-after-ms', { 'retry-after-ms': '1500' }, 1500],
    ['seconds', { 'retry-after': '3' }, 3000],
    ['milliseconds before seconds', { 'retry-after-ms': '20', 'retry-after': '3' }, 20],
    ['none, which is at once', { 'retry-after': '0' }, 0],
    [
      'F078: a date, by the server’s own clock',
      { 'retry-after': 'Tue, 15 Nov 1994 08:12:40 GMT', date: 'Tue, 15 Nov 1994 08:12:31 GMT' },
      9000,
    ],
    [
      'a date that is past',
      { 'retry-after': 'Tue, 15 Nov 1994 08:12:30 GMT', date: 'Tue, 15 Nov 1994 08:12:31 GMT' },
      0,
    ],
    ['nonsense, which is as if unsaid', { 'retry-after': 'soon' }, 750],
    ['a negative number, likewise', { 'retry-after': '-5', 'retry-after-ms': '-5' }, 750],
    ['no number, likewise', { 'retry-after': 'NaN', 'retry-after-ms': 'NaN' }, 750],
  ])('F077: waits as long as it is told by %s', async (_name, headers, expected) => {
    const clock = new ManualClock(0.5);
    server.script(limited(headers as Record<string, string>), good);
    await modelAt(server, { maxRetries: 1, clock }).invoke('hi');
    expect(clock.slept).toEqual([expected]);
  });

  test.each([
    ['over a minute', '61', 61_000],
    ['ten years', '315360000', 315_360_000_000],
    ['longer than numbers go', '9'.repeat(40), Number.MAX_SAFE_INTEGER],
  ])('F077: told to wait %s, it fails at once with the number', async (_name, value, retryAfterMs) => {
    const clock = new ManualClock();
    server.script(limited({ 'retry-after': value }));
    expect(await failureOf(modelAt(server, { maxRetries: 2, clock }).invoke('hi'))).toMatchObject({
      retryAfterMs,
    });
    expect(server.received).toHaveLength(1);
    expect(clock.slept).toEqual([]);
  });

  test('F076: does not wait past the timeout of the call', async () => {
    const clock = new ManualClock();
    server.script(limited({ 'retry-after': '20' }));
    const failure = await failureOf(modelAt(server, { maxRetries: 9, timeout: 50_000, clock }).invoke('hi'));
    expect(failure).toMatchObject({ code: 'MODEL_RATE_LIMIT' });
    expect(clock.slept).toEqual([20_000, 20_000]);
  });

  test('asks for the key again each time', async () => {
    const keys = ['key-one', 'key-two'];
    server.script(busy, good);
    await modelAt(server, {
      maxRetries: 1,
      clock: new ManualClock(),
      apiKey: async () => keys.shift() ?? '',
    }).invoke('hi');
    expect(server.received.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer key-one',
      'Bearer key-two',
    ]);
  });

  test('F071: the wait can be aborted', async () => {
    const controller = new AbortController();
    const clock = new ManualClock();
    clock.sleep = (_ms, signal) => {
      const aborted = new Promise<never>((_, reject) =>
        signal.addEventListener('abort', () => reject(signal.reason)),
      );
      controller.abort('enough');
      return aborted;
    };
    server.script(busy);
    const { signal } = controller;
    expect(await failureOf(modelAt(server, { maxRetries: 2, clock }).invoke('hi', { signal }))).toBe(
      'enough',
    );
    expect(server.received).toHaveLength(1);
  });
});

describe('a failure after the first chunk', () => {
  test('F083: is not tried again, and carries what came', async () => {
    server.script(breaksAfter(sse(delta({ content: 'Hel' }))));
    const clock = new ManualClock();
    const failure = await failureOf(modelAt(server, { maxRetries: 2, clock }).stream('hi').final);
    expect(failure).toMatchObject({ code: 'STREAM_TRUNCATED', partial: { content: 'Hel' } });
    expect(server.received).toHaveLength(1);
  });

  test('events that say nothing do not count as a chunk', async () => {
    server.script(
      breaksAfter(sse(': hi\n\n', delta({ role: 'assistant', content: '' }))),
      streams(delta({ content: 'ok' }), DONE),
    );
    const clock = new ManualClock();
    expect(await modelAt(server, { maxRetries: 1, clock }).stream('hi').final).toMatchObject({
      content: 'ok',
    });
  });
});

test('a time limit of a request that was being answered is for withRetry, not for a second bill', async () => {
  server.script(stalls());
  const clock = new ManualClock();
  const failure = await failureOf(modelAt(server, { maxRetries: 2, idleTimeout: 30, clock }).invoke('hi'));
  expect(failure).toMatchObject({ code: 'TIMEOUT', phase: 'idle', retryable: true });
  expect(server.received).toHaveLength(1);
});
