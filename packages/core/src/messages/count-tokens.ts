import { isMessage } from './is-message.js';
import type { AIMessage } from './ai.js';
import type { ContentBlock } from './content.js';
import type { BaseMessage, ChatMessage, ToolMessage } from './message.js';

export interface TokenCountOptions {
  /** Counts the tokens of a text, as a tokenizer does. Default: a quarter of its length, rounded up. */
  readonly countText?: (text: string) => number;
  /** What every message costs besides its text. Default 3. */
  readonly tokensPerMessage?: number;
  /** What an image, a sound or a file counts as, whatever its size. Default 85. */
  readonly tokensPerMedia?: number;
}

const CHARACTERS_PER_TOKEN = 4;

/**
 * Roughly how many tokens messages, or a text, take: enough to trim by, not to bill by.
 *
 * @example
 * ```ts
 * import { countTokensApproximately, HumanMessage } from '@pipewright/core';
 *
 * const tokens = countTokensApproximately([new HumanMessage('How much is this?')]);
 * ```
 */
export function countTokensApproximately(
  given: readonly BaseMessage[] | BaseMessage | string,
  options: TokenCountOptions = {},
): number {
  const { countText = quarter, tokensPerMessage = 3, tokensPerMedia = 85 } = options;
  if (typeof given === 'string') return countText(given);
  let total = 0;
  for (const message of isMessage(given) ? [given] : given) {
    total += tokensPerMessage;
    const texts = [roleOf(message), message.name ?? ''];
    if (typeof message.content === 'string') texts.push(message.content);
    else {
      for (const block of message.content) {
        if (isMedia(block)) total += tokensPerMedia;
        else texts.push(textOf(block));
      }
    }
    texts.push(...extras(message));
    for (const text of texts) if (text !== '') total += countText(text);
  }
  return total;
}

/**
 * Makes a counter of messages from a tokenizer, for `trimMessages` and for the length-based example selector.
 *
 * @example
 * ```ts
 * import { HumanMessage, tokenCounter, trimMessages } from '@pipewright/core';
 *
 * const words = tokenCounter((text) => text.split(/\s+/).length); // or: (text) => encode(text).length
 * const recent = await trimMessages([new HumanMessage('one'), new HumanMessage('two')], {
 *   maxTokens: 6,
 *   tokenCounter: words,
 * });
 * ```
 */
export function tokenCounter(
  countText: (text: string) => number,
  options: Omit<TokenCountOptions, 'countText'> = {},
): (given: readonly BaseMessage[] | BaseMessage | string) => number {
  return (given) => countTokensApproximately(given, { ...options, countText });
}

function quarter(text: string): number {
  return Math.ceil(text.length / CHARACTERS_PER_TOKEN);
}

const ROLE = { human: 'user', ai: 'assistant', system: 'system', tool: 'tool', remove: 'remove' } as const;

function roleOf(message: BaseMessage): string {
  return message.type === 'generic' ? (message as ChatMessage).role : ROLE[message.type];
}

const MEDIA: ReadonlySet<string> = new Set(['image', 'image_url', 'audio', 'input_audio', 'file', 'video']);

function isMedia(block: ContentBlock): boolean {
  return MEDIA.has(block.type);
}

function textOf(block: ContentBlock): string {
  const { text, reasoning } = block as { readonly text?: unknown; readonly reasoning?: unknown };
  if (typeof text === 'string') return text;
  return typeof reasoning === 'string' ? reasoning : JSON.stringify(block);
}

/** What a message costs besides its content: the calls it makes, or which call it answers. */
function extras(message: BaseMessage): readonly string[] {
  if (message.type === 'tool') return [(message as ToolMessage).tool_call_id];
  if (message.type !== 'ai') return [];
  const { tool_calls, invalid_tool_calls } = message as AIMessage;
  return [...tool_calls, ...invalid_tool_calls].map(({ id, name, args }) =>
    JSON.stringify({ id, name, args }),
  );
}
