import { ConfigError, isMessage } from '@pipewright/core';
import { LiteralMessage } from './literal-message.js';
import { isMessagePart, type MessagePart } from './message-part.js';
import { MessageTemplate } from './message-template.js';
import { MessagesPlaceholder } from './messages-placeholder.js';

/**
 * Reads what a part of a prompt says to be stored as.
 *
 * @throws ConfigError when it is none of the forms that parts have
 */
export function storedPart(stored: unknown): MessagePart<never> {
  if (isMessagePart(stored)) return stored;
  const [[form, inner] = ['', undefined], ...others] = Object.entries((stored ?? {}) as object) as [
    string,
    unknown,
  ][];
  if (others.length === 0 && form === 'message' && isMessage(inner)) return new LiteralMessage(inner);
  if (others.length === 0 && typeof inner === 'object' && inner !== null) {
    if (form === 'placeholder') return new MessagesPlaceholder(inner as never);
    if (form === 'template') {
      const { role, content, fields, format } = inner as MessageTemplate;
      return new MessageTemplate(role, content, fields, format);
    }
  }
  throw new ConfigError('promptMessages', 'A part of the prompt is no template, placeholder or message.');
}
