import { afterEach, describe, expect, it } from 'vitest';
import { startLocalModel, type LocalModel, type LocalModelOptions } from './server.js';

const open: LocalModel[] = [];
afterEach(async () => {
  for (const model of open.splice(0)) await model.close();
});

async function start(options: LocalModelOptions = {}): Promise<LocalModel> {
  const model = await startLocalModel({ firstTokenMs: 0, tokenMs: 0, ...options });
  open.push(model);
  return model;
}

function post(model: LocalModel, body: unknown, init: RequestInit = {}): Promise<Response> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return fetch(`${model.baseURL}/chat/completions`, { method: 'POST', body: text, ...init });
}

function asking(prompt: string, more: object = {}): object {
  return { model: 'local', messages: [{ role: 'user', content: prompt }], ...more };
}

const joke = (topic: string): object => asking(`Tell me a short joke about ${topic}`);

async function textOf(response: Response): Promise<string> {
  const { choices } = (await response.json()) as { choices: { message: { content: string } }[] };
  return choices[0]!.message.content;
}

describe('an answer', () => {
  it('is about the topic, the same each time, and another for another topic', async () => {
    const model = await start();
    const cats = await textOf(await post(model, joke('cats')));
    expect(cats).toContain('cats');
    expect(await textOf(await post(model, joke('cats')))).toBe(cats);
    expect(await textOf(await post(model, joke('robots')))).toContain('robots');
  });

  it('is given to any prompt', async () => {
    expect(await textOf(await post(await start(), asking('2 + 2 = ?')))).not.toBe('');
  });

  it('comes whole, with usage', async () => {
    const response = await post(await start(), joke('cats'));
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.json()).toMatchObject({
      object: 'chat.completion',
      model: 'local',
      choices: [{ index: 0, message: { role: 'assistant' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 7 },
    });
  });

  it('stops at max_tokens', async () => {
    const response = await post(await start(), { ...joke('cats'), max_tokens: 2 });
    expect(await response.json()).toMatchObject({
      choices: [{ finish_reason: 'length' }],
      usage: { completion_tokens: 2 },
    });
  });

  it('is streamed as the same text, in chunks, then usage, then [DONE]', async () => {
    const model = await start();
    const whole = await textOf(await post(model, joke('cats')));
    const request = { ...joke('cats'), stream: true, stream_options: { include_usage: true } };
    const response = await post(model, request);
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    const events = (await response.text()).trimEnd().split('\n\n');
    expect(events.pop()).toBe('data: [DONE]');
    const chunks = events.map(
      (event) =>
        JSON.parse(event.slice('data: '.length)) as {
          choices: { delta: { content?: string }; finish_reason: string | null }[];
          usage: object | null;
        },
    );
    const { choices, usage } = chunks.pop()!;
    expect(choices).toEqual([]);
    expect(usage).toMatchObject({ prompt_tokens: 7 });
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('stop');
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).toBe(whole);
    expect(chunks.length).toBeGreaterThan(3);
  });
});

describe('a request that cannot be answered', () => {
  it.each([
    ['{', 400, null],
    ['[]', 400, 'model'],
    [{ messages: [] }, 400, 'model'],
    [{ model: 'local' }, 400, 'messages'],
    [{ model: 'local', messages: [] }, 400, 'messages'],
  ])('%j is refused with %i', async (body, status, param) => {
    const response = await post(await start(), body);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: { type: 'invalid_request_error', param } });
  });

  it('with another key is refused with 401, without saying which', async () => {
    const model = await start({ apiKey: 'right' });
    const wrong = await post(model, joke('cats'), { headers: { authorization: 'Bearer wrong' } });
    expect(wrong.status).toBe(401);
    expect(await wrong.json()).toMatchObject({ error: { code: 'invalid_api_key' } });
    const right = await post(model, joke('cats'), { headers: { authorization: 'Bearer right' } });
    expect(right.status).toBe(200);
  });

  it('for another address or method is refused', async () => {
    const { baseURL } = await start();
    expect((await fetch(`${baseURL}/engines`)).status).toBe(404);
    expect((await fetch(`${baseURL}/chat/completions`)).status).toBe(405);
  });
});

it('closes while an answer is under way', async () => {
  let arrived!: () => void;
  const asked = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  const model = await startLocalModel({ firstTokenMs: 60_000, onRequest: () => arrived() });
  const response = post(model, joke('cats'));
  const failure = expect(response).rejects.toThrow();
  await asked;
  await model.close();
  await failure;
});
