import { ConfigError, type Kind } from '@pipewright/core';
import { OPENAI_BASE_URL } from './address.js';
import { ChatOpenAI } from './chat-openai.js';
import type { ChatOpenAIFields } from './fields.js';

/** How models that are loaded reach their endpoint: in code only, never in stored chains. */
export type ChatOpenAIConnection = Pick<ChatOpenAIFields, 'apiKey' | 'baseURL' | 'clock' | 'configuration'>;

/**
 * How a stored `ChatOpenAI` is made again. At OpenAI itself it takes the secret `OPENAI_API_KEY` of `loads`; at another
 * address the key of the connection, if any. Nothing is read from the environment.
 *
 * @example
 * ```ts
 * import { coreRegistry, dumps, loads } from '@pipewright/core';
 * import { ChatOpenAI, chatOpenAIKind } from '@pipewright/models/openai';
 *
 * const connection = { baseURL: 'http://localhost:11434/v1' };
 * const text = dumps(new ChatOpenAI({ model: 'llama3.2', ...connection }));
 * const model = loads(text, { registry: { kinds: { ChatOpenAI: chatOpenAIKind(connection) } } });
 * ```
 */
export function chatOpenAIKind(connection: ChatOpenAIConnection = {}): Kind {
  return {
    options: {
      name: 'text',
      model: 'text',
      temperature: 'number',
      maxTokens: 'number',
      topP: 'number',
      seed: 'number',
      stop: 'texts',
      modelKwargs: 'record',
      streaming: 'flag',
      streamUsage: 'flag',
      timeout: 'number',
      firstEventTimeout: 'number',
      idleTimeout: 'number',
      maxRetries: 'number',
      cache: 'any',
      ownEndpoint: 'flag',
    },
    load: ({ options, secret }) => {
      const { ownEndpoint, ...fields } = options;
      const baseURL = connection.baseURL ?? connection.configuration?.baseURL;
      if (ownEndpoint === true && baseURL === undefined) {
        throw new ConfigError(
          'baseURL',
          'The model was reached at an address of its own, which stored chains never hold. ' +
            'Put chatOpenAIKind({ baseURL }) into the registry as "ChatOpenAI".',
        );
      }
      const apiKey = connection.apiKey ?? (baseURL === undefined ? (secret('OPENAI_API_KEY') as string) : '');
      return new ChatOpenAI({
        ...(fields as unknown as ChatOpenAIFields),
        ...connection,
        baseURL: baseURL ?? OPENAI_BASE_URL,
        apiKey,
      });
    },
  };
}
