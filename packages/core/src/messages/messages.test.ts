import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  AIMessage,
  AIMessageChunk,
  ChatMessage,
  ChatPromptValue,
  coerceMessageLikeToMessage,
  getBufferString,
  HumanMessage,
  isMessage,
  MessageCoercionError,
  messageFold,
  RemoveMessage,
  RunnableLambda,
  StringPromptValue,
  SystemMessage,
  ToolMessage,
  type MessageLike,
} from '../index.js';

const add = (...chunks: AIMessage[]) => {
  const total = messageFold();
  for (const chunk of chunks) total.add(chunk);
  return total.value();
};

describe('reading messages', () => {
  test.each<[string, MessageLike, unknown]>([
    ['a string', 'hi', new HumanMessage('hi')],
    ['a pair', ['human', 'hi'], new HumanMessage('hi')],
    ['user', { role: 'user', content: 'hi' }, new HumanMessage('hi')],
    ['assistant', { role: 'assistant', content: 'hi' }, new AIMessage('hi')],
    ['ai', ['ai', 'hi'], new AIMessage('hi')],
    ['system', ['system', 'hi'], new SystemMessage('hi')],
    ['tool', { role: 'tool', content: '4', tool_call_id: 'c1' }, new ToolMessage('4', 'c1')],
  ])('%s', (_what, like, expected) => {
    expect(coerceMessageLikeToMessage(like)).toEqual(expected);
  });

  test('a message is returned as it is, and comes back from JSON equal', () => {
    const messages = [
      new HumanMessage({ content: [{ type: 'text', text: 'hi' }], name: 'Ann', id: '1' }),
      new AIMessage({ content: '', tool_calls: [{ name: 'add', args: { a: 1 }, id: 'c1' }] }),
      new SystemMessage('Be brief.'),
      new ToolMessage({ content: '4', tool_call_id: 'c1', status: 'error', artifact: [1] }),
      new ChatMessage('hi', 'critic'),
      new RemoveMessage({ id: '1' }),
    ];
    for (const message of messages) {
      expect(coerceMessageLikeToMessage(message)).toBe(message);
      expect(coerceMessageLikeToMessage(JSON.parse(JSON.stringify(message)) as MessageLike)).toEqual(message);
    }
  });

  test.each([
    [{ role: 'wizard', content: 'hi' }],
    [{ role: 'user' }],
    [{ role: 'assistant', content: null }],
    [null],
    [5],
    [['human']],
    [{}],
  ])('%j is refused with a sentence that says what to give', (like) => {
    expect(() => coerceMessageLikeToMessage(like as MessageLike)).toThrow(MessageCoercionError);
  });

  test('D54: what is given is not changed, frozen or not', () => {
    const fields = Object.freeze({ content: 'hi', additional_kwargs: Object.freeze({ a: 1 }) });
    expect(new HumanMessage(fields).additional_kwargs).toEqual({ a: 1 });
    expect(coerceMessageLikeToMessage(Object.freeze({ role: 'developer', content: 'hi' }))).toBeInstanceOf(
      SystemMessage,
    );
  });

  test('another copy of the package is recognised by its mark', () => {
    expect(isMessage({ [Symbol.for('pipewright.message')]: true })).toBe(true);
    expect(isMessage({ content: 'hi' })).toBe(false);
  });
});

