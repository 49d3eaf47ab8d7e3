import type { Accumulator } from '../flow/folds.js';
import { AIMessage, NONE, type AIMessageFields, type ToolCallChunk } from './ai.js';
import type { MessageContent } from './content.js';
import { messageFold } from './fold.js';
import { isAIMessageChunk } from './is-message.js';

export interface AIMessageChunkFields extends AIMessageFields {
  readonly tool_call_chunks?: readonly ToolCallChunk[] | undefined;
}

/** A piece of a model's answer. Pieces add up to an AIMessage; see `messageFold`. */
export class AIMessageChunk extends AIMessage {
  readonly tool_call_chunks: readonly ToolCallChunk[];

  constructor(fields: AIMessageChunkFields | MessageContent) {
    super(fields);
    const given =
      typeof fields === 'string' || Array.isArray(fields) ? undefined : (fields as AIMessageChunkFields);
    this.tool_call_chunks = given?.tool_call_chunks ?? NONE;
  }

  /** Pieces that a user's generator yields add up the same way. */
  '~fold'(): Accumulator<AIMessage, AIMessage> {
    return messageFold();
  }

  /** A whole answer as a single piece. */
  static from(message: AIMessage): AIMessageChunk {
    return isAIMessageChunk(message) ? message : new AIMessageChunk(Object.assign({}, message));
  }
}
