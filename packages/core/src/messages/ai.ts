import type { MessageContent, ToolCallBlock, TypedBlock } from './content.js';
import { BaseMessage, type MessageFields } from './message.js';

/** A model's wish to have a tool called, as it may be written down. */
export interface ToolCall {
  readonly type?: 'tool_call';
  readonly id?: string;
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
}

/** A tool call whose arguments are not a JSON object. */
export interface InvalidToolCall {
  readonly type?: 'invalid_tool_call';
  readonly id?: string;
  readonly name?: string;
  /** The arguments as the model wrote them. */
  readonly args?: string;
  readonly error?: string;
}

/** A piece of a tool call that is still arriving. Pieces of one call share an `index`. */
export interface ToolCallChunk {
  readonly type?: 'tool_call_chunk';
  readonly index?: number;
  readonly id?: string;
  readonly name?: string;
  /** A piece of the arguments' JSON text. */
  readonly args?: string;
}

/** What a call cost, in tokens. */
export interface UsageMetadata {
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly total_tokens: number;
  readonly input_token_details?: Readonly<Record<string, number>>;
  readonly output_token_details?: Readonly<Record<string, number>>;
}

export interface AIMessageFields extends MessageFields {
  readonly tool_calls?: readonly ToolCall[] | undefined;
  readonly invalid_tool_calls?: readonly InvalidToolCall[] | undefined;
  readonly usage_metadata?: UsageMetadata | undefined;
}

/** What an answer without calls has for its calls. */
export const NONE: readonly never[] = Object.freeze([]);

/** What a model answers. */
export class AIMessage extends BaseMessage {
  readonly type = 'ai';
  /** Each says its type, by which tools tell a call from arguments. */
  readonly tool_calls: readonly ToolCallBlock[];
  readonly invalid_tool_calls: readonly InvalidToolCall[];
  declare readonly usage_metadata?: UsageMetadata;

  constructor(fields: AIMessageFields | MessageContent) {
    super(fields);
    const given: Partial<AIMessageFields> =
      typeof fields === 'string' || Array.isArray(fields) ? {} : (fields as AIMessageFields);
    this.tool_calls = typed(given.tool_calls ?? NONE);
    this.invalid_tool_calls = given.invalid_tool_calls ?? NONE;
    if (given.usage_metadata !== undefined) this.usage_metadata = given.usage_metadata;
  }

  override get contentBlocks(): readonly TypedBlock[] {
    return [...super.contentBlocks, ...this.tool_calls];
  }
}

/** The same array when there is nothing to add. */
function typed(calls: readonly ToolCall[]): readonly ToolCallBlock[] {
  const type = 'tool_call';
  const isTyped = (call: ToolCall): call is ToolCallBlock => call.type === type;
  return calls.every(isTyped) ? calls : calls.map((call) => ({ ...call, type }));
}
