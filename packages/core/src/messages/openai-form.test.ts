import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { broken, all } from '../../test/conversation.js';
import {
  AIMessage,
  AIMessageChunk,
  ChatMessage,
  convertFromOpenAIMessages,
  convertToOpenAIMessages,
  HumanMessage,
  MessageCoercionError,
  RemoveMessage,
  SystemMessage,
  ToolMessage,
} from '../index.js';

describe('OpenAI’s form', () => {
  test('is what the endpoint takes', () => {
    expect(convertToOpenAIMessages(all)).toEqual([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Hi', name: 'Ann' },
      {
        role: 'assistant',
        content: null,
        tool_calls: [
          { id: 'c1', type: 'function', function: { name: 'add', arguments: '{"a":1}' } },
          { id: 'c2', type: 'function', function: { name: 'add', arguments: '{"a"' } },
        ],
      },
      { role: 'tool', content: '2', tool_call_id: 'c1' },
      { role: 'user', content: 'Ho', name: 'Bo' },
      { role: 'critic', content: 'no' },
    ]);
    expect(convertToOpenAIMessages([['developer', 'x']])).toEqual([{ role: 'developer', content: 'x' }]);
    expect(() => convertToOpenAIMessages([new RemoveMessage({ id: '1' })])).toThrow(MessageCoercionError);
  });

  test('a piece of an answer has the calls that its pieces of calls come to', () => {
    const tool_call_chunks = [
      { index: 0, id: 'c1', name: 'add', args: '{"a"' },
      { index: 0, args: ':1}' },
      { index: 1, id: 'c2', name: 'add', args: '{"a"' },
    ];
    const piece = new AIMessageChunk({ content: '', tool_call_chunks });
    expect(convertToOpenAIMessages([piece])).toEqual([convertToOpenAIMessages(all)[2]]);
  });

  test('blocks become parts', () => {
    const content = [
      { type: 'reasoning', reasoning: 'hm' },
      { type: 'text', text: 'See' },
      { type: 'image', url: 'https://example.com/a.png', metadata: { detail: 'low' } },
      { type: 'image', data: 'AAAA', mimeType: 'image/png' },
      { type: 'image_url', image_url: 'https://example.com/b.png' },
      { type: 'audio', data: 'AAAA', mimeType: 'audio/mpeg' },
      { type: 'file', data: 'AAAA', mimeType: 'application/pdf', metadata: { filename: 'a.pdf' } },
      { type: 'file', metadata: { file_id: 'f1' } },
      { type: 'custom', x: 1 },
    ] as const;
    expect(convertToOpenAIMessages([Object.freeze(new HumanMessage({ content }))])[0]?.content).toEqual([
      { type: 'text', text: 'See' },
      { type: 'image_url', image_url: { url: 'https://example.com/a.png', detail: 'low' } },
      { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
      { type: 'image_url', image_url: { url: 'https://example.com/b.png' } },
      { type: 'input_audio', input_audio: { data: 'AAAA', format: 'mp3' } },
      { type: 'file', file: { file_data: 'data:application/pdf;base64,AAAA', filename: 'a.pdf' } },
      { type: 'file', file: { file_id: 'f1' } },
      { type: 'custom', x: 1 },
    ]);
    for (const block of [
      { type: 'image' },
      { type: 'image', data: 'A' },
      { type: 'audio', url: 'u' },
    ] as const) {
      expect(() => convertToOpenAIMessages([new HumanMessage({ content: [block] })])).toThrow(
        MessageCoercionError,
      );
    }
  });

  test('there and back again changes nothing, for any texts and arguments', () => {
    const text = fc.string({ unit: 'binary' });
    const json = fc
      .dictionary(text, fc.jsonValue())
      .map((value) => JSON.parse(JSON.stringify(value)) as object);
    const message = fc.oneof(
      text.map((content) => new HumanMessage(content)),
      text.map((content) => new SystemMessage(content)),
      fc.record({ content: text, args: json, name: text }).map(
        ({ content, args, name }) =>
          new AIMessage({
            content,
            tool_calls: [{ type: 'tool_call', id: 'i', name, args: args as never }],
          }),
      ),
      fc.record({ content: text, id: text }).map(({ content, id }) => new ToolMessage(content, id)),
      text.map((content) => new ChatMessage(content, 'critic')),
    );
    fc.assert(
      fc.property(fc.array(message), (messages) => {
        expect(convertFromOpenAIMessages(convertToOpenAIMessages(messages))).toEqual(messages);
      }),
    );
  });

  test('is read with broken arguments, refusals and empty contents', () => {
    const [answer, refused] = convertFromOpenAIMessages([
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'c2', type: 'function', function: { name: 'add', arguments: '{"a"' } }],
      },
      { role: 'assistant', refusal: 'No.' },
    ]);
    expect(answer).toEqual(new AIMessage({ content: '', invalid_tool_calls: [broken] }));
    expect(refused?.additional_kwargs).toEqual({ refusal: 'No.' });
    expect(convertToOpenAIMessages([refused as AIMessage])).toEqual([
      { role: 'assistant', content: '', refusal: 'No.' },
    ]);
    expect(() => convertFromOpenAIMessages([null as never])).toThrow('Message 0');
    expect(() => convertFromOpenAIMessages([{ role: 'tool', content: 'x' }])).toThrow(MessageCoercionError);
  });
});
