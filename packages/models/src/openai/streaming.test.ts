import { once } from 'node:events';
import { AIMessage, AIMessageChunk } from '@pipewright/core';
import { describe, expect, test } from 'vitest';
import { completion, delta, finish, usage, wholeCompletion } from '../../test/completions.js';
import {
  DONE,
  replies,
  scriptedServer,
  sends,
  sse,
  streams,
  type Script,
} from '../../test/scripted-server.js';
import { ChatOpenAI, type ChatOpenAIFields } from '../index.js';

const server = scriptedServer();

function model(fields: Partial<ChatOpenAIFields> = {}): ChatOpenAI {
  return new ChatOpenAI({
    model: 'tiny',
    apiKey: 'test-key-123',
    baseURL: server.baseURL,
    maxRetries: 0,
    ...fields,
  });
}

async function collect(script: Script): Promise<{ chunks: AIMessageChunk[]; final: AIMessage }> {
  server.script(script);
  const stream = model().stream('hi');
  const chunks: AIMessageChunk[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return { chunks, final: await stream.final };
}

const hello = [
  delta({ role: 'assistant', content: '' }),
  delta({ content: 'Hel' }),
  delta({ content: 'lo' }),
];

describe('an ordinary stream', () => {
  test('gives text as it comes, then metadata and token counts once', async () => {
    const { chunks, final } = await collect(streams(...hello, finish(), usage(3, 2), DONE));
    expect(chunks.map(({ content }) => content)).toEqual(['Hel', 'lo', '']);
    expect(chunks.every((chunk) => chunk instanceof AIMessageChunk && chunk.id === 'chatcmpl-1')).toBe(true);
    expect(chunks.filter((chunk) => chunk.usage_metadata !== undefined)).toHaveLength(1);
    expect(final).toEqual(
      new AIMessage({
        content: 'Hello',
        id: 'chatcmpl-1',
        response_metadata: {
          model_provider: 'openai',
          model_name: 'tiny-1',
          finish_reason: 'stop',
          id: 'chatcmpl-1',
        },
        usage_metadata: { input_tokens: 3, output_tokens: 2, total_tokens: 5 },
      }),
    );
  });

  test('adds up to what invoke gives', async () => {
    const streamed = streams(...hello, finish(), usage(3, 2), DONE);
    const whole = replies(wholeCompletion({ content: 'Hello' }));
    server.script((response, received) => (received.json.stream ? streamed : whole)(response, received));
    expect(await model().stream('hi').final).toEqual(await model().invoke('hi'));
    expect(server.received.map(({ json }) => json.stream)).toEqual([true, false]);
  });

  test('asks for a stream in invoke too where "streaming" is set', async () => {
    server.script(streams(...hello, finish(), usage(3, 2), DONE));
    const answer = await model({ streaming: true }).invoke('hi');
    expect(answer.content).toBe('Hello');
    expect(server.received[0]?.json).toMatchObject({ stream: true, stream_options: { include_usage: true } });
  });

  test('keeps system_fingerprint and service_tier', async () => {
    const { final } = await collect(
      streams(delta({ content: 'a' }), { ...finish(), system_fingerprint: 'fp', service_tier: 'flex' }, DONE),
    );
    expect(final.response_metadata).toMatchObject({ system_fingerprint: 'fp', service_tier: 'flex' });
  });

  test('F039: completes at the end marker although the connection stays open, and lets go of that', async () => {
    server.script((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(sse(...hello, finish(), DONE));
    });
    const { content } = await model().stream('hi').final;
    expect(content).toBe('Hello');
    await server.received[0]?.closed;
  });

  test('uses the connection again after a complete stream', async () => {
    let ended: Promise<unknown> = Promise.resolve();
    server.script((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      // The end of the body arrives later than the end marker.
      response.write(sse(...hello, finish(), DONE), () => setTimeout(() => response.end(), 20));
      ended = once(response, 'close');
    });
    const one = model();
    for (let count = 0; count < 5; count += 1) {
      await one.stream('hi').final;
      await ended;
    }
    expect(server.connections).toBeLessThan(4);
  });
});

describe('what servers do differently', () => {
  const text = (content: string) => expect.objectContaining({ content });

  test.each([
    ['CR', '\r'],
    ['CRLF', '\r\n'],
    ['LF', '\n'],
  ])('F048: lines may end in %s', async (_name, end) => {
    const body = sse(...hello, finish(), usage(3, 2), DONE).replaceAll('\n', end);
    const { final } = await collect(sends(body, 'text/event-stream'));
    expect(final).toMatchObject({ content: 'Hello', usage_metadata: { total_tokens: 5 } });
  });

  test('F048: a byte order mark, comments, unknown fields and other event names are passed over', async () => {
    const body = `\uFEFF: hi\nretry: soon\nevent: chunk\nid: 7\nwhat: ever\n${sse(...hello)}: still here\n\n${sse(finish(), DONE)}`;
    const { final } = await collect(sends(body, 'text/event-stream'));
    expect(final).toEqual(text('Hello'));
  });

  test('F049: an event of many data lines is one event; empty events are none', async () => {
    const body = `data:\n\ndata: {"choices": [\ndata: {"delta": {"content": "Hello"}}\ndata: ]}\n\ndata\n\n${sse(finish(), DONE)}`;
    const { final } = await collect(sends(body, 'text/event-stream; charset=utf-8'));
    expect(final).toEqual(text('Hello'));
  });

  test('the last event may lack its blank line', async () => {
    const body = sse(...hello) + sse(finish()).trimEnd();
    const { final } = await collect(sends(body, 'text/event-stream'));
    expect(final).toMatchObject({ content: 'Hello', response_metadata: { finish_reason: 'stop' } });
  });

  test('F038: without an end marker, a finish reason is enough, and the metadata says so', async () => {
    const { final } = await collect(streams(...hello, finish(), usage(1, 1)));
    expect(final.response_metadata).toMatchObject({ finish_reason: 'stop', end_marker: 'missing' });
    expect(final.usage_metadata?.total_tokens).toBe(2);
  });

  test('F038: without a finish reason, the end marker is enough', async () => {
    const { final } = await collect(streams(...hello, DONE));
    expect(final.content).toBe('Hello');
    expect(final.response_metadata).not.toHaveProperty('finish_reason');
    expect(final.response_metadata).not.toHaveProperty('end_marker');
  });

  test('what comes after a finish reason still counts', async () => {
    const { final } = await collect(streams(...hello, finish(), delta({ content: '!' }), usage(1, 2), DONE));
    expect(final).toMatchObject({ content: 'Hello!', usage_metadata: { output_tokens: 2 } });
  });

  test.each([
    ['empty choices', completion({ choices: [], prompt_filter_results: [{}] })],
    ['no choices', completion({})],
    ['null choices', completion({ choices: null })],
    ['a null delta', completion({ choices: [{ index: 0, delta: null }] })],
    ['null content', delta({ content: null, tool_calls: null, refusal: null })],
    ['unknown fields', delta({ hologram: { x: 1 }, function_call: { name: 'old' }, audio: { id: 'a' } })],
    ...[null, '', false, {}, []].map((error): [string, object] => [
      `${JSON.stringify(error)} as an error`,
      { ...delta({}, { error }), error },
    ]),
  ])('F069: an event with %s says nothing', async (_name, event) => {
    const { chunks, final } = await collect(streams(event, ...hello, finish(), DONE));
    expect(chunks).toHaveLength(3);
    expect(final).toEqual(text('Hello'));
  });

  test('of several choices only the first is read', async () => {
    const other = completion({ choices: [{ index: 1, delta: { content: 'Other' } }] });
    const both = completion({
      choices: [
        { index: 1, delta: { content: 'Other' } },
        { index: 0, delta: { content: '!' } },
      ],
    });
    const { final } = await collect(streams(...hello, other, both, finish(), DONE));
    expect(final).toEqual(text('Hello!'));
  });

  test('content may be a list of parts', async () => {
    const parts = [
      { type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] },
      { type: 'text', text: 'Hello' },
    ];
    const { final } = await collect(streams(delta({ content: parts }), finish(), DONE));
    expect(final.content).toEqual([
      { type: 'reasoning', reasoning: 'hm' },
      { type: 'text', text: 'Hello' },
    ]);
  });

  test.each([['reasoning_content'], ['reasoning']])(
    'thinking in "%s" becomes reasoning blocks',
    async (key) => {
      const { chunks, final } = await collect(
        streams(
          delta({ [key]: 'Let me ' }),
          delta({ [key]: 'see', content: null }),
          ...hello,
          finish(),
          DONE,
        ),
      );
      expect(chunks[0]?.content).toEqual([{ type: 'reasoning', reasoning: 'Let me ' }]);
      expect(chunks[0]?.text).toBe('');
      expect(final.content).toEqual([
        { type: 'reasoning', reasoning: 'Let me see' },
        { type: 'text', text: 'Hello' },
      ]);
      expect(final.text).toBe('Hello');
    },
  );

  test('thinking that a host sends twice is read once', async () => {
    const { final } = await collect(
      streams(delta({ reasoning: 'hm', reasoning_content: 'hm' }), finish(), DONE),
    );
    expect(final.content).toEqual([{ type: 'reasoning', reasoning: 'hm' }]);
  });

  test('a refusal adds up beside the content', async () => {
    const { final } = await collect(
      streams(delta({ refusal: 'I can' }), delta({ refusal: 'not.' }), finish(), DONE),
    );
    expect(final).toMatchObject({ content: '', additional_kwargs: { refusal: 'I cannot.' } });
  });

  test('F065: an answer that a content filter ended is given out, flagged', async () => {
    const { final } = await collect(streams(...hello, finish('content_filter'), DONE));
    expect(final).toMatchObject({ content: 'Hello', response_metadata: { finish_reason: 'content_filter' } });
  });

  test('F053: a character given as two escapes in two events is never handed out by halves', async () => {
    const [high, low] = ['😀'[0], '😀'[1]];
    const { chunks, final } = await collect(
      streams(delta({ content: `a${high}` }), delta({ content: `${low}b` }), finish(), DONE),
    );
    expect(chunks.map(({ content }) => content)).toEqual(['a', '😀b', '']);
    expect(final).toEqual(text('a😀b'));
  });

  test('F053: half a character that stays alone is not lost', async () => {
    const { final } = await collect(streams(delta({ content: 'a\ud83d' }), finish(), DONE));
    expect(final).toEqual(text('a\ud83d'));
  });

  test('F054: bytes that are no UTF-8 are replaced, and the metadata says so', async () => {
    const body = Buffer.from(sse(delta({ content: 'a#b' }), finish(), DONE));
    body[body.indexOf('#')] = 0xff;
    const { final } = await collect(sends(body, 'text/event-stream'));
    expect(final).toMatchObject({ content: 'a\uFFFDb', response_metadata: { replacement_characters: true } });
  });
});