describe('adding chunks up', () => {
  test('contents join, token counts add up, metadata takes the last value and never doubles', () => {
    const message = add(
      new AIMessageChunk({
        content: 'Hel',
        id: 'm1',
        response_metadata: { model_name: 'm', finish_reason: null },
      }),
      new AIMessageChunk({ content: 'lo', response_metadata: { model_name: 'm', finish_reason: 'stop' } }),
      new AIMessageChunk({
        content: '',
        usage_metadata: { input_tokens: 1, output_tokens: 2, total_tokens: 3 },
      }),
      new AIMessageChunk({
        content: '',
        usage_metadata: {
          input_tokens: 1,
          output_tokens: 1,
          total_tokens: 2,
          input_token_details: { cached: 1 },
        },
      }),
    );
    expect(message).toEqual(
      new AIMessage({
        content: 'Hello',
        id: 'm1',
        response_metadata: { model_name: 'm', finish_reason: 'stop' },
        usage_metadata: {
          input_tokens: 2,
          output_tokens: 3,
          total_tokens: 5,
          input_token_details: { cached: 1 },
        },
      }),
    );
    expect(message).not.toBeInstanceOf(AIMessageChunk);
  });

  test('blocks of one kind and place join, others stand side by side', () => {
    const message = add(
      new AIMessageChunk({ content: 'a' }),
      new AIMessageChunk({ content: [{ type: 'reasoning', reasoning: 'hm', index: 0 }] }),
      new AIMessageChunk({ content: [{ type: 'reasoning', reasoning: '...', index: 0 }] }),
      new AIMessageChunk({ content: [{ type: 'text', text: 'b', index: 1 }] }),
      new AIMessageChunk({ content: [{ type: 'text', text: 'c', index: 1 }] }),
    );
    expect(message.content).toEqual([
      { type: 'text', text: 'a' },
      { type: 'reasoning', reasoning: 'hm...', index: 0 },
      { type: 'text', text: 'bc', index: 1 },
    ]);
    expect(message.text).toBe('abc');
  });

  test('pieces of tool calls join by index, and the parsed calls do not depend on where they were cut', () => {
    const text = JSON.stringify({ city: 'Zürich 🎉', days: [1, 2] });
    fc.assert(
      fc.property(fc.array(fc.nat(text.length)), (cuts) => {
        const places = [...new Set([0, ...cuts, text.length])].sort((a, b) => a - b);
        const pieces = places.slice(1).map((end, i) => text.slice(places[i], end));
        const chunks = pieces.flatMap((args) => [
          new AIMessageChunk({ content: '', tool_call_chunks: [{ index: 0, args }] }),
          new AIMessageChunk({ content: '', tool_call_chunks: [{ index: 1, args }] }),
        ]);
        const message = add(
          new AIMessageChunk({
            content: '',
            tool_call_chunks: [{ index: 0, id: 'a', name: 'weather', args: '' }],
          }),
          new AIMessageChunk({ content: '', tool_call_chunks: [{ index: 1, id: 'b', name: 'weather' }] }),
          ...chunks,
        );
        const args = JSON.parse(text) as Record<string, unknown>;
        expect(message.tool_calls).toEqual([
          { type: 'tool_call', id: 'a', name: 'weather', args },
          { type: 'tool_call', id: 'b', name: 'weather', args },
        ]);
      }),
    );
  });

  test('arguments that are no JSON object make an invalid call that keeps its text', () => {
    const message = add(
      new AIMessageChunk({ content: '', tool_call_chunks: [{ index: 0, name: 'f', args: '{"a": ' }] }),
    );
    expect(message.tool_calls).toEqual([]);
    expect(message.invalid_tool_calls).toMatchObject([{ name: 'f', args: '{"a": ' }]);
  });

  test('without an index, a new id starts another call', () => {
    const message = add(
      new AIMessageChunk({ content: '', tool_call_chunks: [{ id: 'a', name: 'f', args: '{}' }] }),
      new AIMessageChunk({ content: '', tool_call_chunks: [{ id: 'b', name: 'g', args: '{"x"' }] }),
      new AIMessageChunk({ content: '', tool_call_chunks: [{ args: ':1}' }] }),
    );
    expect(message.tool_calls.map(({ name, args }) => [name, args])).toEqual([
      ['f', {}],
      ['g', { x: 1 }],
    ]);
  });

  test("a user's generator of message chunks adds up to a message", async () => {
    const chain = RunnableLambda.from(function* (_: string) {
      yield new AIMessageChunk('Hel');
      yield new AIMessageChunk('lo');
    });
    expect(await chain.invoke('')).toEqual(new AIMessage('Hello'));
  });
});

describe('prompt values', () => {
  test("a text is one message of the user's", () => {
    expect(new StringPromptValue('hi').toMessages()).toEqual([new HumanMessage('hi')]);
    expect(String(new StringPromptValue('hi'))).toBe('hi');
  });

  test('messages are lines of role and text', () => {
    const messages = [
      new SystemMessage('Be brief.'),
      new HumanMessage('hi'),
      new ChatMessage('no', 'critic'),
    ];
    expect(new ChatPromptValue(messages).toString()).toBe('System: Be brief.\nHuman: hi\ncritic: no');
    expect(getBufferString(messages, 'User')).toContain('User: hi');
  });
});
