import { HumanMessage, setLlmCache, type LlmRecord } from '@pipewright/core';
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { wholeCompletion } from '../../test/completions.js';
import { failureOf, modelAt } from '../../test/models.js';
import { replies, scriptedServer, ScriptedServer } from '../../test/scripted-server.js';
import { ChatOpenAI, type ChatOpenAIFields } from '../index.js';

const server = scriptedServer();
const ok = replies(wholeCompletion({ content: 'ok' }));

afterEach(() => vi.unstubAllEnvs());

async function sent(fields: Partial<ChatOpenAIFields> = {}, options: object = {}, streamed = false) {
  server.script(ok);
  const model = modelAt(server, fields);
  await (streamed ? model.stream('hi', options).final : model.invoke('hi', options));
  const received = server.received.at(-1);
  if (received === undefined) throw new Error('nothing was sent');
  return received;
}

describe('the request', () => {
  test('goes to chat/completions below the base, with the key', async () => {
    const { method, path, headers, json } = await sent();
    expect({ method, path }).toEqual({ method: 'POST', path: '/v1/chat/completions' });
    expect(headers).toMatchObject({
      authorization: 'Bearer test-key-123',
      'content-type': 'application/json',
    });
    expect(json).toEqual({ model: 'tiny', messages: [{ role: 'user', content: 'hi' }], stream: false });
  });

  test.each([
    ['a slash at the end', '/v1/', '/v1/chat/completions'],
    ['no path', '', '/chat/completions'],
    [
      'a query, as Azure has',
      '/openai/deployments/d?api-version=1',
      '/openai/deployments/d/chat/completions?api-version=1',
    ],
  ])('the base may have %s', async (_name, base, path) => {
    expect((await sent({ baseURL: server.origin + base })).path).toBe(path);
    expect((await sent({ baseURL: undefined, configuration: { baseURL: server.origin + base } })).path).toBe(
      path,
    );
  });

  test('has the parameters of the model, and those of the call before them', async () => {
    const fields = {
      temperature: 0.1,
      topP: 0.2,
      maxTokens: 3,
      seed: 4,
      stop: ['a'],
      modelKwargs: { user: 'u', logit: 1 },
    };
    const wire = { temperature: 0.1, top_p: 0.2, max_tokens: 3, seed: 4, stop: ['a'], user: 'u', logit: 1 };
    expect((await sent(fields)).json).toMatchObject(wire);
    const options = {
      temperature: 0,
      topP: 1,
      maxTokens: 9,
      seed: 0,
      stop: ['b'],
      modelKwargs: { logit: 2 },
    };
    expect((await sent(fields, options)).json).toMatchObject({
      temperature: 0,
      top_p: 1,
      max_tokens: 9,
      seed: 0,
      stop: ['b'],
      user: 'u',
      logit: 2,
    });
  });

  test('modelKwargs say how anything is sent, but neither what nor whether it streams', async () => {
    const modelKwargs = { model: 'other', stream: true, messages: [], n: 2 };
    expect((await sent({ modelKwargs })).json).toEqual({
      model: 'other',
      n: 2,
      messages: [{ role: 'user', content: 'hi' }],
      stream: false,
    });
  });

  test('an empty list of stops is none', async () => {
    expect((await sent({ stop: ['a'] }, { stop: [] })).json).not.toHaveProperty('stop');
  });

  test('names the bound of tokens as the endpoint knows it', async () => {
    expect((await sent({ model: 'o3-mini', maxTokens: 5 })).json).toMatchObject({ max_completion_tokens: 5 });
    const bodies: any[] = [];
    const fetch = async (_url: unknown, init: { body: string }) => {
      bodies.push(JSON.parse(init.body));
      return Response.json(wholeCompletion({ content: 'ok' }));
    };
    const own = { baseURL: 'https://api.openai.com/v1', configuration: { fetch: fetch as never } };
    await modelAt(server, { ...own, maxTokens: 5 }).invoke('hi');
    expect(bodies).toEqual([expect.objectContaining({ max_completion_tokens: 5 })]);
    expect(bodies[0]).not.toHaveProperty('max_tokens');
  });

  test('asks streams for token counts, unless told not to', async () => {
    expect((await sent({}, {}, true)).json).toMatchObject({
      stream: true,
      stream_options: { include_usage: true },
    });
    expect((await sent({ streamUsage: false }, {}, true)).json).not.toHaveProperty('stream_options');
    const modelKwargs = { stream_options: { include_obfuscation: false } };
    const both = { include_usage: true, include_obfuscation: false };
    expect((await sent({ modelKwargs }, {}, true)).json.stream_options).toEqual(both);
    expect((await sent({ modelKwargs })).json).not.toHaveProperty('stream_options');
  });

  test('has the headers of the user’s, which count before ours', async () => {
    const defaultHeaders = { 'X-Title': 'Tests', Authorization: 'Custom abc' };
    const { headers } = await sent({
      configuration: { defaultHeaders, organization: 'org-1', project: 'proj-1' },
    });
    expect(headers).toMatchObject({
      'x-title': 'Tests',
      authorization: 'Custom abc',
      'openai-organization': 'org-1',
      'openai-project': 'proj-1',
    });
  });

  test('goes through the fetch of the user’s', async () => {
    const urls: unknown[] = [];
    const own: typeof fetch = (url, init) => {
      urls.push(url);
      return fetch(url, init);
    };
    await sent({ configuration: { fetch: own } });
    expect(urls).toEqual([`${server.baseURL}/chat/completions`]);
  });

  test('tells of tools and of the form of the answer', async () => {
    const schema = { type: 'object', properties: { city: { type: 'string' } } } as const;
    const tool = { type: 'function', function: { name: 'find', parameters: schema } } as const;
    const response_format = { type: 'json_schema', json_schema: { name: 'place', schema } } as const;
    const { json } = await sent({}, { tools: [tool], tool_choice: 'required', response_format });
    expect(json).toMatchObject({ tools: [tool], tool_choice: 'required', response_format });
  });

  test('is made by bindTools and withStructuredOutput too', async () => {
    const schema = { type: 'object', title: 'place', properties: { city: { type: 'string' } } } as const;
    server.script(
      replies(wholeCompletion({ content: '{"city": "Oslo"}' })),
      replies(wholeCompletion({ content: 'no tool needed' })),
    );
    const place = modelAt(server).withStructuredOutput(schema);
    expect(await place.invoke('The capital of Norway?')).toEqual({ city: 'Oslo' });
    await modelAt(server)
      .bindTools([{ name: 'find', schema }])
      .invoke('hi');
    expect(server.received[0]?.json).toMatchObject({
      response_format: { json_schema: { name: 'place', schema } },
    });
    expect(server.received[1]?.json).toMatchObject({
      tools: [{ function: { name: 'find', parameters: schema } }],
    });
  });

  test('cannot hold what JSON cannot', async () => {
    const circle: Record<string, unknown> = {};
    circle.self = circle;
    const failure = await failureOf(modelAt(server).invoke('hi', { modelKwargs: { circle }, cache: false }));
    expect(failure).toMatchObject({ code: 'INVALID_CONFIG', option: 'modelKwargs' });
    expect(server.connections).toBe(0);
  });

  test('N1: no address found in a message is ever asked for', async () => {
    const trap = new ScriptedServer();
    await trap.start();
    const url = `${trap.origin}/picture.png`;
    server.script(ok);
    await modelAt(server).invoke([
      new HumanMessage([
        { type: 'image', url },
        { type: 'image_url', image_url: { url } },
        { type: 'image_url', image_url: url },
        { type: 'text', text: url },
        { type: 'custom', url, source: { url } },
      ]),
    ]);
    expect(trap.connections).toBe(0);
    expect(server.received[0]?.body.split(url)).toHaveLength(7);
    await trap.stop();
  });
});

