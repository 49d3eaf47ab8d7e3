import {
  coerceMessageLikeToMessage,
  describe,
  isMessage,
  MessageCoercionError,
  TemplateError,
  type BaseMessage,
  type MessageRecord,
  type MessageRole,
} from '@pipewright/core';
import { LiteralMessage } from './literal-message.js';
import type { ContentTemplate } from './message-content.js';
import { isMessagePart, type MessagePart } from './message-part.js';
import { MessageTemplate, type ExtraMessageFields } from './message-template.js';
import { MessagesPlaceholder } from './messages-placeholder.js';
import { compileTemplate, type TemplateFormat } from './template.js';

/** A message as plain data whose content is templated, its other fields not. */
export type MessageTemplateRecord = {
  readonly role: MessageRole;
  readonly content: ContentTemplate;
} & ExtraMessageFields;

/**
 * Whatever is accepted in the list that makes a chat prompt:
 *
 * - `['system', 'You are {persona}']` and `{ role, content }`: a message whose content is templated;
 * - `'Tell me about {topic}'`: the same, of the user's;
 * - `['placeholder', '{history}']`: a place for messages, which may be left out; or a `MessagesPlaceholder`;
 * - another chat prompt: its messages, in this place; what was set for it with `partial` stays its own;
 * - a message object: that message as it is, braces and all.
 */
export type MessageTemplateLike =
  | string
  | readonly [role: MessageRole, content: ContentTemplate]
  | readonly [role: 'placeholder', variable: string]
  | MessageTemplateRecord
  | BaseMessage
  | MessagePart<never>;

/** @throws MessageCoercionError for anything else, naming its place in the list */
export function partOf(like: unknown, index: number, format?: TemplateFormat): MessagePart<never> {
  if (isMessagePart(like)) return like;
  if (isMessage(like)) return new LiteralMessage(like);
  if (typeof like === 'string') return new MessageTemplate('human', like, undefined, format);
  if (isPair(like)) return partOfRole(like[0], like[1], undefined, format);
  if (isRecord(like)) return partOfRecord(like, format);
  throw new MessageCoercionError(
    `Message ${index + 1} of the chat prompt is ${describe(like)}. ` +
      "Give ['human', 'text'], { role, content }, a string, a message, a MessagesPlaceholder or another chat prompt.",
  );
}

function isPair(like: unknown): like is readonly [string, ContentTemplate] {
  return Array.isArray(like) && like.length === 2 && typeof like[0] === 'string';
}

function isRecord(like: unknown): like is MessageTemplateRecord {
  return typeof like === 'object' && like !== null && ('role' in like || 'type' in like);
}

function partOfRecord(record: MessageTemplateRecord, format?: TemplateFormat): MessagePart<never> {
  // Only a message names its kind in `type`: this is one that was stored as JSON, and its braces are somebody's text.
  if ('type' in record) return new LiteralMessage(coerceMessageLikeToMessage(record as MessageRecord));
  const { role, content, ...fields } = record;
  return partOfRole(role, content, Object.keys(fields).length === 0 ? undefined : fields, format);
}

function partOfRole(
  role: string,
  content: ContentTemplate,
  fields?: ExtraMessageFields,
  format?: TemplateFormat,
): MessagePart<never> {
  return role === 'placeholder'
    ? placeholderOf(content, format)
    : new MessageTemplate(role, content, fields, format);
}

/** In mustache, both `{history}` and `{{history}}` will do. */
function placeholderOf(content: ContentTemplate, format?: TemplateFormat): MessagesPlaceholder<string, true> {
  const text = typeof content === 'string' ? content : '';
  const isDouble = format === 'mustache' && text.startsWith('{{');
  const [variable] = compileTemplate(text, isDouble ? format : 'f-string').variables;
  const written = isDouble ? `{{${variable?.name}}}` : `{${variable?.name}}`;
  if (variable === undefined || text !== written) {
    const given = typeof content === 'string' ? JSON.stringify(content) : describe(content);
    throw new TemplateError(
      `A placeholder is written ['placeholder', '{history}'], with one variable and nothing else; got ${given}.`,
      text,
      0,
    );
  }
  return new MessagesPlaceholder({ variableName: variable.name, optional: true });
}
