import {
  CacheError,
  ConfigError,
  llmRecord,
  llmRequest,
  type AIMessageFields,
  type BaseChatModel,
  type ChatModelInput,
  type LlmCache,
  type RunnableConfig,
} from '@pipewright/core';

/** A question to a model, and what it is to answer. */
export interface KnownAnswer {
  readonly input: ChatModelInput;
  readonly answer: string | AIMessageFields;
  /** Options of the call, where it has any. */
  readonly config?: RunnableConfig;
}

/**
 * Puts known answers into a cache, as if the model had given them: with the lifetime and the tags that the options of
 * the call and the model say. The model is not asked.
 *
 * @throws ConfigError for a call that cannot be cached, or an answer that cannot be kept, such as an empty one; CacheError
 *   when the cache cannot be written
 *
 * @example
 * ```ts
 * import { FakeListChatModel } from '@pipewright/core/testing';
 * import { InMemoryCache, prewarm } from '@pipewright/cache';
 *
 * const cache = new InMemoryCache();
 * const model = new FakeListChatModel({ responses: ['never asked'], cache });
 * await prewarm(cache, model, [{ input: 'What are your hours?', answer: 'Nine to five.' }]);
 * const { text } = await model.invoke('What are your hours?'); // Nine to five.
 * ```
 */
export async function prewarm(
  cache: LlmCache,
  model: BaseChatModel,
  answers: Iterable<KnownAnswer>,
): Promise<void> {
  for (const { input, answer, config } of answers) {
    const described = llmRequest(model, input, config);
    if ('reason' in described)
      throw new ConfigError('answers', `A call cannot be cached: ${described.reason}`);
    const kept = llmRecord(model, answer, config);
    if ('reason' in kept) throw new ConfigError('answers', `An answer cannot be kept: ${kept.reason}`);
    const isKept = await cache.update(described.request, kept.record);
    if (isKept === false)
      throw new CacheError('update', 'The cache could not write a known answer. Try again.');
  }
}
