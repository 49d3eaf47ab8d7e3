import type { Runnable } from '../runnable.js';
import { AIMessageChunk } from './ai-chunk.js';
import { AIMessage, type UsageMetadata } from './ai.js';
import type { MessageLike } from './coerce.js';
import type { ContentBlock, MessageContent } from './content.js';
import { addUsage } from './fold.js';
import { isAIMessageChunk } from './is-message.js';
import type { BaseMessage, ChatMessage } from './message.js';
import { messagesOf, MessageStep, type MessagesInput } from './message-step.js';
import { withFields } from './with-content.js';

/**
 * Merges neighbours of one speaker: texts are joined by a newline, lists of blocks put together, tool calls collected and
 * token counts added up. Tool messages stay apart, and so do speakers of different names. Called without messages, it gives
 * a step for a chain.
 *
 * @example
 * ```ts
 * import { HumanMessage, mergeMessageRuns } from '@pipewright/core';
 *
 * const [one] = mergeMessageRuns([new HumanMessage('Hi.'), new HumanMessage('How are you?')]); // 'Hi.\nHow are you?'
 * const step = mergeMessageRuns();
 * ```
 */
export function mergeMessageRuns(): Runnable<MessagesInput, readonly BaseMessage[]>;
export function mergeMessageRuns(messages: readonly MessageLike[]): BaseMessage[];
export function mergeMessageRuns(
  messages?: readonly MessageLike[],
): BaseMessage[] | Runnable<MessagesInput, readonly BaseMessage[]> {
  if (messages === undefined) return new MessageStep('mergeMessageRuns', {}, merged);
  return merged(messagesOf(messages));
}

function merged(messages: readonly BaseMessage[]): BaseMessage[] {
  const result: BaseMessage[] = [];
  let run: BaseMessage[] = [];
  for (const message of messages) {
    const [first] = run;
    if (first !== undefined && !areOneSpeaker(first, message)) {
      result.push(joined(run));
      run = [];
    }
    run.push(message);
  }
  if (run.length > 0) result.push(joined(run));
  return result;
}

function areOneSpeaker(left: BaseMessage, right: BaseMessage): boolean {
  if (left.type !== right.type || left.type === 'tool' || left.type === 'remove') return false;
  if (left.name !== right.name) return false;
  return left.type !== 'generic' || (left as ChatMessage).role === (right as ChatMessage).role;
}

function joined(run: readonly BaseMessage[]): BaseMessage {
  const [first] = run as [BaseMessage];
  if (run.length === 1) return first;
  const common = {
    content: joinedContent(run.map(({ content }) => content)),
    additional_kwargs: together(run.map((message) => message.additional_kwargs)),
    response_metadata: together(run.map((message) => message.response_metadata)),
  };
  if (first.type !== 'ai') return withFields(first, common as Partial<BaseMessage>);
  const answers = run as readonly AIMessage[];
  const pieces = answers.filter(isAIMessageChunk);
  const fields = {
    ...common,
    name: first.name,
    id: first.id,
    tool_calls: answers.flatMap(({ tool_calls }) => tool_calls),
    invalid_tool_calls: answers.flatMap(({ invalid_tool_calls }) => invalid_tool_calls),
    usage_metadata: answers.reduce<UsageMetadata | undefined>(
      (total, { usage_metadata }) => (usage_metadata === undefined ? total : addUsage(total, usage_metadata)),
      undefined,
    ),
  };
  if (pieces.length === 0) return new AIMessage(fields);
  const tool_call_chunks = pieces.flatMap((piece) => piece.tool_call_chunks);
  return new AIMessageChunk({ ...fields, tool_call_chunks });
}

type Fields = Readonly<Record<string, unknown>>;

/** The fields of all; of one that several have, the last counts. */
function together(all: readonly Fields[]): Fields {
  return Object.fromEntries(all.flatMap((fields) => Object.entries(fields)));
}

function joinedContent(contents: readonly MessageContent[]): MessageContent {
  if (contents.every((content) => typeof content === 'string')) {
    return contents.filter((text) => text !== '').join('\n');
  }
  const blocks: ContentBlock[] = [];
  for (const content of contents) {
    if (typeof content !== 'string') for (const block of content) blocks.push(block);
    else if (content !== '') blocks.push({ type: 'text', text: content });
  }
  return blocks;
}
