import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { pair, add, call } from '../../test/adding-tool.js';
import { AIMessage, ConfigError, HumanMessage, ToolMessage, tool } from '../index.js';

describe('behaviour 132: what a tool gives', () => {
  test('a plain input gives the raw result, as soon as it is there', async () => {
    expect(await add.invoke({ a: 1, b: 2 })).toEqual({ sum: 3 });
    expect(add.invokeSync({ a: 1 })).toEqual({ sum: 2 });
  });

  test('a call with an id gives a message that answers it, other things than text as JSON', async () => {
    expect(await add.invoke(call({ a: 1 }))).toEqual(
      new ToolMessage({ content: '{"sum":2}', name: 'add', tool_call_id: 'call_1', status: 'success' }),
    );
  });

  test('a call without an id gives the raw result', async () => {
    const { id: _id, ...withoutId } = call({ a: 1 });
    expect(await add.invoke(withoutId)).toEqual({ sum: 2 });
  });

  test.each([
    ['text', 'text'],
    [undefined, ''],
    [null, 'null'],
    [[{ type: 'dog' }], '[{"type":"dog"}]'],
    [{ big: 12n }, '{"big":"12"}'],
    [[{ type: 'text', text: 'seen' }], [{ type: 'text', text: 'seen' }]],
    [[{ type: 'file', name: 'a.txt' }], '[{"type":"file","name":"a.txt"}]'],
    [[{ type: 'image', data: 'AAAA' }], [{ type: 'image', data: 'AAAA' }]],
    [[{ type: 'file', metadata: { file_id: '1' } }], [{ type: 'file', metadata: { file_id: '1' } }]],
    [[{ type: 'reasoning', reasoning: 'so' }], '[{"type":"reasoning","reasoning":"so"}]'],
    [new AIMessage({ content: 'said', response_metadata: { model_name: 'inner' } }), 'said'],
    [
      [new HumanMessage('asked'), new ToolMessage({ content: 'found', tool_call_id: 'i', artifact: [1] })],
      'found',
    ],
    [
      new AIMessage([
        { type: 'reasoning', reasoning: 'so' },
        { type: 'text', text: 'said' },
      ]),
      [{ type: 'text', text: 'said' }],
    ],
    [new AIMessage([{ type: 'reasoning', reasoning: 'so' }]), ''],
    [[], '[]'],
  ])('results are told to the model as they are or as JSON (%#)', async (result, content) => {
    const made = tool(() => result, { name: 'make', schema: z.object({}) });
    expect((await made.invoke(call({}, 'make'))).content).toEqual(content);
  });

  test('a function that returns a ToolMessage has the last word', async () => {
    const own = new ToolMessage({ content: 'mine', tool_call_id: 'call_1', status: 'error' });
    const made = tool(() => own, { name: 'make', schema: z.object({}) });
    expect(await made.invoke(call({}, 'make'))).toBe(own);
  });

  test('data that merely has a name and args is no call', async () => {
    const made = tool((input) => input, { name: 'make', schema: z.looseObject({}) });
    const data = { name: 'make', args: {}, id: 'x' };
    expect(await made.invoke(data)).toEqual(data);
  });
});

describe('behaviour 133: content and artifact', () => {
  const found = tool(({ a }) => [`found ${a}`, [a]], {
    name: 'find',
    schema: pair,
    responseFormat: 'content_and_artifact',
  });

  test('the artifact is on the message only', async () => {
    expect(await found.invoke({ a: 1 })).toBe('found 1');
    expect(await found.invoke(call({ a: 1 }))).toMatchObject({ content: 'found 1', artifact: [1] });
  });

  test.each([['text'], [['only one']], [undefined]])('%j instead of a pair is an error', async (result) => {
    const wrong = tool(() => result as never, {
      name: 'wrong',
      schema: z.object({}),
      responseFormat: 'content_and_artifact',
    });
    await expect(wrong.invoke({})).rejects.toThrow(/"wrong".*must return \[content, artifact\]/);
    await expect(wrong.invoke(call({}))).rejects.toBeInstanceOf(ConfigError);
  });
});
