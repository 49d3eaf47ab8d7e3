import { ConfigError } from '@pipewright/core';
import { expect, test } from 'vitest';
import { wholeCompletion } from '../../test/completions.js';
import { modelAt } from '../../test/models.js';
import { replies, scriptedServer } from '../../test/scripted-server.js';
import { ChatOpenAI, type ChatOpenAIFields } from '../index.js';

const server = scriptedServer();
const ok = replies(wholeCompletion({ content: 'ok' }));

const lastRequest = () => server.received.at(-1);

test('a call sets a parameter, at the same endpoint and with the same key', async () => {
  const model = modelAt(server, {
    baseURL: `${server.baseURL}?deployment=small`,
    temperature: 1,
    seed: 7,
    configuration: { defaultHeaders: { 'x-team': 'blue' } },
  });
  const chain = model.configurableFields({ temperature: 'temp', model: { id: 'llm' } });
  server.script(ok, ok);
  expect((await chain.invoke('hi', { configurable: { temp: 0.5, llm: 'big' } })).text).toBe('ok');
  expect(lastRequest()).toMatchObject({
    path: '/v1/chat/completions?deployment=small',
    headers: { authorization: 'Bearer test-key-123', 'x-team': 'blue' },
    json: { temperature: 0.5, seed: 7, model: 'big' },
  });
  await chain.invoke('hi');
  expect(lastRequest()?.json).toMatchObject({ temperature: 1, model: 'tiny' });
});

test('with a wrong value a call fails before anything is sent', async () => {
  const chain = modelAt(server).configurableFields({ maxRetries: 'tries' });
  const before = server.received.length;
  await expect(chain.invoke('hi', { configurable: { tries: -1 } })).rejects.toThrow(ConfigError);
  expect(server.received).toHaveLength(before);
});

test('a model of a class of its own stays one', async () => {
  class Shouting extends ChatOpenAI {
    readonly mark: string;
    constructor(fields: ChatOpenAIFields & { readonly mark: string }) {
      super(fields);
      this.mark = fields.mark;
    }
    override identity() {
      return { ...super.identity(), mark: this.mark };
    }
  }
  const model = new Shouting({ model: 'tiny', baseURL: server.baseURL, mark: '!' });
  const made = model.withFields({ temperature: 0.5, mark: '?' });
  expect(made.identity()).toEqual({ ...model.identity(), temperature: 0.5, mark: '?' });
});

test('what a model cannot be told is refused when the chain is built', () => {
  expect(() => modelAt(server).configurableFields({ runType: 'x' })).toThrow(/"runType" cannot be set/);
});