describe('token counts', () => {
  const counted = { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 };

  test.each([
    ['in an event of their own', [finish(), usage(5, 2)]],
    ['with the finish reason', [finish('stop', { usage: counted })]],
    ['twice', [finish('stop', { usage: counted }), usage(5, 2)]],
    ['then null', [usage(5, 2), finish('stop', { usage: null })]],
  ])('F058: %s count once', async (_name, events) => {
    const { chunks, final } = await collect(streams(...hello, ...events, DONE));
    expect(final.usage_metadata).toEqual({ input_tokens: 5, output_tokens: 2, total_tokens: 7 });
    expect(chunks.filter((chunk) => chunk.usage_metadata !== undefined)).toHaveLength(1);
  });

  test('F058: growing with each event, the last counts', async () => {
    const growing = hello.map((event, index) => ({
      ...event,
      usage: { prompt_tokens: 5, completion_tokens: index, total_tokens: 5 + index },
    }));
    const { final } = await collect(streams(...growing, finish(), DONE));
    expect(final.usage_metadata).toEqual({ input_tokens: 5, output_tokens: 2, total_tokens: 7 });
  });

  test('F058: none are none', async () => {
    const { final } = await collect(streams(...hello, finish(), DONE));
    expect(final.usage_metadata).toBeUndefined();
  });
});

