import type { AIMessageFields } from '../messages/ai.js';
import type { MessageContent } from '../messages/content.js';

const INCOMPLETE: ReadonlySet<unknown> = new Set([
  'length',
  'max_tokens',
  'MAX_TOKENS',
  'content_filter',
  'content-filter',
  'SAFETY',
  'error',
  'refusal',
  'model_context_window_exceeded',
  'pause_turn',
]);

/** Why an answer may not be given again, or undefined when it may: it has to be complete, unfiltered and not empty. */
export function whyNotKept(message: AIMessageFields): string | undefined {
  const { content, tool_calls = [], invalid_tool_calls = [], response_metadata = {} } = message;
  for (const reason of [response_metadata.finish_reason, response_metadata.stop_reason]) {
    if (INCOMPLETE.has(reason)) return `it ended with "${String(reason)}"`;
  }
  if (invalid_tool_calls.length > 0) return 'it has a tool call that cannot be read';
  return saysNothing(content) && tool_calls.length === 0 ? 'it is empty' : undefined;
}

function saysNothing(content: MessageContent): boolean {
  if (typeof content === 'string') return content === '';
  return content.every(
    (block) => block.type === 'text' && (block as { readonly text?: unknown }).text === '',
  );
}
