import { coreRegistry, DeserializationError, dumps, loads, type LlmCache } from '@pipewright/core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ChatOpenAI, chatOpenAIKind, modelsRegistry } from './index.js';

const KEY = 'sk-the-key-of-somebody';
const registry = [coreRegistry, modelsRegistry];
const make = () =>
  new ChatOpenAI({
    model: 'm',
    temperature: 0,
    stop: ['x'],
    modelKwargs: { user: 'u', api_key: 'mine' },
    apiKey: KEY,
    baseURL: 'https://api.openai.com/v1',
    configuration: { defaultHeaders: { 'x-secret': 'hidden-header' } },
    maxRetries: 1,
  });

const env = process.env;
let reads: PropertyKey[] = [];
beforeEach(() => {
  reads = [];
});
afterEach(() => {
  process.env = env;
});
function watchEnvironment(): void {
  process.env = new Proxy(env, { get: (target, name) => (reads.push(name), Reflect.get(target, name)) });
}

test('a model comes back with its parameters, and its key from the secrets', () => {
  const text = dumps(make());
  watchEnvironment();
  const loaded = loads(text, { registry, secrets: { OPENAI_API_KEY: 'sk-another' } });
  expect(reads).toEqual([]);
  process.env = env;
  expect(loaded).toBeInstanceOf(ChatOpenAI);
  expect(dumps(loaded as never)).toBe(text);
  expect(loaded).toEqual(make());
});

test('a model without a time limit, and one with a cache of its own, can be stored', () => {
  const fields = { model: 'm', apiKey: KEY, baseURL: 'https://api.openai.com/v1' };
  const cache: LlmCache = { lookup: () => undefined, update: () => {} };
  const model = new ChatOpenAI({ ...fields, timeout: Infinity, cache });
  const loaded = loads(dumps(model), { registry, secrets: { OPENAI_API_KEY: KEY } });
  expect(loaded).toEqual(new ChatOpenAI({ ...fields, timeout: Infinity }));
});

test('no key and nothing of the transport is stored', () => {
  const text = dumps(make().withConfig({ tags: ['t'] }));
  for (const secret of [KEY, 'hidden-header', 'api.openai.com', 'headers', 'baseURL'])
    expect(text).not.toContain(secret);
});

test('a missing secret is an error that names it', () => {
  expect(() => loads(dumps(make()), { registry })).toThrow(
    'root: It needs the secret OPENAI_API_KEY. Pass { secrets: { OPENAI_API_KEY } } to loads().',
  );
});

test('S6: a model at an address of its own is loaded at one that the code gives, and at no other', () => {
  const text = dumps(new ChatOpenAI({ model: 'm', baseURL: 'http://localhost:1/v1', name: 'Local' }));
  expect(text).not.toContain('localhost');
  const secrets = { OPENAI_API_KEY: KEY };
  expect(() => loads(text, { registry, secrets })).toThrow(
    /an address of its own, which stored chains never hold/,
  );
  const kinds = { ChatOpenAI: chatOpenAIKind({ baseURL: 'http://localhost:2/v1' }) };
  watchEnvironment();
  const loaded = loads(text, { registry: [...registry, { kinds }], secrets }) as unknown as ChatOpenAI;
  expect(reads).toEqual([]);
  process.env = env;
  expect([loaded.name, loaded.baseURL]).toEqual(['Local', 'http://localhost:2/v1']);
});

test.each(['baseURL', 'apiKey', 'configuration', 'fetch', 'headers', 'organization'])(
  'S6: %s in the data is refused',
  (name) => {
    const root = { kind: 'ChatOpenAI', options: { model: 0, [name]: 1 } };
    const text = JSON.stringify({
      format: 'pipewright',
      version: 1,
      root,
      values: ['m', 'http://localhost:1'],
    });
    const load = () => loads(text, { registry, secrets: { OPENAI_API_KEY: KEY } });
    expect(load).toThrow(DeserializationError);
    expect(load).toThrow(`root.options.${name}: `);
  },
);

test('a value that cannot work is an error with its place, without the key', () => {
  const text = dumps(make()).replace('"m"', '""');
  const load = () => loads(text, { registry, secrets: { OPENAI_API_KEY: KEY } });
  expect(load).toThrow(/^root: ChatOpenAI needs \{ model \}/);
  expect(load).not.toThrow(KEY);
});