describe('another form than was asked for', () => {
  test('F045: a whole answer to a streamed request is a stream of one chunk', async () => {
    const { chunks, final } = await collect(replies(wholeCompletion({ content: 'Hello' })));
    expect(chunks.map(({ content }) => content)).toEqual(['Hello', '']);
    expect(final).toMatchObject({ content: 'Hello', usage_metadata: { total_tokens: 5 } });
  });

  test('F045: the same under the name of an event stream', async () => {
    const { final } = await collect(
      sends(JSON.stringify(wholeCompletion({ content: 'Hello' }), undefined, 2), 'text/event-stream'),
    );
    expect(final).toMatchObject({ content: 'Hello', usage_metadata: { total_tokens: 5 } });
  });

  test('F046: a stream in answer to a whole request is added up', async () => {
    server.script(streams(...hello, finish(), usage(3, 2), DONE));
    expect(await model().invoke('hi')).toMatchObject({
      content: 'Hello',
      usage_metadata: { total_tokens: 5 },
    });
  });

  test('events under the name of plain text are read', async () => {
    const { final } = await collect(sends(sse(...hello, finish(), DONE), 'text/plain'));
    expect(final).toMatchObject({ content: 'Hello' });
  });
});

describe('tool calls', () => {
  const call = (index: number | undefined, id: string | undefined, name?: string, args?: unknown) =>
    delta({ tool_calls: [{ index, id, type: 'function', function: { name, arguments: args } }] });

  test('F057: calls whose pieces are interleaved come out whole', async () => {
    const { chunks, final } = await collect(
      streams(
        call(0, 'a', 'add', ''),
        call(1, 'b', 'sub', ''),
        call(0, undefined, undefined, '{"x"'),
        call(1, undefined, undefined, '{"y":'),
        call(0, undefined, undefined, ':1}'),
        call(1, undefined, undefined, '2}'),
        finish('tool_calls'),
        DONE,
      ),
    );
    expect(chunks[0]?.tool_call_chunks).toEqual([
      { type: 'tool_call_chunk', index: 0, id: 'a', name: 'add' },
    ]);
    expect(final.tool_calls).toEqual([
      { type: 'tool_call', id: 'a', name: 'add', args: { x: 1 } },
      { type: 'tool_call', id: 'b', name: 'sub', args: { y: 2 } },
    ]);
  });

  test('F057: arguments that are no JSON object are kept as they are', async () => {
    const { final } = await collect(streams(call(0, 'a', 'add', '{"x":'), finish('tool_calls'), DONE));
    expect(final.tool_calls).toEqual([]);
    expect(final.invalid_tool_calls).toMatchObject([{ id: 'a', name: 'add', args: '{"x":' }]);
  });

  test('are the same in a whole answer', async () => {
    const tool_calls = [
      { id: 'a', type: 'function', function: { name: 'add', arguments: '{"x":1}' } },
      { id: 'b', type: 'function', function: { name: 'add', arguments: '{"x":2}' } },
    ];
    server.script(replies(wholeCompletion({ content: null, tool_calls })));
    const answer = await model().invoke('hi');
    expect(answer).toMatchObject({
      content: '',
      tool_calls: [
        { id: 'a', args: { x: 1 } },
        { id: 'b', args: { x: 2 } },
      ],
    });
  });

  test('without an id get one', async () => {
    const { final } = await collect(
      streams(call(undefined, undefined, 'add', '{}'), finish('tool_calls'), DONE),
    );
    expect(final.tool_calls).toEqual([
      { type: 'tool_call', id: expect.stringMatching(/^call_.+/), name: 'add', args: {} },
    ]);
  });

  test('keep what the provider wants back, and it is sent back', async () => {
    const signed = {
      index: 0,
      id: 'a',
      function: { name: 'add', arguments: '{}' },
      extra_content: { sign: 'x' },
    };
    const { final } = await collect(streams(delta({ tool_calls: [signed] }), finish('tool_calls'), DONE));
    server.script(replies(wholeCompletion({ content: 'ok' })));
    await model().invoke([final]);
    expect(server.received.at(-1)?.json.messages[0]?.tool_calls[0]).toMatchObject({
      id: 'a',
      extra_content: { sign: 'x' },
    });
  });

  test.each([
    ['a huge index', call(1e9, 'a', 'add', '{}')],
    ['a negative index', call(-1, 'a', 'add', '{}')],
    ['a fractional index', call(0.5, 'a', 'add', '{}')],
    ['a list that is none', delta({ tool_calls: { index: 0 } })],
    ['a call that is none', delta({ tool_calls: ['add'] })],
    ['a choice with a huge index', completion({ choices: [{ index: 1e9, delta: { content: 'x' } }] })],
    ['content that is a number', delta({ content: 7 })],
    ['choices that are no list', completion({ choices: 'none' })],
  ])('F056: %s is a ProtocolError, after what came before', async (_name, event) => {
    server.script(streams(...hello, event, finish(), DONE));
    const stream = model().stream('hi');
    await expect(stream.final).rejects.toMatchObject({
      code: 'PROTOCOL',
      retryable: false,
      partial: { content: 'Hello' },
    });
  });
});
