export { ChatOpenAI } from './openai/chat-openai.js';
export { chatOpenAIKind, type ChatOpenAIConnection } from './openai/kind.js';
export type { ApiKey } from './openai/credentials.js';
export type { ChatOpenAIConfiguration, ChatOpenAIFields } from './openai/fields.js';
export type { Clock } from '@pipewright/core';
