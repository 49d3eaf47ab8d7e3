import { MessageCoercionError } from '../errors.js';
import type { AIMessage } from './ai.js';
import type { MessageLike } from './coerce.js';
import type { ContentBlock, MediaBlock, MessageContent } from './content.js';
import { messageFold } from './fold.js';
import { isAIMessageChunk } from './is-message.js';
import type { BaseMessage, ChatMessage, ToolMessage } from './message.js';
import { messagesOf } from './message-step.js';
import type { OpenAIContentPart, OpenAIMessage, OpenAIToolCall } from './openai-message.js';

/**
 * Messages as chat-completions endpoints take them. The model's thinking is left out; blocks of unknown kinds stay as they
 * are.
 *
 * @throws MessageCoercionError for a RemoveMessage, and for media without data or an address
 *
 * @example
 * ```ts
 * import { convertToOpenAIMessages, HumanMessage, SystemMessage } from '@pipewright/core';
 *
 * const wire = convertToOpenAIMessages([new SystemMessage('Be brief.'), new HumanMessage('Hi')]);
 * // [{ role: 'system', content: 'Be brief.' }, { role: 'user', content: 'Hi' }]
 * ```
 */
export function convertToOpenAIMessages(messages: readonly MessageLike[]): OpenAIMessage[] {
  return messagesOf(messages).map(toOpenAI);
}

function toOpenAI(message: BaseMessage): OpenAIMessage {
  const content = contentOf(message.content);
  const name = message.name === undefined ? {} : { name: message.name };
  switch (message.type) {
    case 'human':
      return { role: 'user', content, ...name };
    case 'system': {
      const isDeveloper = message.additional_kwargs.__openai_role__ === 'developer';
      return { role: isDeveloper ? 'developer' : 'system', content, ...name };
    }
    case 'ai':
      return { role: 'assistant', ...answer(withCalls(message as AIMessage), content), ...name };
    case 'tool':
      return { role: 'tool', content, tool_call_id: (message as ToolMessage).tool_call_id, ...name };
    case 'generic':
      return { role: (message as ChatMessage).role, content, ...name };
    case 'remove':
      throw new MessageCoercionError('A RemoveMessage is for a message history and has no form for a model.');
  }
}

/** A piece of an answer with the calls that its pieces of calls come to. */
function withCalls(message: AIMessage): AIMessage {
  if (!isAIMessageChunk(message)) return message;
  const total = messageFold();
  total.add(message);
  return total.value();
}

function answer(
  message: AIMessage,
  content: string | readonly OpenAIContentPart[],
): Omit<OpenAIMessage, 'role'> {
  const calls: OpenAIToolCall[] = [
    ...message.tool_calls.map(({ id, name, args }) => call(id, name, JSON.stringify(args))),
    ...message.invalid_tool_calls.map(({ id, name, args }) => call(id, name, args ?? '')),
  ];
  const { refusal } = message.additional_kwargs;
  return {
    content: content === '' && calls.length > 0 ? null : content,
    ...(calls.length > 0 && { tool_calls: calls }),
    ...(typeof refusal === 'string' && { refusal }),
  };
}

function call(id = '', name = '', text: string): OpenAIToolCall {
  return { id, type: 'function', function: { name, arguments: text } };
}

const THINKING: ReadonlySet<string> = new Set(['reasoning', 'thinking', 'redacted_thinking']);

function contentOf(content: MessageContent): string | readonly OpenAIContentPart[] {
  if (typeof content === 'string') return content;
  return content.filter(({ type }) => !THINKING.has(type)).map(partOf);
}

function partOf(block: ContentBlock): OpenAIContentPart {
  const part = block as OpenAIContentPart;
  const media = block as MediaBlock;
  switch (block.type as string) {
    case 'image_url':
      return typeof part.image_url === 'string' ? imageUrl(part.image_url) : part;
    case 'image':
      return imageUrl(media.url ?? dataUrl(media), media.metadata?.detail);
    case 'audio':
      return { type: 'input_audio', input_audio: { data: dataOf(media), format: formatOf(media) } };
    case 'file':
      return 'file' in part ? part : { type: 'file', file: fileOf(media) };
    default:
      return part;
  }
}

function imageUrl(url: string, detail?: unknown): OpenAIContentPart {
  return { type: 'image_url', image_url: { url, ...(detail !== undefined && { detail }) } };
}

function fileOf(media: MediaBlock): object {
  const id = media.metadata?.file_id;
  if (id !== undefined) return { file_id: id };
  return { file_data: dataUrl(media), filename: media.metadata?.filename ?? 'file' };
}

function dataUrl(media: MediaBlock): string {
  return `data:${mimeTypeOf(media)};base64,${dataOf(media)}`;
}

function dataOf({ type, data }: MediaBlock): string {
  if (data !== undefined) return data;
  throw new MessageCoercionError(`A block of type "${type}" has no "data" in base64, which is needed here.`);
}

function mimeTypeOf({ type, mimeType }: MediaBlock): string {
  if (mimeType !== undefined) return mimeType;
  throw new MessageCoercionError(
    `A block of type "${type}" has "data" but no "mimeType", such as "image/png".`,
  );
}

const FORMATS: Readonly<Record<string, string>> = { mpeg: 'mp3', 'x-wav': 'wav', wave: 'wav' };

function formatOf(media: MediaBlock): string {
  const kind = mimeTypeOf(media).split(/[/;]/)[1] ?? '';
  return Object.hasOwn(FORMATS, kind) ? (FORMATS[kind] as string) : kind;
}
