import {
  AIMessage,
  ChatMessage,
  coerceMessageLikeToMessage,
  HumanMessage,
  RemoveMessage,
  SystemMessage,
  ToolMessage,
  type MessageLike,
} from '@pipewright/core';
import { describe, expect, test } from 'vitest';
import { wireMessages } from './messages.js';

const wire = (...messages: MessageLike[]) => wireMessages(messages.map(coerceMessageLikeToMessage));

describe('roles', () => {
  test('are the endpoint’s', () => {
    expect(
      wire(
        new SystemMessage('be brief'),
        ['developer', 'be exact'],
        new HumanMessage({ content: 'hi', name: 'ann' }),
        new AIMessage('hello'),
        new ToolMessage({ content: '4', tool_call_id: 'a', artifact: { big: 1 }, name: 'add' }),
        new ChatMessage('psst', 'narrator'),
      ),
    ).toEqual([
      { role: 'system', content: 'be brief' },
      { role: 'developer', content: 'be exact' },
      { role: 'user', content: 'hi', name: 'ann' },
      { role: 'assistant', content: 'hello' },
      { role: 'tool', content: '4', tool_call_id: 'a' },
      { role: 'narrator', content: 'psst' },
    ]);
  });

  test('a message that only a history understands is refused', () => {
    expect(() => wireMessages([new RemoveMessage({ id: 'x' })])).toThrow(/RemoveMessage/);
  });
});

describe('an answer that goes back', () => {
  test('takes its tool calls along, unreadable ones too', () => {
    const answer = new AIMessage({
      content: '',
      tool_calls: [{ id: 'a', name: 'add', args: { x: 1 } }],
      invalid_tool_calls: [{ id: 'b', name: 'sub', args: '{"y":' }],
      additional_kwargs: { tool_call_extras: { a: { sign: 's' } } },
    });
    expect(wire(answer)).toEqual([
      {
        role: 'assistant',
        content: null,
        tool_calls: [
          {
            id: 'a',
            type: 'function',
            function: { name: 'add', arguments: '{"x":1}' },
            extra_content: { sign: 's' },
          },
          { id: 'b', type: 'function', function: { name: 'sub', arguments: '{"y":' } },
        ],
      },
    ]);
  });

  test('leaves its thinking behind, and is text again', () => {
    const content = [
      { type: 'reasoning', reasoning: 'hm' },
      { type: 'text', text: 'Hel' },
      { type: 'text', text: 'lo' },
    ];
    expect(wire(new AIMessage(content))).toEqual([{ role: 'assistant', content: 'Hello' }]);
    expect(wire(new AIMessage([{ type: 'reasoning', reasoning: 'hm' }]))).toEqual([
      { role: 'assistant', content: '' },
    ]);
  });

  test('takes its refusal along', () => {
    const refusal = new AIMessage({ content: '', additional_kwargs: { refusal: 'no' } });
    expect(wire(refusal)).toEqual([{ role: 'assistant', content: '', refusal: 'no' }]);
  });
});

describe('blocks', () => {
  const part = (block: object) =>
    wire(new HumanMessage([{ type: 'text', text: 'see' }, block as never]))[0]?.content?.[1];

  test('one text alone is a string, as not every server takes parts', () => {
    expect(wire(new HumanMessage([{ type: 'text', text: 'hi' }]))).toEqual([{ role: 'user', content: 'hi' }]);
    expect(wire(new HumanMessage([]))).toEqual([{ role: 'user', content: '' }]);
  });

  test('texts stay apart', () => {
    const two = [
      { type: 'text', text: 'a', index: 0 },
      { type: 'text', text: 'b' },
    ] as const;
    expect(wire(new HumanMessage(two))[0]?.content).toEqual([
      { type: 'text', text: 'a' },
      { type: 'text', text: 'b' },
    ]);
    expect(wire(new ToolMessage({ content: two, tool_call_id: 'a' }))[0]?.content).toBe('ab');
    expect(wire(new SystemMessage(two))[0]?.content).toBe('ab');
  });

  test.each([
    [
      'an image by address',
      { type: 'image', url: 'http://x/y.png' },
      { type: 'image_url', image_url: { url: 'http://x/y.png' } },
    ],
    [
      'an image by data',
      { type: 'image', data: 'QUJD', mimeType: 'image/png', metadata: { detail: 'low' } },
      { type: 'image_url', image_url: { url: 'data:image/png;base64,QUJD', detail: 'low' } },
    ],
    [
      'an image_url',
      { type: 'image_url', image_url: { url: 'u' } },
      { type: 'image_url', image_url: { url: 'u' } },
    ],
    [
      'an image_url in short',
      { type: 'image_url', image_url: 'u' },
      { type: 'image_url', image_url: { url: 'u' } },
    ],
    [
      'audio',
      { type: 'audio', data: 'QUJD', mimeType: 'audio/mpeg' },
      { type: 'input_audio', input_audio: { data: 'QUJD', format: 'mp3' } },
    ],
    [
      'audio of another type',
      { type: 'audio', data: 'QUJD', mimeType: 'audio/wav; rate=1' },
      { type: 'input_audio', input_audio: { data: 'QUJD', format: 'wav' } },
    ],
    [
      'a file',
      { type: 'file', data: 'QUJD', mimeType: 'application/pdf', metadata: { filename: 'a.pdf' } },
      { type: 'file', file: { file_data: 'data:application/pdf;base64,QUJD', filename: 'a.pdf' } },
    ],
    ['a stored file', { type: 'file', metadata: { file_id: 'f' } }, { type: 'file', file: { file_id: 'f' } }],
    [
      'a file as the endpoint has it',
      { type: 'file', file: { file_id: 'f' } },
      { type: 'file', file: { file_id: 'f' } },
    ],
    [
      'any other',
      { type: 'video_url', video_url: { url: 'v' } },
      { type: 'video_url', video_url: { url: 'v' } },
    ],
  ])('%s', (_name, block, expected) => {
    expect(part(block)).toEqual(expected);
  });

  test.each([
    ['an image without anything', { type: 'image' }, /"data"/],
    ['an image of no type', { type: 'image', data: 'QUJD' }, /mimeType/],
    ['audio by address', { type: 'audio', url: 'http://x/y.wav' }, /"data"/],
    ['audio of no type', { type: 'audio', data: 'QUJD' }, /mimeType/],
    ['a file by address', { type: 'file', url: 'http://x/y.pdf' }, /"data"/],
  ])('%s is refused', (_name, block, message) => {
    expect(() => part(block)).toThrow(expect.objectContaining({ code: 'MESSAGE_COERCION_FAILURE' }));
    expect(() => part(block)).toThrow(message);
  });
});
