import type { RunnableConfig } from '../engine/config.js';
import { AIMessage, type AIMessageFields } from '../messages/ai.js';
import type { MessageContent } from '../messages/content.js';
import { callOptions, toMessages, type BaseChatModel, type ChatModelInput } from '../models/chat-model.js';
import { cacheOptions } from './cache-options.js';
import { dataOf, recordOf, type Kept } from './record.js';
import { describeCall, type Described } from './request.js';

/**
 * What a call of a model looks like to a cache: `{ request }`, or `{ reason }` where it cannot be cached. Nothing is
 * called. To find out what made two calls differ, or whether a call would hit.
 *
 * @example
 * ```ts
 * import { llmRequest } from '@pipewright/core';
 * import { FakeListChatModel } from '@pipewright/core/testing';
 *
 * const model = new FakeListChatModel({ responses: ['Hello.'] });
 * const described = llmRequest(model, 'Hi', { temperature: 0, cache: { scope: 'tenant-1' } });
 * const scope = 'request' in described ? described.request.scope : described.reason;
 * ```
 */
export function llmRequest(
  model: BaseChatModel,
  input: ChatModelInput,
  config: RunnableConfig = {},
): Described {
  const { signal, timeout, runName, runId, callbacks, ...inherited } = config;
  const call = { model, messages: toMessages(input), options: callOptions(inherited) };
  return describeCall(call, cacheOptions(config.cache, model.cache));
}

/**
 * What an answer of a model looks like to a cache, as the options of the call say (`ttl`, `staleFor`, `tags`):
 * `{ record }`, or `{ reason }` where it may not be kept. Shares nothing with the answer.
 *
 * @example
 * ```ts
 * import { llmRecord } from '@pipewright/core';
 * import { FakeListChatModel } from '@pipewright/core/testing';
 *
 * const model = new FakeListChatModel({ responses: ['Hello.'] });
 * const kept = llmRecord(model, 'Hello.', { cache: { ttl: 60_000, tags: ['greetings'] } });
 * const end = 'record' in kept ? kept.record.expiresAt : kept.reason;
 * ```
 */
export function llmRecord(
  model: BaseChatModel,
  answer: AIMessageFields | MessageContent,
  config: RunnableConfig = {},
): Kept {
  return recordOf(dataOf(new AIMessage(answer)), cacheOptions(config.cache, model.cache));
}
