import type { AIMessageChunk } from './ai-chunk.js';
import type { AIMessage } from './ai.js';
import {
  MESSAGE,
  type BaseMessage,
  type HumanMessage,
  type SystemMessage,
  type ToolMessage,
} from './message.js';

/** Whether a value is a message, of any installed copy of this package, of which `instanceof` knows one only. */
export function isMessage(value: unknown): value is BaseMessage {
  return typeof value === 'object' && value !== null && MESSAGE in value;
}

export function isHumanMessage(value: unknown): value is HumanMessage {
  return isMessage(value) && value.type === 'human';
}

export function isSystemMessage(value: unknown): value is SystemMessage {
  return isMessage(value) && value.type === 'system';
}

export function isToolMessage(value: unknown): value is ToolMessage {
  return isMessage(value) && value.type === 'tool';
}

/** Whether a value is a model's answer, whole or a piece of one. */
export function isAIMessage(value: unknown): value is AIMessage {
  return isMessage(value) && value.type === 'ai';
}

/** Whether a value is a piece of a model's answer. */
export function isAIMessageChunk(value: unknown): value is AIMessageChunk {
  return isAIMessage(value) && 'tool_call_chunks' in value;
}
