import type { ToolCall } from '../messages/ai.js';

/** Whether an input is a model's call of a tool, and not the arguments themselves. */
export function isToolCall(input: unknown): input is ToolCall {
  if (typeof input !== 'object' || input === null) return false;
  const { type, name, args } = input as Partial<ToolCall>;
  return type === 'tool_call' && typeof name === 'string' && typeof args === 'object' && args !== null;
}
