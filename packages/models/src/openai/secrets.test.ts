import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { delta } from '../../test/completions.js';
import { failureOf, modelAt } from '../../test/models.js';
import {
  breaksAfter,
  raw,
  scriptedServer,
  ScriptedServer,
  sends,
  sse,
  stalls,
  type Script,
} from '../../test/scripted-server.js';
import { ChatOpenAI, type ChatOpenAIFields } from '../index.js';

// Hundreds of failing calls, each searched for every part of a key: slow where the machine is busy.
vi.setConfig({ testTimeout: 60_000 });

const server = scriptedServer();

/** Characters that look different in each of the encodings. */
const keys = fc
  .string({ unit: fc.constantFrom(...'abcXYZ0189+/=&%"\\<>~ -_.'.split('')), minLength: 24, maxLength: 60 })
  .filter(
    // A header loses spaces at its ends, and a key of few characters is found in any text.
    (key) => key.trim() === key && new Set(key).size > 10,
  );

const forms = (key: string): string[] => [
  key,
  encodeURIComponent(key),
  JSON.stringify(key),
  Buffer.from(key).toString('base64'),
  Buffer.from(`user:${key}`).toString('base64url'),
  Buffer.from(`me:${key}!`).toString('base64'),
];

/** Everything that a program would print of a value, however hard it looks. */
function printed(value: unknown): string {
  const parts = [
    inspect(value, { depth: 10, showHidden: true, getters: true }),
    String(value),
    JSON.stringify(value),
  ];
  for (let error = value; error instanceof Error; error = error.cause) {
    parts.push(error.message, error.stack ?? '', JSON.stringify(Object.assign({}, error)));
  }
  return parts.join('\n');
}

function expectHidden(key: string, value: unknown): void {
  const text = printed(value);
  for (const form of [key, encodeURIComponent(key), JSON.stringify(key).slice(1, -1)]) {
    for (let at = 0; at + 8 <= form.length; at += 1) {
      const window = form.slice(at, at + 8);
      if (text.includes(window))
        expect.fail(`${JSON.stringify(window)} of the key ${JSON.stringify(key)} is in: ${text}`);
    }
  }
  // The ends of encoded forms depend on what stands around the key.
  for (const encoded of forms(key).slice(3)) expect(text).not.toContain(encoded.slice(8, -6));
}

/** Servers that show what they were sent, in every place where an error could take it up. */
const tellTales: [string, (echo: string) => Script][] = [
  [
    'an explanation in JSON',
    (echo) => (response) =>
      response.writeHead(401).end(JSON.stringify({ error: { message: `Incorrect API key: ${echo}` } })),
  ],
  [
    'a code',
    (echo) => (response) =>
      response.writeHead(400).end(JSON.stringify({ error: { code: echo, type: echo } })),
  ],
  ['an explanation in words', (echo) => (response) => response.writeHead(500).end(`bad key ${echo}!`)],
  [
    'the id of the request',
    (echo) => (response) => response.writeHead(500, { 'x-request-id': encodeURIComponent(echo) }).end(),
  ],
  [
    'an error inside a stream',
    (echo) => sends(sse(delta({ content: 'a' }), { error: { message: echo } }), 'text/event-stream'),
  ],
  ['a web page', (echo) => sends(`<html>${echo}</html>`, 'text/html')],
  ['an event that is no JSON', (echo) => sends(`data: ${echo}\n\n`, 'text/event-stream')],
  ['JSON that is none', (echo) => sends(`${echo}`, 'application/json')],
  ['something other than HTTP', (echo) => raw(`HTTP/1.1 ${echo}\r\n\r\n`)],
];

