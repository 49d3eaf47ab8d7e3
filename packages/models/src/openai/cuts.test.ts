import { messageFold, type AIMessage, type AIMessageChunk } from '@pipewright/core';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { delta, finish, usage } from '../../test/completions.js';
import { failureOf, modelAt } from '../../test/models.js';
import { DONE, endsAfter, scriptedServer, sends, sse, type Script } from '../../test/scripted-server.js';
import type { ChatOpenAI } from '../index.js';

// Thousands of answers, one for each byte: slow where the machine is busy.
vi.setConfig({ testTimeout: 60_000 });

const server = scriptedServer();

/** Two-, three- and four-byte characters, escapes, thinking, comments, a tool call, counts: all that can be cut. */
const BODY = [
  ': warming up\n\n',
  sse(
    delta({ role: 'assistant', content: '' }),
    delta({ reasoning_content: 'hm…' }),
    delta({ content: 'Grüße ' }),
  ),
  `data: ${JSON.stringify(delta({ content: '日本😀' })).replace('😀', '\\ud83d\\ude00')}\n\n`,
  sse(delta({ content: '🎉!' })),
  sse(delta({ tool_calls: [{ index: 0, id: 'a', function: { name: 'find', arguments: '{"q":' } }] })),
  sse(delta({ tool_calls: [{ index: 0, function: { arguments: '"é"}' } }] })),
  sse(finish('tool_calls'), usage(5, 9), DONE),
].join('');
const BYTES = Buffer.from(BODY);
const WITH_CRLF = Buffer.from(BODY.replaceAll('\n', '\r\n'));
const WITH_CR = Buffer.from(BODY.replaceAll('\n', '\r'));
const EXPECTED = {
  content: [
    { type: 'reasoning', reasoning: 'hm…' },
    { type: 'text', text: 'Grüße 日本😀🎉!' },
  ],
  tool_calls: [{ type: 'tool_call', id: 'a', name: 'find', args: { q: 'é' } }],
  usage_metadata: { input_tokens: 5, output_tokens: 9, total_tokens: 14 },
  response_metadata: { finish_reason: 'tool_calls' },
};

/** A model that gets the recorded answer in the given pieces, whatever the network would make of it. */
function modelGetting(pieces: Uint8Array[]): ChatOpenAI {
  const fetch = async (): Promise<Response> => {
    const rest = pieces.values();
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        const { done, value } = rest.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
    });
    return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
  };
  return modelAt(server, { configuration: { fetch } });
}

const everyOffset = Array.from({ length: BYTES.length + 1 }, (_, offset) => offset);

describe('a body cut in two', () => {
  test.each([
    ['LF', BYTES],
    ['CRLF', WITH_CRLF],
    ['CR', WITH_CR],
  ])('F051, F052, F048: at any byte, with %s, gives the same answer', async (_name, bytes) => {
    server.script(sends(bytes, 'text/event-stream'));
    const whole = await modelAt(server).stream('hi').final;
    expect(whole).toMatchObject(EXPECTED);
    for (let offset = 0; offset <= bytes.length; offset += 1) {
      const model = modelGetting([bytes.subarray(0, offset), bytes.subarray(offset)]);
      expect(await model.stream('hi').final, `cut at ${offset}`).toEqual(whole);
    }
  });

  test('F051: into single bytes gives the same answer', async () => {
    server.script(sends(BYTES, 'text/event-stream'));
    const whole = await modelAt(server).stream('hi').final;
    const model = modelGetting(Array.from(BYTES, (_, index) => BYTES.subarray(index, index + 1)));
    expect(await model.stream('hi').final).toEqual(whole);
  });

  test('F048, F051: into random pieces, with random line ends and comments, gives the same answer', async () => {
    const variant = fc.record({
      end: fc.constantFrom('\n', '\r', '\r\n'),
      comment: fc.constantFrom('', ': ping\n\n', ':\n'),
      mark: fc.constantFrom('', '\uFEFF'),
      cuts: fc.array(fc.nat(BYTES.length), { maxLength: 12 }),
    });
    server.script(sends(BYTES, 'text/event-stream'));
    const whole = await modelAt(server).stream('hi').final;
    await fc.assert(
      fc.asyncProperty(variant, async ({ end, comment, mark, cuts }) => {
        const text = mark + BODY.replaceAll('\n\n', `\n\n${comment}`).replaceAll('\n', end);
        const body = Buffer.from(text);
        const at = [0, ...cuts.toSorted((one, other) => one - other)];
        const model = modelGetting(at.map((from, index) => body.subarray(from, at[index + 1])));
        expect(await model.stream('hi').final).toEqual(whole);
      }),
      { numRuns: 100 },
    );
  });
});