describe('the environment', () => {
  test('gives key and base when a model is made', async () => {
    vi.stubEnv('OPENAI_API_KEY', 'env-key-1');
    vi.stubEnv('OPENAI_BASE_URL', server.baseURL);
    const model = new ChatOpenAI({ model: 'm' });
    vi.stubEnv('OPENAI_API_KEY', 'env-key-2');
    vi.stubEnv('OPENAI_BASE_URL', 'http://nowhere.invalid');
    server.script(ok);
    await model.invoke('hi');
    expect(server.received[0]?.headers.authorization).toBe('Bearer env-key-1');
  });

  test('counts after what is given', async () => {
    vi.stubEnv('OPENAI_API_KEY', 'env-key-1');
    vi.stubEnv('OPENAI_BASE_URL', 'http://nowhere.invalid');
    expect((await sent()).headers.authorization).toBe('Bearer test-key-123');
  });

  test('may be missing altogether', () => {
    vi.stubGlobal('process', undefined);
    const model = new ChatOpenAI({ model: 'm' });
    vi.unstubAllGlobals();
    expect(model.baseURL).toBe('https://api.openai.com/v1');
  });
});

describe('a field that cannot work is ConfigError', () => {
  const fields = (more: object) => () => modelAt(server, more);

  test.each([
    ['no model', { model: '' }, 'model'],
    ['a base that is no address', { baseURL: 'localhost:8080' }, 'baseURL'],
    ['a base of another protocol', { baseURL: 'file:///v1' }, 'baseURL'],
    ['a base with a password', { baseURL: 'http://me:secret@localhost/v1' }, 'baseURL'],
    ['a key that is no text', { apiKey: 7 }, 'apiKey'],
    ['fewer than no retries', { maxRetries: -1 }, 'maxRetries'],
    ['half a retry', { maxRetries: 0.5 }, 'maxRetries'],
    ['a header without a name', { configuration: { defaultHeaders: { 'a b': 'c' } } }, 'defaultHeaders'],
  ])('%s', (_name, more, option) => {
    expect(fields(more)).toThrow(expect.objectContaining({ code: 'INVALID_CONFIG', option }));
  });

  test('N4: a value with a line break, NUL or a character beyond Latin-1, wherever headers are made of it', async () => {
    const bad = fc.constantFrom('\r', '\n', '\r\n', '\0', '\u007f', '\u001b', 'Ā', '日', '😀', '\ud800');
    await fc.assert(
      fc.asyncProperty(fc.string(), bad, fc.string(), async (before, character, after) => {
        const value = before + character + after;
        const refused = expect.objectContaining({ code: 'INVALID_CONFIG' });
        expect(fields({ apiKey: value })).toThrow(refused);
        expect(fields({ configuration: { defaultHeaders: { 'x-a': value } } })).toThrow(refused);
        expect(fields({ configuration: { defaultHeaders: { [value]: 'a' } } })).toThrow(refused);
        expect(fields({ configuration: { organization: value } })).toThrow(refused);
        expect(fields({ configuration: { project: value } })).toThrow(refused);
        expect(await failureOf(modelAt(server, { apiKey: () => value }).invoke('hi'))).toEqual(refused);
      }),
      { numRuns: 50 },
    );
    expect(server.connections).toBe(0);
  });
});

