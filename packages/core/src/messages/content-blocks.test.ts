import { expect, test } from 'vitest';
import {
  AIMessage,
  AIMessageChunk,
  convertToOpenAIMessages,
  HumanMessage,
  messageFold,
  type ContentBlock,
} from '../index.js';

test('a text is one block, and no text is none', () => {
  expect(new HumanMessage('Hi').contentBlocks).toEqual([{ type: 'text', text: 'Hi' }]);
  expect(new AIMessage('').contentBlocks).toEqual([]);
});

const known: readonly ContentBlock[] = [
  { type: 'text', text: '' },
  { type: 'reasoning', reasoning: 'so' },
  { type: 'image', url: 'https://example.com/a.png' },
  { type: 'audio', data: 'AAAA', mimeType: 'audio/wav' },
  { type: 'file', metadata: { file_id: 'file-1' } },
  { type: 'image_url', image_url: 'https://example.com/a.png' },
  { type: 'image_url', image_url: { url: 'https://example.com/a.png', detail: 'low' } },
];

test.each(known)('a known block is given as it is: %j', (block) => {
  const [given] = new HumanMessage([block]).contentBlocks;
  expect(given).toBe(block);
});

const others: readonly unknown[] = [
  { type: 'citation', page: 3 },
  { type: 'image', source: { type: 'base64', data: 'AAAA' } },
  { type: 'file', file: { file_id: 'file-1' } },
  { type: 'text' },
  { type: 'text', text: null },
  { type: 'reasoning', summary: [] },
  { type: 'image_url', image_url: null },
  { type: 'image', metadata: null },
  { type: 'constructor' },
  { text: 'no type' },
  null,
];

test.each(others)('what does not hold what its type says is given apart, as it came: %j', (value) => {
  const message = new AIMessage([value as ContentBlock]);
  const [given] = message.contentBlocks;
  expect(given).toEqual({ type: 'non_standard', value });
  expect((given as { value: unknown }).value).toBe(value);
  expect(message.content[0]).toBe(value);
});

test('a block of a provider passes through to the provider untouched', () => {
  const block = { type: 'citation', page: 3 };
  const message = new AIMessage([block]);
  expect(message.contentBlocks).toHaveLength(1);
  expect(convertToOpenAIMessages([message])).toMatchObject([{ content: [block] }]);
});

test('the tool calls of an answer say their type, and come after its blocks', () => {
  const call = Object.freeze({ id: '1', name: 'weather', args: { city: 'Bergen' } });
  const message = new AIMessage({ content: 'Let me see.', tool_calls: [call] });
  expect(message.tool_calls).toEqual([{ type: 'tool_call', ...call }]);
  expect(message.contentBlocks).toEqual([{ type: 'text', text: 'Let me see.' }, ...message.tool_calls]);
  expect(new AIMessage(Object.assign({}, message)).tool_calls).toBe(message.tool_calls);
});

test('pieces of an answer have blocks too, which add up', () => {
  const total = messageFold();
  for (const text of ['Hel', 'lo']) {
    const chunk = new AIMessageChunk([{ type: 'text', text, index: 0 }]);
    expect(chunk.contentBlocks).toEqual([{ type: 'text', text, index: 0 }]);
    total.add(chunk);
  }
  expect(total.value().contentBlocks).toEqual([{ type: 'text', text: 'Hello', index: 0 }]);
});

test('the blocks are read, and not part of the message as data', () => {
  const message = new AIMessage('Hi');
  expect(Object.keys(message)).not.toContain('contentBlocks');
  expect(JSON.stringify(message)).not.toContain('contentBlocks');
});
