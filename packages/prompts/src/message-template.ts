import {
  coerceMessageLikeToMessage,
  type BaseMessage,
  type MessageContent,
  type MessageRecord,
} from '@pipewright/core';
import type { PromptVariable } from './input-reader.js';
import { compileContent, type ContentTemplate } from './message-content.js';
import type { MessagePart } from './message-part.js';
import type { Template } from './template.js';
import type { VariableValues } from './values.js';

/** What a message carries besides its role and content; not templated. */
export type ExtraMessageFields = Omit<MessageRecord, 'role' | 'content'>;

/** A message of one role whose content is a template. */
export class MessageTemplate implements MessagePart<never> {
  readonly variables: readonly PromptVariable[];
  readonly '~content': Template<MessageContent>;

  /** @throws MessageCoercionError when the role is unknown */
  constructor(
    readonly role: string,
    readonly content: ContentTemplate,
    readonly fields?: ExtraMessageFields,
  ) {
    this['~content'] = compileContent(content);
    this.variables = this['~content'].variables.map((name) => ({ name }));
    // A role or field that cannot work is refused now, not at the first call.
    this.#message('');
  }

  messagesFor(values: VariableValues): readonly BaseMessage[] {
    return [this.#message(this['~content'].fill(values))];
  }

  #message(content: MessageContent): BaseMessage {
    const { role, fields } = this;
    return coerceMessageLikeToMessage(fields === undefined ? [role, content] : { ...fields, role, content });
  }
}
