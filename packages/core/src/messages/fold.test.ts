import { describe, expect, test } from 'vitest';
import { expectGrowthBelow } from '../../../../test/cost.js';
import { AIMessageChunk, messageFold } from '../index.js';

describe('D56: adding pieces up takes time in proportion', () => {
  const folding = (chunks: readonly AIMessageChunk[]) => (): unknown => {
    const total = messageFold();
    for (const chunk of chunks) total.add(chunk);
    return total.value();
  };
  const list = (count: number, make: (index: number) => object) =>
    Array.from({ length: count }, (_, index) => new AIMessageChunk({ content: '', ...make(index) }));

  test.each<[string, (count: number) => readonly AIMessageChunk[]]>([
    [
      'one tool call in pieces',
      (count) => list(count, () => ({ tool_call_chunks: [{ index: 0, id: 'a', args: 'x' }] })),
    ],
    [
      'many tool calls',
      (count) => list(count, (index) => ({ tool_call_chunks: [{ index, name: 'f', args: '{}' }] })),
    ],
    ['text', (count) => list(count, () => ({ content: 'word ' }))],
    [
      'one block in pieces',
      (count) => list(count, () => ({ content: [{ type: 'text', text: 'x', index: 0 }] })),
    ],
    ['many blocks', (count) => list(count, (index) => ({ content: [{ type: 'text', text: 'x', index }] }))],
    ['blocks of other kinds', (count) => list(count, () => ({ content: [{ type: 'image', url: 'u' }] }))],
  ])('%s', (_, make) => {
    expectGrowthBelow(8 * 4, folding(make(4000)), folding(make(32_000)));
  });

  test('a message that it gave stays as it was when more is added', () => {
    const total = messageFold();
    const piece = (text: string, key: string) =>
      new AIMessageChunk({
        content: [{ type: 'text', text }],
        additional_kwargs: { [key]: 1 },
        response_metadata: { [key]: 1 },
        tool_call_chunks: [{ index: 0, id: 'a', name: 'f', args: text }],
        usage_metadata: { input_tokens: 1, output_tokens: 1, total_tokens: 2 },
      });
    total.add(piece('a', 'x'));
    const given = total.value();
    const before = structuredClone(Object.assign({}, given));
    total.add(piece('b', 'y'));
    expect(Object.assign({}, given)).toEqual(before);
    expect(total.value().text).toBe('ab');
  });

  test('a block without an index grows only while it is the last, and its type may have any name', () => {
    const total = messageFold();
    const content = [
      { type: 'text', text: 'a' },
      { type: 'constructor', text: 'x' },
      { type: 'constructor', text: 'y' },
      { type: 'text', text: 'b' },
      { type: 'text', text: 'c' },
    ];
    total.add(new AIMessageChunk({ content }));
    total.add(
      new AIMessageChunk({ content: '', additional_kwargs: JSON.parse('{"__proto__": {"x": 1}}') as never }),
    );
    const message = total.value();
    expect(message.content).toEqual([...content.slice(0, 3), { type: 'text', text: 'bc' }]);
    expect(Object.getPrototypeOf(message.additional_kwargs)).toBe(Object.prototype);
  });
});
