import type { MessageContent } from './content.js';
import type { BaseMessage } from './message.js';

/** The same message with another content. The one given is not changed. */
export function withContent<Message extends BaseMessage>(message: Message, content: MessageContent): Message {
  return withFields<BaseMessage>(message, { content }) as Message;
}

/** The same message with some fields replaced, of its own class, whatever class that is. */
export function withFields<Message extends BaseMessage>(message: Message, fields: Partial<Message>): Message {
  const copy = Object.create(Object.getPrototypeOf(message) as object) as Message;
  return Object.assign(copy, message, fields);
}
