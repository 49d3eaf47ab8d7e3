import type { ToolCall } from './ai.js';

/** Plain text. */
export interface TextBlock {
  readonly type: 'text';
  readonly text: string;
  readonly index?: number;
}

/** The model's thinking, where a provider shows it. */
export interface ReasoningBlock {
  readonly type: 'reasoning';
  readonly reasoning: string;
  readonly index?: number;
}

/** Media by address, or by base64 data with its type. */
export interface MediaBlock {
  readonly type: 'image' | 'audio' | 'file';
  readonly url?: string;
  /** Base64. */
  readonly data?: string;
  readonly mimeType?: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** An image in the form that chat-completions endpoints take. */
export interface ImageUrlBlock {
  readonly type: 'image_url';
  readonly image_url: string | { readonly url: string; readonly detail?: string };
}

/** A block whose type is known here. */
export type KnownBlock = TextBlock | ReasoningBlock | MediaBlock | ImageUrlBlock;

/** Any other block of a provider's own; passed on as it is. */
export interface OtherBlock {
  readonly type: string & {};
  readonly [key: string]: unknown;
}

/**
 * A block as it is written, of any type. No compiler narrows it by `type`, which may be any text: code that reads blocks
 * takes them from a message's `contentBlocks`.
 */
export type ContentBlock = KnownBlock | OtherBlock;

/** Content of a message: text, or a list of blocks. */
export type MessageContent = string | readonly ContentBlock[];

/** A model's wish to have a tool called, among the blocks of its answer. */
export type ToolCallBlock = ToolCall & { readonly type: 'tool_call' };

/** A block of a provider's own as code that reads blocks gets it, or one that does not hold what its type says. */
export interface NonStandardBlock {
  readonly type: 'non_standard';
  /** The block as it came. */
  readonly value: ContentBlock;
}

/** A block as `contentBlocks` gives it: its `type` tells what it holds, for the compiler too. */
export type TypedBlock = KnownBlock | ToolCallBlock | NonStandardBlock;

/** The text of a content: its text blocks joined, everything else left out. */
export function contentText(content: MessageContent): string {
  if (typeof content === 'string') return content;
  let text = '';
  for (const block of content) if (isKnownBlock(block) && block.type === 'text') text += block.text;
  return text;
}

/** The blocks of a content, each of a type that is known; no text is no block. */
export function typedBlocks(content: MessageContent): readonly TypedBlock[] {
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }];
  return content.map((value) => (isKnownBlock(value) ? value : { type: 'non_standard', value }));
}

/** Whether a value is a block of a known type, and holds what that type says. */
export function isKnownBlock(value: unknown): value is KnownBlock {
  if (typeof value !== 'object' || value === null) return false;
  const { type, text, reasoning, image_url, url, data, metadata } = value as Readonly<
    Record<string, unknown>
  >;
  switch (type) {
    case 'text':
      return typeof text === 'string';
    case 'reasoning':
      return typeof reasoning === 'string';
    case 'image_url':
      return typeof ((image_url as { readonly url?: unknown } | undefined)?.url ?? image_url) === 'string';
    case 'image':
    case 'audio':
    case 'file':
      return typeof (url ?? data ?? (metadata as MediaBlock['metadata'])?.file_id) === 'string';
    default:
      return false;
  }
}
