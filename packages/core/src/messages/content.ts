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

/** Any other block of a provider's own; passed on as it is. */
export interface OtherBlock {
  readonly type: string & {};
  readonly [key: string]: unknown;
}

export type ContentBlock = TextBlock | ReasoningBlock | MediaBlock | ImageUrlBlock | OtherBlock;

/** Content of a message: text, or a list of blocks. */
export type MessageContent = string | readonly ContentBlock[];

/** The text of a content: its text blocks joined, everything else left out. */
export function contentText(content: MessageContent): string {
  if (typeof content === 'string') return content;
  let text = '';
  for (const block of content) if (isText(block)) text += block.text;
  return text;
}

function isText(block: ContentBlock): block is TextBlock {
  return block.type === 'text' && typeof (block as TextBlock).text === 'string';
}
