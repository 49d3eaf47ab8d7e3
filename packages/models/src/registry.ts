import type { Registry } from '@pipewright/core';
import { chatOpenAIKind } from './openai/kind.js';

/**
 * The models of this package, for `loads`, at their providers' own addresses. Keys are taken from its `secrets`. For
 * another address put a kind of your own after it: `{ kinds: { ChatOpenAI: chatOpenAIKind({ baseURL }) } }`.
 *
 * @example
 * ```ts
 * import { coreRegistry, dumps, loads } from '@pipewright/core';
 * import { ChatOpenAI, modelsRegistry } from '@pipewright/models';
 *
 * const text = dumps(new ChatOpenAI({ model: 'gpt-4o-mini', baseURL: 'https://api.openai.com/v1', apiKey: 'sk-one' }));
 * const model = loads(text, {
 *   registry: [coreRegistry, modelsRegistry],
 *   secrets: { OPENAI_API_KEY: 'sk-another' },
 * });
 * ```
 */
export const modelsRegistry: Registry = { kinds: { ChatOpenAI: /* @__PURE__ */ chatOpenAIKind() } };
