import { describe } from '../describe.js';
import { ConfigError } from '../errors.js';
import type { ToolCall } from '../messages/ai.js';
import { isKnownBlock, type ContentBlock, type MessageContent } from '../messages/content.js';
import { isMessage, isToolMessage } from '../messages/is-message.js';
import { ToolMessage, type BaseMessage } from '../messages/message.js';

/** Whether a tool returns what the model is to read, or a pair of that and what it is not to see. */
export type ToolResponseFormat = 'content' | 'content_and_artifact';

/** A tool's result as its caller gets it: raw, or as a message that answers the call, if that has an id. */
export function toolOutput(
  tool: { readonly name: string; readonly responseFormat: ToolResponseFormat },
  call: ToolCall | undefined,
  result: unknown,
): unknown {
  if (isToolMessage(result)) return result;
  const [content, artifact] =
    tool.responseFormat === 'content_and_artifact' ? pairOf(tool.name, result) : [result];
  return call?.id === undefined ? content : answerTo(call.id, tool.name, content, artifact);
}

/** The message that answers a call. */
export function answerTo(id: string, name: string, content: unknown, artifact?: unknown): ToolMessage {
  return new ToolMessage({ content: contentOf(content), name, tool_call_id: id, artifact });
}

function pairOf(name: string, result: unknown): readonly unknown[] {
  if (Array.isArray(result) && result.length === 2) return result;
  throw new ConfigError(
    'responseFormat',
    `The tool "${name}" has the responseFormat "content_and_artifact" and must return [content, artifact]; ` +
      `it returned ${Array.isArray(result) ? `an array of ${result.length}` : describe(result)}.`,
  );
}

/** A result for a model to read: text, content blocks and what a message says as they are, anything else as JSON. */
function contentOf(result: unknown): MessageContent {
  if (typeof result === 'string') return result;
  const message = saidLast(result);
  if (message !== undefined) return wordsOf(message.content);
  if (Array.isArray(result) && result.length > 0 && result.every(isForModels)) return result;
  return (
    JSON.stringify(result, (_key, value: unknown) => (typeof value === 'bigint' ? `${value}` : value)) ?? ''
  );
}

/** The message that a result is, or that a conversation ends with. */
function saidLast(result: unknown): BaseMessage | undefined {
  if (isMessage(result)) return result;
  return Array.isArray(result) && result.every(isMessage) ? result.at(-1) : undefined;
}

function wordsOf(content: MessageContent): MessageContent {
  if (typeof content === 'string') return content;
  const blocks = content.filter(isForModels);
  return blocks.length === 0 ? '' : blocks;
}

/** A tool's own records may have a `type` too. Reasoning is a model's, and models are not shown it. */
function isForModels(item: unknown): item is ContentBlock {
  return isKnownBlock(item) && item.type !== 'reasoning';
}
