import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AIMessage, AIMessageChunk, type ToolMessage, tool, toolLoop, type ToolCall } from '../index.js';
import { ScriptedChatModel } from '../testing/index.js';

/** An answer: text in pieces, and calls with or without ids that end in any order, fail, or name no tool. */
const call = fc.record({
  name: fc.constantFrom('now', 'later', 'fails', 'unknown'),
  id: fc.option(fc.constantFrom('1', '2', '3', ''), { nil: undefined }),
  input: fc.string({ maxLength: 5 }),
});
const turn = fc.record({
  text: fc.array(fc.string({ maxLength: 5 }), { maxLength: 3 }),
  calls: fc.array(call, { minLength: 1, maxLength: 4 }),
});
const lastText = fc.array(fc.string({ maxLength: 5 }), { maxLength: 3 });

const tools = () => [
  tool((text) => text, { name: 'now' }),
  tool(
    async (text) => {
      for (let waited = 0; waited < text.length; waited += 1) await Promise.resolve();
      return text.length;
    },
    { name: 'later' },
  ),
  tool(
    (text) => {
      throw new Error(text);
    },
    { name: 'fails' },
  ),
];

test('law 1 for generated conversations: the fold of the stream is what invoke gives, and every call is answered', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(turn, { maxLength: 3 }),
      lastText,
      fc.option(fc.constantFrom(1, 2)),
      async (turns, end, limit) => {
        const make = () => {
          const replies = turns.map(({ text, calls }) => {
            const tool_calls = calls.map(
              ({ name, id, input }): ToolCall => ({ name, args: { input }, ...(id !== undefined && { id }) }),
            );
            return [...text, new AIMessageChunk({ content: '', tool_calls })];
          });
          return toolLoop(new ScriptedChatModel({ replies: [...replies, end] }), tools());
        };
        const config = limit === null ? {} : { maxConcurrency: limit };
        const stream = make().stream('x', config);
        let chunks = 0;
        for await (const _chunk of stream) chunks += 1;
        const messages = await make().invoke('x', config);
        expect(await stream.final).toEqual(messages);
        expect(chunks).toBeGreaterThanOrEqual(messages.length);

        const expected = turns.flatMap(({ calls }) => ['ai', ...calls.map(({ name }) => name)]);
        expect(messages.map((message) => (message.type === 'ai' ? 'ai' : message.name))).toEqual([
          ...expected,
          'ai',
        ]);
        let open: (string | undefined)[] = [];
        for (const message of messages) {
          if (message instanceof AIMessage) {
            expect(open).toEqual([]);
            open = message.tool_calls.map(({ id }) => id);
            expect(new Set(open).size).toBe(open.length);
          } else {
            expect(open.shift()).toBe((message as ToolMessage).tool_call_id);
          }
        }
      },
    ),
    { numRuns: 300 },
  );
});
