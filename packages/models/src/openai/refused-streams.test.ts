import { describe, expect, test } from 'vitest';
import { delta, finish, wholeCompletion } from '../../test/completions.js';
import { failureOf, modelAt, type Failure } from '../../test/models.js';
import {
  breaksAfter,
  DONE,
  endsAfter,
  raw,
  replies,
  scriptedServer,
  sends,
  sse,
  streams,
  type Script,
} from '../../test/scripted-server.js';

const server = scriptedServer();
const hello = [delta({ content: 'Hel' }), delta({ content: 'lo' })];

async function streamed(script: Script): Promise<Failure> {
  server.script(script);
  return failureOf(modelAt(server).stream('hi').final);
}

async function invoked(script: Script): Promise<Failure> {
  server.script(script);
  return failureOf(modelAt(server).invoke('hi'));
}

describe('F041: a failure reported inside a stream has its type, and what came before', () => {
  test.each([
    ['rate_limit_exceeded', { code: 'rate_limit_exceeded' }, 'MODEL_RATE_LIMIT', true],
    ['the number 429', { code: 429, message: 'slow down' }, 'MODEL_RATE_LIMIT', true],
    [
      'insufficient_quota',
      { type: 'insufficient_quota', code: 'insufficient_quota' },
      'MODEL_QUOTA_EXHAUSTED',
      false,
    ],
    ['invalid_api_key', { code: 'invalid_api_key' }, 'MODEL_AUTHENTICATION', false],
    ['server_error', { type: 'server_error', code: null }, 'PROVIDER', true],
    ['overloaded_error', { type: 'overloaded_error' }, 'PROVIDER', true],
    ['the number 502', { code: 502 }, 'PROVIDER', true],
    ['content_filter', { code: 'content_filter' }, 'CONTENT_FILTERED', false],
    ['context_length_exceeded', { code: 'context_length_exceeded' }, 'CONTEXT_TOO_LONG', false],
    ['a text', 'out of memory', 'PROVIDER', false],
    ['nothing known', { message: 'odd' }, 'PROVIDER', false],
  ])('%s', async (_name, error, code, retryable) => {
    const failure = await streamed(streams(...hello, { error }));
    expect(failure).toMatchObject({ code, retryable, partial: { content: 'Hello' } });
  });

  test('also under the event name "error" alone', async () => {
    const body = `${sse(...hello)}event: error\ndata: {"code": 429, "message": "slow down"}\n\n`;
    expect(await streamed(sends(body, 'text/event-stream'))).toMatchObject({
      code: 'MODEL_RATE_LIMIT',
      partial: { content: 'Hello' },
      message: expect.stringContaining('slow down'),
    });
  });

  test('also as a finish reason, whose event still gives its text', async () => {
    const last = delta(
      { content: '!' },
      { finish_reason: 'error', error: { code: 502, message: 'upstream died' } },
    );
    for (const end of [DONE, '']) {
      expect(await streamed(streams(...hello, last, end))).toMatchObject({
        code: 'PROVIDER',
        status: 502,
        partial: { content: 'Hello!' },
        message: expect.stringContaining('upstream died'),
      });
    }
    expect(await streamed(streams(...hello, finish('error')))).toMatchObject({
      code: 'PROVIDER',
      partial: { content: 'Hello' },
    });
  });
});

