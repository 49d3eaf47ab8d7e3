import {
  andThen,
  describe,
  MessageCoercionError,
  type ContentBlock,
  type MaybePromise,
  type MessageContent,
  type RunContext,
} from '@pipewright/core';
import { isContentPart, type ContentPart } from './content-part.js';
import { compileData } from './data-template.js';
import { gather } from './gather.js';
import type { PromptVariable } from './input-reader.js';
import { compileTemplate, type TemplateFormat } from './template.js';
import type { VariableValues } from './values.js';

/**
 * Content of a templated message: a template, or blocks whose every text is one. A bare text in the list is a text block;
 * prompts for texts, images and blocks may stand in it too.
 */
export type ContentTemplate =
  | string
  | ContentPart<never>
  | readonly (string | ContentBlock | ContentPart<never>)[];

/** Content taken apart, to be filled in. */
export interface CompiledContent {
  readonly variables: readonly PromptVariable[];
  contentFor(values: VariableValues, context: RunContext): MaybePromise<MessageContent>;
}

/** @throws MessageCoercionError when it is no content */
export function compileContent(content: ContentTemplate, format?: TemplateFormat): CompiledContent {
  if (typeof content === 'string') {
    const template = compileTemplate(content, format);
    return { variables: template.variables, contentFor: (values) => template.fill(values) };
  }
  if (isContentPart(content)) return contentOf(content);
  if (!Array.isArray(content)) {
    throw new MessageCoercionError(
      `The content of a message is ${describe(content)}; give a text or a list of blocks.`,
    );
  }
  const items = content as readonly unknown[];
  if (!items.some(isContentPart)) {
    const template = compileData(items.map(toBlock), format);
    return {
      variables: template.variables,
      contentFor: (values) => template.fill(values) as readonly ContentBlock[],
    };
  }
  const blocks = items.map((item) => (isContentPart(item) ? item : plainPart(toBlock(item), format)));
  return {
    variables: blocks.flatMap(({ variables }) => variables),
    contentFor: (values, context) => gather(blocks, (block) => blockOf(block, values, context)),
  };
}

function contentOf(part: ContentPart<never>): CompiledContent {
  return {
    variables: part.variables,
    contentFor: (values, context) =>
      andThen(part.contentFor(values, context), (made) => (typeof made === 'string' ? made : [made])),
  };
}

function blockOf(
  part: ContentPart<never>,
  values: VariableValues,
  context: RunContext,
): MaybePromise<ContentBlock> {
  return andThen(part.contentFor(values, context), (made) =>
    typeof made === 'string' ? { type: 'text', text: made } : made,
  );
}

function plainPart(block: unknown, format: TemplateFormat | undefined): ContentPart<never> {
  const template = compileData(block, format);
  return {
    variables: template.variables,
    contentFor: (values) => template.fill(values) as ContentBlock,
  };
}

function toBlock(block: unknown): unknown {
  if (typeof block === 'string') return { type: 'text', text: block };
  if (typeof block === 'object' && block !== null) return block;
  throw new MessageCoercionError(
    `A content block is ${describe(block)}; give a text or an object such as { type: 'text', text: '...' }.`,
  );
}
