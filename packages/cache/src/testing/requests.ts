import {
  llmRequest,
  type LlmCache,
  type LlmCacheOptions,
  type LlmRecord,
  type LlmRequest,
} from '@pipewright/core';
import { FakeListChatModel } from '@pipewright/core/testing';

/** The model whose requests the rules are about. */
export const model = new FakeListChatModel({ responses: ['x'] });

export function requestOf(input: string, options: Omit<LlmCacheOptions, 'cache'> = {}): LlmRequest {
  const described = llmRequest(model, input, { cache: options });
  if ('reason' in described) throw new Error(described.reason);
  return described.request;
}

export const record = (content: string, more: Partial<LlmRecord> = {}): LlmRecord => ({
  version: 1,
  message: { content },
  createdAt: Date.now(),
  ...more,
});

export async function contentAt(cache: LlmCache, request: LlmRequest): Promise<unknown> {
  return (await cache.lookup(request))?.message.content;
}
