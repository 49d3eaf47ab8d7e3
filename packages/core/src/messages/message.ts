import { contentText, typedBlocks, type MessageContent, type TypedBlock } from './content.js';

/** What every message can carry besides its content. */
export interface MessageFields {
  readonly content: MessageContent;
  /** Name of the speaker, where the provider knows such. */
  readonly name?: string | undefined;
  readonly id?: string | undefined;
  /** What a provider sent that has no field of its own. */
  readonly additional_kwargs?: Readonly<Record<string, unknown>> | undefined;
  /** About the answer: model, finish reason, cache. */
  readonly response_metadata?: Readonly<Record<string, unknown>> | undefined;
}

export type MessageType = 'human' | 'ai' | 'system' | 'tool' | 'generic' | 'remove';

/** The brand of messages. */
export const MESSAGE = Symbol.for('pipewright.message');

/** What a message without further data has for them. */
export const NOTHING: Readonly<Record<string, unknown>> = Object.freeze({});

/**
 * One message of a conversation. Messages are plain data: every field is own and enumerable, and none is changed once
 * made.
 */
export abstract class BaseMessage {
  abstract readonly type: MessageType;
  readonly content: MessageContent;
  declare readonly name?: string;
  declare readonly id?: string;
  readonly additional_kwargs: Readonly<Record<string, unknown>>;
  readonly response_metadata: Readonly<Record<string, unknown>>;

  constructor(fields: MessageFields | MessageContent) {
    const given = isContent(fields) ? { content: fields } : fields;
    this.content = given.content;
    if (given.name !== undefined) this.name = given.name;
    if (given.id !== undefined) this.id = given.id;
    this.additional_kwargs = given.additional_kwargs ?? NOTHING;
    this.response_metadata = given.response_metadata ?? NOTHING;
  }

  /** The text of the content, its other blocks left out. */
  get text(): string {
    return contentText(this.content);
  }

  /**
   * The content block by block, to be told apart by `type`: a text is one block, the tool calls of an answer come last.
   * What a provider has of its own is `{ type: 'non_standard', value }`; in `content` it stands as it came.
   *
   * @example
   * ```ts
   * import { AIMessage } from '@pipewright/core';
   *
   * const message = new AIMessage([
   *   { type: 'reasoning', reasoning: 'Rain.' },
   *   { type: 'text', text: 'Take an umbrella.' },
   *   { type: 'citation', page: 3 },
   * ]);
   * for (const block of message.contentBlocks) {
   *   if (block.type === 'text') block.text.toUpperCase();
   *   else if (block.type === 'non_standard') block.value.type; // 'citation'
   * }
   * ```
   */
  get contentBlocks(): readonly TypedBlock[] {
    return typedBlocks(this.content);
  }

  /** The same as `type`, by LangChain's name. */
  getType(): MessageType {
    return this.type;
  }
}

function isContent(value: MessageFields | MessageContent): value is MessageContent {
  return typeof value === 'string' || Array.isArray(value);
}

Object.defineProperty(BaseMessage.prototype, MESSAGE, { value: true });

/** What the user says. */
export class HumanMessage extends BaseMessage {
  readonly type = 'human';
}

/** Instructions to the model. */
export class SystemMessage extends BaseMessage {
  readonly type = 'system';
}

/** A message of a role of its own. */
export class ChatMessage extends BaseMessage {
  readonly type = 'generic';
  readonly role: string;

  constructor(fields: MessageFields & { readonly role: string });
  constructor(content: MessageContent, role: string);
  constructor(fields: (MessageFields & { readonly role: string }) | MessageContent, role?: string) {
    super(fields);
    this.role = role ?? (fields as { readonly role: string }).role;
  }
}

/** The result of a tool call, for the model to read. */
export class ToolMessage extends BaseMessage {
  readonly type = 'tool';
  readonly tool_call_id: string;
  readonly status: 'success' | 'error';
  /** What the tool made that the model is not shown. */
  declare readonly artifact?: unknown;

  constructor(fields: ToolMessageFields);
  constructor(content: MessageContent, toolCallId: string, name?: string);
  constructor(fields: ToolMessageFields | MessageContent, toolCallId?: string, name?: string) {
    const given = isContent(fields as MessageContent) ? undefined : (fields as ToolMessageFields);
    super(given ?? { content: fields as MessageContent, name });
    this.tool_call_id = given?.tool_call_id ?? (toolCallId as string);
    this.status = given?.status ?? 'success';
    if (given?.artifact !== undefined) this.artifact = given.artifact;
  }
}

export interface ToolMessageFields extends MessageFields {
  readonly tool_call_id: string;
  readonly status?: 'success' | 'error' | undefined;
  readonly artifact?: unknown;
}

/** Asks a history to forget the message with this id. */
export class RemoveMessage extends BaseMessage {
  readonly type = 'remove';
  declare readonly id: string;

  constructor(fields: { readonly id: string }) {
    super({ content: '', id: fields.id });
  }
}

export type { MessageContent };
