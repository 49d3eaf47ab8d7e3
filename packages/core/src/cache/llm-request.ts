import type { RunnableConfig } from '../engine/config.js';
import { callOptions, toMessages, type BaseChatModel, type ChatModelInput } from '../models/chat-model.js';
import { cacheOptions } from './cache-options.js';
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