describe('L1: an error never shows the key', () => {
  test.each(tellTales)('not even if the server repeats it in %s', async (_name, tale) => {
    await fc.assert(
      fc.asyncProperty(keys, async (key) => {
        for (const echo of forms(key)) {
          server.script(tale(echo));
          for (const fields of waysToGive(key)) {
            const model = modelAt(server, fields);
            expectHidden(key, await failureOf(model.invoke('hi')));
            expectHidden(key, await failureOf(model.stream('hi').final));
          }
        }
      }),
      { numRuns: 2 },
    );
  });

  test('nor a part of it, as some servers repeat it', async () => {
    const apiKey = 'sk-proj-abcdefghijklmnopqrstuvwxyz0123456789';
    server.script((response) =>
      response.writeHead(401).end(`{"error": "wrong key: ${apiKey.slice(0, 12)}****${apiKey.slice(-10)}"}`),
    );
    const failure = await failureOf(modelAt(server, { apiKey }).invoke('hi'));
    expectHidden(apiKey, failure);
    expect(failure.message).toContain('wrong key: [secret]****[secret]');
  });

  test.each([
    ['no answer', () => {}],
    ['silence', stalls()],
    ['a reset', breaksAfter(sse(delta({ content: 'a' })))],
    ['no connection', 'refused'],
    ['no such host', 'http://nowhere.invalid/v1'],
  ])('nor after %s', async (_name, where) => {
    const key = 'sk-secret-0123456789-abcdefghij';
    const gone = new ScriptedServer();
    await gone.start();
    const refused = gone.baseURL;
    await gone.stop();
    if (typeof where === 'function') server.script(where as Script);
    const baseURL = where === 'refused' ? refused : typeof where === 'string' ? where : server.baseURL;
    for (const fields of waysToGive(key)) {
      const address =
        fields.baseURL === undefined ? baseURL : `${baseURL}?${new URL(fields.baseURL).searchParams}`;
      const model = modelAt(server, {
        ...fields,
        baseURL: address,
        timeout: 60,
        idleTimeout: 30,
        firstEventTimeout: 30,
      });
      expectHidden(key, await failureOf(model.stream('hi').final));
      expectHidden(key, await failureOf(model.invoke('hi')));
    }
  });

  test('nor what a fetch of the user’s puts on its errors', async () => {
    const key = 'sk-secret-0123456789-abcdefghij';
    const fetch = (_url: unknown, init: { headers: Headers }): never => {
      const authorization = init.headers.get('authorization');
      const inner = Object.assign(new Error(`sent ${authorization}`), {
        code: `E_${authorization}`,
        config: { authorization },
      });
      throw Object.assign(new TypeError(`failed with ${authorization}`, { cause: inner }), {
        request: { authorization },
      });
    };
    const failure = await failureOf(
      modelAt(server, { apiKey: key, configuration: { fetch: fetch as never } }).invoke('hi'),
    );
    expect(failure.cause?.message).toBe('failed with Bearer [secret]');
    expectHidden(key, failure);
  });

  test('nor does a key that cannot be sent', () => {
    const key = 'sk-secret-0123456789-abcdefghij\n';
    for (const fields of [{ apiKey: key }, { configuration: { defaultHeaders: { 'x-api-key': key } } }]) {
      try {
        modelAt(server, fields);
        expect.fail('made a model of it');
      } catch (error) {
        expect(error).toMatchObject({ code: 'INVALID_CONFIG' });
        expectHidden(key.trim(), error);
      }
    }
  });

  /** Every place where a key can be given. */
  function waysToGive(key: string): Partial<ChatOpenAIFields>[] {
    return [
      { apiKey: key },
      { apiKey: () => Promise.resolve(key) },
      { apiKey: '', configuration: { defaultHeaders: { 'X-Api-Key': key } } },
      { apiKey: '', baseURL: `${server.baseURL}?key=${encodeURIComponent(key)}` },
    ];
  }
});

describe('L1: a model never shows the key', () => {
  const key = 'sk-secret-0123456789-abcdefghij';
  const make = (): ChatOpenAI =>
    new ChatOpenAI({
      model: 'm',
      apiKey: key,
      baseURL: `http://localhost:1/v1?key=${key}`,
      configuration: { defaultHeaders: { 'x-other-token': key } },
    });

  test.each([
    ['printed', (model: ChatOpenAI) => model],
    ['spread', (model: ChatOpenAI) => Object.assign({}, model)],
    ['cloned', (model: ChatOpenAI) => structuredClone(Object.assign({}, model))],
    ['asked for its identity', (model: ChatOpenAI) => model.identity()],
    ['part of a chain', (model: ChatOpenAI) => model.pipe((answer: unknown) => answer)],
    ['in an error’s cause', (model: ChatOpenAI) => new Error('x', { cause: model })],
  ])('when %s', (_name, view) => {
    expectHidden(key, view(make()));
  });

  test('and a copy that lacks it says so', async () => {
    const copy = Object.assign(Object.create(ChatOpenAI.prototype), make()) as ChatOpenAI;
    expect(await failureOf(copy.invoke('hi'))).toMatchObject({ code: 'INVALID_CONFIG' });
  });
});