/** The seed of a request says after how many bytes its answer ends. */
const cutAtSeed: Script = (response, received) =>
  endsAfter(BYTES.subarray(0, received.json.seed))(response, received);

describe('a body that ends early', () => {
  const MARKS = { finish: BYTES.indexOf('"finish_reason":"tool_calls"'), done: BYTES.indexOf('[DONE]') };
  /** The answer is complete as soon as the event with the finish reason is. */
  const completeFrom = BYTES.indexOf('\n', MARKS.finish);

  /** What an honest reader makes of the events that are complete in the first bytes, by the simplest means. */
  function oracle(offset: number): { text: string; reasoning: string } {
    const events = BYTES.subarray(0, offset)
      .toString()
      .split('\n')
      .filter((line) => line.startsWith('data: {'))
      .flatMap((line) => {
        try {
          return [JSON.parse(line.slice('data: '.length))];
        } catch {
          return [];
        }
      });
    const deltas = events.map(({ choices }) => choices[0]?.delta ?? {});
    return {
      text: deltas.map(({ content }) => content ?? '').join(''),
      reasoning: deltas.map(({ reasoning_content }) => reasoning_content ?? '').join(''),
    };
  }

  test('F037: at any byte before the finish reason is StreamTruncatedError with all that came', async () => {
    const seen = new Set<string>();
    server.script(cutAtSeed);
    for (const offset of everyOffset.slice(0, completeFrom)) {
      const chunks: AIMessageChunk[] = [];
      const error = await failureOf(readInto(chunks, offset));
      expect(error, `cut at ${offset}`).toMatchObject({ code: 'STREAM_TRUNCATED', retryable: true });
      const { text, reasoning } = oracle(offset);
      expect(partialOf(error), `cut at ${offset}`).toEqual({ text, reasoning });
      expect(error.partial, `cut at ${offset}`).toEqual(chunks.length === 0 ? undefined : folded(chunks));
      seen.add(text);
    }
    expect([...seen]).toEqual(['', 'Grüße ', 'Grüße 日本😀', 'Grüße 日本😀🎉!']);
  });

  test('F038: at any byte after the finish reason loses no content', async () => {
    server.script(cutAtSeed);
    for (const offset of everyOffset.slice(completeFrom)) {
      const answer = await modelAt(server).stream('hi', { seed: offset }).final;
      const { content, tool_calls } = EXPECTED;
      expect(answer, `cut at ${offset}`).toMatchObject({
        content,
        tool_calls,
        response_metadata: { finish_reason: 'tool_calls' },
      });
      expect(answer.response_metadata.end_marker, `cut at ${offset}`).toBe(
        offset < MARKS.done + '[DONE]'.length ? 'missing' : undefined,
      );
    }
  });

  async function readInto(chunks: AIMessageChunk[], seed: number): Promise<void> {
    for await (const chunk of modelAt(server).stream('hi', { seed })) chunks.push(chunk);
  }

  function folded(chunks: AIMessageChunk[]): AIMessage {
    const fold = messageFold();
    for (const chunk of chunks) fold.add(chunk);
    return fold.value();
  }

  function partialOf({ partial }: { partial?: AIMessage }): { text: string; reasoning: string } {
    const content = partial?.content ?? '';
    const blocks = typeof content === 'string' ? [] : (content as { type: string; reasoning?: string }[]);
    return { text: partial?.text ?? '', reasoning: blocks.map(({ reasoning }) => reasoning ?? '').join('') };
  }
});
