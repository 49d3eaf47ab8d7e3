import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { ManualClock } from '../../test/manual-clock.js';
import { failureOf, modelAt, type Failure } from '../../test/models.js';
import { raw, replies, scriptedServer, ScriptedServer } from '../../test/scripted-server.js';
import { selfSigned } from '../../test/self-signed.js';
import { ChatOpenAI } from '../index.js';

const server = scriptedServer();

/** A failed status, asked for both ways: the error must be the same. */
async function refused(
  status: number,
  json: unknown,
  headers: Record<string, string> = {},
): Promise<Failure> {
  server.script(replies(json, status, headers));
  const failure = await failureOf(modelAt(server).invoke('hi'));
  const streamed = await failureOf(modelAt(server).stream('hi').final);
  expect(streamed.constructor).toBe(failure.constructor);
  expect(streamed.message).toBe(failure.message);
  return failure;
}

const error = (message: string, more: object = {}) => ({ error: { message, param: null, ...more } });

describe('a status that says failure', () => {
  test.each([
    [
      'F063: 401',
      401,
      error('Incorrect API key', { code: 'invalid_api_key' }),
      'MODEL_AUTHENTICATION',
      false,
    ],
    ['F063: 403', 403, error('No access'), 'MODEL_AUTHENTICATION', false],
    ['402', 402, error('Pay first'), 'MODEL_QUOTA_EXHAUSTED', false],
    ['404', 404, error('No such model', { code: 'model_not_found' }), 'MODEL_NOT_FOUND', false],
    ['408', 408, error('Too slow'), 'PROVIDER', true],
    ['409', 409, error('Locked'), 'PROVIDER', true],
    ['425', 425, error('Too early'), 'PROVIDER', true],
    ['400', 400, error('Bad temperature', { type: 'invalid_request_error' }), 'PROVIDER', false],
    ['422', 422, { detail: [{ msg: 'Bad temperature' }] }, 'PROVIDER', false],
    ['F062: 413', 413, error('Too large'), 'CONTEXT_TOO_LONG', false],
    [
      'F062: 400 with a code',
      400,
      error('Long', { code: 'context_length_exceeded' }),
      'CONTEXT_TOO_LONG',
      false,
    ],
    [
      'F062: 400 in words',
      400,
      error("This model's maximum context length is 4096 tokens."),
      'CONTEXT_TOO_LONG',
      false,
    ],
    ['F065: 400 of a filter', 400, error('Filtered', { code: 'content_filter' }), 'CONTENT_FILTERED', false],
    [
      'F065: 400 of a filter, inside',
      400,
      error('Filtered', { code: null, innererror: { code: 'ResponsibleAIPolicyViolation' } }),
      'CONTENT_FILTERED',
      false,
    ],
    [
      '429',
      429,
      error('Slow down', { code: 'rate_limit_exceeded', type: 'requests' }),
      'MODEL_RATE_LIMIT',
      true,
    ],
    [
      'F064: 429 of a quota',
      429,
      error('No money', { code: 'insufficient_quota' }),
      'MODEL_QUOTA_EXHAUSTED',
      false,
    ],
    ['500', 500, error('Oops'), 'PROVIDER', true],
    ['503', 503, error('Busy'), 'PROVIDER', true],
    ['529', 529, error('Overloaded'), 'PROVIDER', true],
    ['418', 418, error('A teapot'), 'PROVIDER', false],
  ])('%s', async (_name, status, json, code, retryable) => {
    const failure = await refused(status, json);
    expect(failure).toMatchObject({ code, status, retryable });
    expect(failure.message).toContain(`HTTP ${status}`);
    expect(failure.message).toContain(new URL(server.origin).host);
  });

  test('tells the id of the request and how long to wait', async () => {
    const headers = { 'x-request-id': 'req_1', 'retry-after': '7' };
    expect(await refused(429, error('Slow down'), headers)).toMatchObject({
      requestId: 'req_1',
      retryAfterMs: 7000,
      message: expect.stringMatching(/come back in 7 s .*Slow down/),
    });
  });

  test.each([
    [{ 'x-should-retry': 'false' }, 503, false],
    [{ 'x-should-retry': 'true' }, 400, true],
    [{ 'x-should-retry': 'maybe' }, 503, true],
  ])('%o counts before the status %i', async (headers, status, retryable) => {
    expect(await refused(status, error('Hm'), headers as Record<string, string>)).toMatchObject({
      retryable,
    });
  });

  test('F044: a web page of a proxy is not shown', async () => {
    server.script((response) =>
      response.writeHead(502, { 'content-type': 'text/html' }).end(`<html>${'<p>nginx</p>'.repeat(99)}`),
    );
    const failure = await failureOf(modelAt(server).invoke('hi'));
    expect(failure).toMatchObject({ code: 'PROVIDER', status: 502, retryable: true });
    expect(failure.message).not.toContain('nginx');
    expect(failure.message).toContain('web page');
  });

  test.each([
    ['plain text', 'upstream connect error\u0007', 'upstream connect error'],
    ['a text as error', JSON.stringify({ error: 'model is loading' }), 'model is loading'],
    ['a message without error', JSON.stringify({ object: 'error', message: 'bad prompt' }), 'bad prompt'],
    ['an odd error', JSON.stringify({ error: [1, 2] }), '[1,2]'],
    ['nothing', '', '(HTTP 500).'],
  ])('an explanation that is %s is understood', async (_name, body, expected) => {
    server.script((response) => response.writeHead(500).end(body));
    expect((await failureOf(modelAt(server).invoke('hi'))).message).toContain(expected);
  });

  test('of a long explanation only the beginning is read and shown, and its connection is closed', async () => {
    server.script((response) => {
      response.writeHead(500, { 'content-type': 'text/plain' });
      response.write('x'.repeat(20_000));
    });
    const failure = await failureOf(modelAt(server).invoke('hi'));
    expect(failure.message.length).toBeLessThan(800);
    await server.received[0]?.closed;
  });

  test('an explanation that breaks off leaves the status', async () => {
    server.script((response) => {
      response.writeHead(401, { 'content-length': '99' });
      response.write('{"error"', () => response.socket?.destroy());
    });
    expect(await failureOf(modelAt(server).invoke('hi'))).toMatchObject({
      code: 'MODEL_AUTHENTICATION',
      status: 401,
    });
  });
});

