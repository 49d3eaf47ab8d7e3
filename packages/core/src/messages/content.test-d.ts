import { expectTypeOf, test } from 'vitest';
import {
  AIMessage,
  HumanMessage,
  type AIMessageChunk,
  type ContentBlock,
  type ImageUrlBlock,
  type MediaBlock,
  type OtherBlock,
  type ReasoningBlock,
  type TextBlock,
  type ToolCall,
  type TypedBlock,
} from '../index.js';

const message = new HumanMessage([{ type: 'text', text: 'Hi' }]);

test('blocks that are read narrow by their type', () => {
  for (const block of message.contentBlocks) {
    if (block.type === 'text') expectTypeOf(block).toEqualTypeOf<TextBlock>();
    if (block.type === 'reasoning') expectTypeOf(block).toEqualTypeOf<ReasoningBlock>();
    if (block.type === 'image') expectTypeOf(block.url).toEqualTypeOf<string | undefined>();
    if (block.type === 'tool_call') expectTypeOf(block.args).toEqualTypeOf<ToolCall['args']>();
    if (block.type === 'non_standard') expectTypeOf(block.value).toEqualTypeOf<ContentBlock>();
  }
});

test('a switch over them is exhaustive', () => {
  const shown = (block: TypedBlock): string => {
    switch (block.type) {
      case 'text':
        return block.text;
      case 'reasoning':
        return block.reasoning;
      case 'image_url':
        return (expectTypeOf(block).toEqualTypeOf<ImageUrlBlock>(), 'a picture');
      case 'image':
      case 'audio':
      case 'file':
        return (expectTypeOf(block).toEqualTypeOf<MediaBlock>(), block.type);
      case 'tool_call':
        return block.name;
      case 'non_standard':
        return block.value.type;
    }
  };
  expectTypeOf(shown).returns.toEqualTypeOf<string>();
});

test('answers and their pieces have the same blocks', () => {
  expectTypeOf<AIMessage['contentBlocks']>().toEqualTypeOf<readonly TypedBlock[]>();
  expectTypeOf<AIMessageChunk['contentBlocks']>().toEqualTypeOf<readonly TypedBlock[]>();
});

test('blocks of any type can be written, and are compared by any type', () => {
  const block: ContentBlock = { type: 'citation', page: 3 };
  new AIMessage([block, { type: 'text', text: 'Hi' }]);
  if (block.type === 'citation') expectTypeOf(block).toExtend<OtherBlock>();
  // @ts-expect-error -- a type that is none of those that are read
  if (message.contentBlocks[0]?.type === 'citation') return;
});
