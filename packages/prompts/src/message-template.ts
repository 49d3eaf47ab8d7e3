import {
  andThen,
  coerceMessageLikeToMessage,
  HumanMessage,
  SystemMessage,
  type BaseMessage,
  type MaybePromise,
  type MessageContent,
  type MessageRecord,
  type RunContext,
} from '@pipewright/core';
import type { PromptVariable } from './input-reader.js';
import { compileContent, type CompiledContent, type ContentTemplate } from './message-content.js';
import type { MessagePart } from './message-part.js';
import type { TemplateFormat } from './template.js';
import type { VariableValues } from './values.js';

/** What a message carries besides its role and content; not templated. */
export type ExtraMessageFields = Omit<MessageRecord, 'role' | 'content'>;

/** A message of one role whose content is a template. */
export class MessageTemplate implements MessagePart<never> {
  readonly variables: readonly PromptVariable[];
  readonly '~content': CompiledContent;
  readonly '~make': (content: MessageContent) => BaseMessage;

  /** @throws MessageCoercionError when the role is unknown */
  constructor(
    readonly role: string,
    readonly content: ContentTemplate,
    readonly fields?: ExtraMessageFields,
    readonly format?: TemplateFormat,
  ) {
    this['~content'] = compileContent(content, format);
    this.variables = this['~content'].variables;
    this['~make'] = maker(role, fields);
    // A role or field that cannot work is refused now, not at the first call.
    this['~make']('');
  }

  get stored(): Readonly<Record<string, unknown>> {
    const { role, content, fields, format } = this;
    return { template: { role, content, fields, format } };
  }

  messagesFor(values: VariableValues, context: RunContext): MaybePromise<readonly BaseMessage[]> {
    return andThen(this['~content'].contentFor(values, context), (content) => [this['~make'](content)]);
  }
}

/** The commonest messages are made without looking at their role again. */
function maker(
  role: string,
  fields: ExtraMessageFields | undefined,
): (content: MessageContent) => BaseMessage {
  if (fields !== undefined) return (content) => coerceMessageLikeToMessage({ ...fields, role, content });
  if (role === 'human' || role === 'user') return (content) => new HumanMessage(content);
  if (role === 'system') return (content) => new SystemMessage(content);
  return (content) => coerceMessageLikeToMessage([role, content]);
}