describe('F061: a redirect is not followed', () => {
  test.each([301, 302, 303, 307, 308])('%i', async (status) => {
    const other = new ScriptedServer();
    await other.start();
    server.script((response) =>
      response.writeHead(status, { location: `${other.baseURL}/chat/completions` }).end(),
    );
    const failure = await failureOf(modelAt(server, { maxRetries: 2 }).invoke('hi'));
    expect(failure).toMatchObject({
      code: 'PROTOCOL',
      status,
      retryable: false,
      message: expect.stringContaining('redirect'),
    });
    expect(server.received).toHaveLength(1);
    expect(other.connections).toBe(0);
    await other.stop();
  });

  test('nor taken from a fetch that follows it', async () => {
    server.script((response, { path }) =>
      path === '/there' ? response.end('{}') : response.writeHead(303, { location: '/there' }).end(),
    );
    const follow: typeof fetch = (url, init) => fetch(url, { ...init, redirect: 'follow' });
    const failure = await failureOf(modelAt(server, { configuration: { fetch: follow } }).invoke('hi'));
    expect(failure).toMatchObject({ code: 'PROTOCOL', message: expect.stringContaining('redirect') });
  });
});

describe('no answer at all', () => {
  test('F032: nobody listens', async () => {
    const gone = new ScriptedServer();
    await gone.start();
    const { baseURL, origin } = gone;
    await gone.stop();
    const failure = await failureOf(modelAt(server, { baseURL }).invoke('hi'));
    expect(failure).toMatchObject({
      code: 'PROVIDER',
      retryable: true,
      cause: { cause: { code: 'ECONNREFUSED' } },
    });
    expect(failure.message).toContain(`No connection to ${new URL(origin).host} (ECONNREFUSED)`);
    expect(failure.message).toContain('baseURL');
  });

  test('F032: there is no such host', async () => {
    const failure = await failureOf(modelAt(server, { baseURL: 'http://nowhere.invalid/v1' }).invoke('hi'));
    expect(failure).toMatchObject({ code: 'PROVIDER', retryable: true });
    expect(failure.message).toContain('No connection to nowhere.invalid');
  });

  test('F033: a certificate that nobody vouches for is not tried again', async () => {
    const secure = createServer(selfSigned, (_request, response) => response.end());
    const port = await new Promise<number>((resolve) => {
      secure.listen(0, '127.0.0.1', () => resolve((secure.address() as AddressInfo).port));
    });
    const clock = new ManualClock();
    const baseURL = `https://127.0.0.1:${port}/v1`;
    const failure = await failureOf(modelAt(server, { baseURL, maxRetries: 2, clock }).invoke('hi'));
    secure.close();
    expect(failure).toMatchObject({ code: 'PROVIDER', retryable: false });
    expect(failure.message).toContain(
      `No secure connection to 127.0.0.1:${port} (DEPTH_ZERO_SELF_SIGNED_CERT)`,
    );
    expect(clock.slept).toEqual([]);
  });

  test('F033: a server that does not speak TLS is not tried again', async () => {
    const clock = new ManualClock();
    const baseURL = server.baseURL.replace('http:', 'https:');
    const failure = await failureOf(modelAt(server, { baseURL, maxRetries: 2, clock }).invoke('hi'));
    expect(failure).toMatchObject({ code: 'PROVIDER', retryable: false });
    expect(failure.message).toContain('No secure connection');
    expect(clock.slept).toEqual([]);
  });

  test('the connection is closed before an answer', async () => {
    server.script((response) => response.socket?.destroy());
    expect(await failureOf(modelAt(server).invoke('hi'))).toMatchObject({
      code: 'PROVIDER',
      retryable: true,
    });
  });

  test('what answers does not speak HTTP', async () => {
    server.script(raw('220 mail.example ESMTP\r\n'));
    expect(await failureOf(modelAt(server).invoke('hi'))).toMatchObject({
      code: 'PROTOCOL',
      retryable: false,
    });
  });

  test('F068: headers larger than the platform takes', async () => {
    server.script(raw(`HTTP/1.1 200 OK\r\nx-big: ${'a'.repeat(1_000_000)}\r\n\r\n`));
    expect(await failureOf(modelAt(server).invoke('hi'))).toMatchObject({ code: 'PROTOCOL' });
  });

  test('F068: a thousand headers do no harm', async () => {
    const many = Array.from({ length: 1000 }, (_, index) => `x-${index}: 1\r\n`).join('');
    const body = '{"choices":[{"message":{"content":"ok"}}]}';
    server.script(
      raw(`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n${many}\r\n${body}`),
    );
    expect(await modelAt(server).invoke('hi')).toMatchObject({ content: 'ok' });
  });

  test('F067: early hints are passed over', async () => {
    server.script((response, received) => {
      response.writeEarlyHints({ link: '</style.css>; rel=preload' });
      replies({ choices: [{ message: { content: 'ok' } }] })(response, received);
    });
    expect(await modelAt(server).invoke('hi')).toMatchObject({ content: 'ok' });
  });

  test('a fetch that throws is a failure of the request', async () => {
    const fetch = (): never => {
      throw new RangeError('out of sockets');
    };
    const failure = await failureOf(modelAt(server, { configuration: { fetch } }).invoke('hi'));
    expect(failure).toMatchObject({
      code: 'PROVIDER',
      retryable: false,
      cause: { name: 'RangeError', message: 'out of sockets' },
    });
  });
});

describe('before anything is sent', () => {
  test('a missing key for OpenAI is AuthError that says what to set', async () => {
    const fetch = (): never => {
      throw new Error('sent');
    };
    const model = new ChatOpenAI({
      model: 'm',
      apiKey: '',
      baseURL: 'https://api.openai.com/v1',
      configuration: { fetch },
    });
    for (const failure of [await failureOf(model.invoke('hi')), await failureOf(model.stream('hi').final)]) {
      expect(failure).toMatchObject({ code: 'MODEL_AUTHENTICATION', retryable: false });
      expect(failure.message).toContain('OPENAI_API_KEY');
    }
  });

  test('a server of one’s own needs none', async () => {
    server.script(replies({ choices: [{ message: { content: 'ok' } }] }));
    await modelAt(server, { apiKey: '' }).invoke('hi');
    expect(server.received[0]?.headers).not.toHaveProperty('authorization');
  });
});
