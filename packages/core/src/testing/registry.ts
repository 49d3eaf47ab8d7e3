import { ConfigError } from '../errors.js';
import { AIMessageChunk } from '../messages/ai-chunk.js';
import type { Registry } from '../serialization/registry.js';
import { FakeListChatModel } from './fake-list-chat-model.js';
import { FakeStreamingChatModel } from './fake-streaming-chat-model.js';
import { isPlainScript, ScriptedChatModel } from './scripted-chat-model.js';

/**
 * The chat models of this folder, for `loads`. What they have counted and recorded is not stored.
 *
 * @example
 * ```ts
 * import { coreRegistry, dumps, loads } from '@pipewright/core';
 * import { FakeListChatModel, testingRegistry } from '@pipewright/core/testing';
 *
 * const text = dumps(new FakeListChatModel({ responses: ['Hello!'] }));
 * const model = loads<string, { text: string }>(text, { registry: [coreRegistry, testingRegistry] });
 * const answer = await model.invoke('Hi'); // answer.text: 'Hello!'
 * ```
 */
export const testingRegistry: Registry = {
  kinds: {
    FakeListChatModel: {
      options: { responses: 'texts', cache: 'any' },
      load: ({ options: { responses, cache } }) => {
        if (responses !== undefined) return new FakeListChatModel({ responses, cache } as never);
        throw new ConfigError('responses', 'The model has no responses.');
      },
    },
    FakeStreamingChatModel: {
      options: { chunks: 'any', cache: 'any' },
      load: ({ options: { chunks, cache } }) => {
        const isChunk = (chunk: unknown): boolean =>
          typeof chunk === 'string' || chunk instanceof AIMessageChunk;
        if (Array.isArray(chunks) && chunks.every(isChunk)) {
          return new FakeStreamingChatModel({ chunks, cache } as never);
        }
        throw new ConfigError('chunks', 'The model streams texts and chunks of messages.');
      },
    },
    ScriptedChatModel: {
      options: { replies: 'any', cache: 'any' },
      load: ({ options: { replies, cache } }) => {
        if (Array.isArray(replies) && isPlainScript(replies)) {
          return new ScriptedChatModel({ replies, cache } as never);
        }
        throw new ConfigError('replies', 'A script that is stored has texts and messages.');
      },
    },
  },
};
