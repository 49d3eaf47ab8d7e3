import { MessageCoercionError, type ContentBlock, type MessageContent } from '@pipewright/core';
import { compileData } from './data-template.js';
import { describe } from './describe.js';
import { compileTemplate, type Template } from './template.js';

/** Content of a templated message: a template, or blocks whose every text is one. A bare text in the list is a text block. */
export type ContentTemplate = string | readonly (string | ContentBlock)[];

/** @throws MessageCoercionError when it is no content */
export function compileContent(content: ContentTemplate): Template<MessageContent> {
  if (typeof content === 'string') return compileTemplate(content);
  if (!Array.isArray(content)) {
    throw new MessageCoercionError(
      `The content of a message is ${describe(content)}; give a text or a list of blocks.`,
    );
  }
  return compileData(content.map(toBlock)) as Template<MessageContent>;
}

function toBlock(block: unknown): unknown {
  if (typeof block === 'string') return { type: 'text', text: block };
  if (typeof block === 'object' && block !== null) return block;
  throw new MessageCoercionError(
    `A content block is ${describe(block)}; give a text or an object such as { type: 'text', text: '...' }.`,
  );
}