describe('the identity', () => {
  const identity = (more: Partial<ChatOpenAIFields> = {}) => modelAt(server, more).identity();

  test('holds what can change answers, and no key', () => {
    expect(identity({ temperature: 0, seed: 1, modelKwargs: { user: 'u' } })).toEqual({
      provider: 'openai',
      model: 'tiny',
      baseURL: server.baseURL,
      temperature: 0,
      seed: 1,
      modelKwargs: { user: 'u' },
    });
    expect(identity({ apiKey: 'another-key', timeout: 5, maxRetries: 1, streamUsage: false })).toEqual(
      identity(),
    );
  });

  test('tells headers apart that may route to another model', () => {
    const headers = (defaultHeaders: Record<string, string>) =>
      identity({ configuration: { defaultHeaders } });
    expect(headers({ 'x-route': 'a' })).not.toEqual(headers({ 'x-route': 'b' }));
    expect(headers({ 'x-route': 'a', b: 'c' })).toEqual(headers({ b: 'c', 'X-Route': 'a' }));
    expect(headers({ 'x-api-key': 'a' })).toEqual(identity());
  });

  test('tells queries, organizations and projects apart that may route to another model', () => {
    const query = (text: string) => identity({ baseURL: `${server.baseURL}?${text}` });
    expect(query('deployment=small&v=1')).not.toEqual(query('deployment=large&v=1'));
    expect(query('deployment=small&v=1')).toEqual(query('v=1&deployment=small'));
    expect(query('a=1&a=2')).not.toEqual(query('a=2&a=1'));
    expect(query('api-key=one')).toEqual(identity());
    expect(JSON.stringify(query('deployment=small'))).not.toContain('small');

    const asked = (configuration: ChatOpenAIFields['configuration']) => identity({ configuration });
    expect(asked({ organization: 'a' })).not.toEqual(asked({ organization: 'b' }));
    expect(asked({ project: 'a' })).not.toEqual(asked({ project: 'b' }));
    expect(asked({ project: 'a' })).not.toEqual(asked({ organization: 'a' }));
    const header = { 'OpenAI-Project': 'a' };
    expect(asked({ project: 'a' })).toEqual(asked({ defaultHeaders: header }));
  });

  test('makes answers cacheable', async () => {
    const records = new Map<string, LlmRecord>();
    setLlmCache({
      lookup: ({ key }) => records.get(key),
      update: ({ key }, record) => void records.set(key, record),
    });
    try {
      server.script(ok);
      const first = await modelAt(server).invoke('hi');
      const second = await modelAt(server).invoke('hi');
      expect(second.content).toBe(first.content);
      expect(server.received).toHaveLength(1);
      await modelAt(server, { temperature: 1 }).invoke('hi');
      expect(server.received).toHaveLength(2);
    } finally {
      setLlmCache(null);
    }
  });
});

test('as JSON a model tells its parameters, but neither where nor with which key it asks', () => {
  const json = modelAt(server, { temperature: 0, stop: ['a'] }).toJSON();
  expect(json).toEqual(modelAt(server, { temperature: 0, stop: ['a'], apiKey: 'other-key-1' }).toJSON());
  expect(JSON.stringify(json)).toContain('tiny');
  expect(JSON.stringify(json)).not.toMatch(/127\.0\.0\.1|key/i);
});

test('a batch asks for each input', async () => {
  server.script((response, received) =>
    replies(wholeCompletion({ content: received.json.messages[0]?.content }))(response, received),
  );
  const answers = await modelAt(server).batch(['a', 'b', 'c']);
  expect(answers.map(({ text }) => text)).toEqual(['a', 'b', 'c']);
});