describe('an answer that says success and is none', () => {
  const error = { message: 'The model is overloaded', type: 'overloaded_error' };

  test.each([
    ['as JSON', replies({ error })],
    ['as JSON under the name of an event stream', sends(JSON.stringify({ error }), 'text/event-stream')],
    ['printed over lines', sends(JSON.stringify({ error }, undefined, 2), 'text/event-stream')],
  ])('F042: an error %s is typed, streamed or not', async (_name, script) => {
    const expected = {
      code: 'PROVIDER',
      retryable: true,
      message: expect.stringContaining('The model is overloaded'),
    };
    expect(await streamed(script)).toMatchObject(expected);
    expect(await invoked(script)).toMatchObject(expected);
  });

  const page = `<!doctype html>\n<html><title>Sign in\u202e</title>\u001b[31m${'<p>hotel</p>'.repeat(99)}`;
  test.each([
    ['text/html', page],
    ['text/event-stream', page],
    ['text/plain', page],
    ['application/json', page],
  ])('F043: a web page under the name of %s is a ProtocolError with its beginning', async (type, body) => {
    for (const failure of [await streamed(sends(body, type)), await invoked(sends(body, type))]) {
      expect(failure).toMatchObject({ code: 'PROTOCOL', retryable: false });
      expect(failure.message).toContain('<title>Sign in </title> [31m<p>hotel</p>');
      expect(failure.message.length).toBeLessThan(400);
      // Nothing that a terminal would act on.
      expect(failure.message).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    }
  });

  test('JSON that is no completion is a ProtocolError', async () => {
    expect(await invoked(replies({ hello: 'world' }))).toMatchObject({
      code: 'PROTOCOL',
      message: expect.stringContaining('choices'),
    });
    expect(await invoked(replies([1, 2]))).toMatchObject({ code: 'PROTOCOL' });
    expect(await invoked(replies(wholeCompletion({}, { choices: [] })))).toMatchObject({ code: 'PROTOCOL' });
    expect(await streamed(streams('data: 42\n\n'))).toMatchObject({ code: 'PROTOCOL' });
  });

  test('F055: an event that is not JSON is a ProtocolError that counts it, after what came before', async () => {
    const failure = await streamed(
      streams(...hello, 'data: {"choices": [\n\n', delta({ content: 'more' }), finish(), DONE),
    );
    expect(failure).toMatchObject({ code: 'PROTOCOL', partial: { content: 'Hello' } });
    expect(failure.message).toContain('number 3');
  });
});

describe('an answer that breaks off', () => {
  test.each([
    ['F037: ends with the connection', endsAfter(sse(...hello))],
    ['F040: is reset', breaksAfter(sse(...hello))],
    ['F040: is reset in the middle of an event', breaksAfter(`${sse(...hello)}data: {"choi`)],
    ['F040: ends in the middle of an event', endsAfter(`${sse(...hello)}data: {"choi`)],
    ['F037: ends properly, but without an end', streams(...hello)],
    [
      'F060: is shorter than announced',
      raw(
        `HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: 9999\r\n\r\n${sse(...hello)}`,
      ),
    ],
  ])('%s: StreamTruncatedError with what came', async (_name, script) => {
    expect(await streamed(script)).toMatchObject({
      code: 'STREAM_TRUNCATED',
      retryable: true,
      partial: { content: 'Hello' },
    });
  });

  test('the same in an invoke that streams inside', async () => {
    server.script(endsAfter(sse(...hello)));
    const failure = await failureOf(modelAt(server, { streaming: true }).invoke('hi'));
    expect(failure).toMatchObject({ code: 'STREAM_TRUNCATED', partial: { content: 'Hello' } });
  });

  test('F060: longer than announced is cut there', async () => {
    const body = sse(...hello);
    const script = raw(
      `HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\ncontent-length: ${body.length}\r\n\r\n${body}${sse(delta({ content: '!' }))}`,
    );
    expect(await streamed(script)).toMatchObject({ code: 'STREAM_TRUNCATED', partial: { content: 'Hello' } });
  });

  test('F060: chunks that are garbled are a ProtocolError, after what came before', async () => {
    const body = sse(...hello);
    const script = raw(
      `HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\nzz\r\n`,
    );
    expect(await streamed(script)).toMatchObject({ code: 'PROTOCOL', partial: { content: 'Hello' } });
  });

  test('F038: after its finish reason it is complete', async () => {
    server.script(breaksAfter(sse(...hello, finish())));
    expect(await modelAt(server).stream('hi').final).toMatchObject({
      content: 'Hello',
      response_metadata: { finish_reason: 'stop', end_marker: 'missing' },
    });
  });

  test.each([
    ['nothing', endsAfter('', 'application/json')],
    ['half of it', endsAfter('{"choices": [{"message": {"con', 'application/json')],
    ['half of it, then a reset', breaksAfter('{"choices"')],
  ])('a whole answer of which %s came is a StreamTruncatedError', async (_name, script) => {
    const failure = await invoked(script);
    expect(failure).toMatchObject({ code: 'STREAM_TRUNCATED', retryable: true });
    expect(failure.partial).toBeUndefined();
  });
});
