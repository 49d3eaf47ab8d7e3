import type { LlmRecord, LlmRequest } from '@pipewright/core';

export const request = (key: string, more: Partial<LlmRequest> = {}): LlmRequest => ({
  model: 'm',
  identity: {},
  messages: [],
  parameters: {},
  scope: '',
  epochs: {},
  sample: 0,
  key,
  ...more,
});

export const record = (content: string, more: Partial<LlmRecord> = {}): LlmRecord => ({
  version: 1,
  message: { content },
  createdAt: Date.now(),
  ...more,
});
