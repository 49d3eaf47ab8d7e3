import type { Kind, Registry } from '@pipewright/core';
import { ChatPromptTemplate } from './chat-prompt-template.js';
import { PromptTemplate } from './prompt-template.js';
import { storedPart } from './stored-part.js';

// The options have been checked against their types: the casts say so.

const promptTemplateKind: Kind = {
  options: { template: 'text', templateFormat: 'text', partialVariables: 'record' },
  load: ({ options }) => new PromptTemplate(options as never),
};

const chatPromptTemplateKind: Kind = {
  options: { promptMessages: 'any', partialVariables: 'record' },
  load: ({ options: { promptMessages, ...options } }) => {
    const parts = (promptMessages as readonly unknown[]).map(storedPart);
    return new ChatPromptTemplate({ ...options, promptMessages: parts });
  },
};

/**
 * The prompts of this package, for `loads`, with the values that were set beforehand.
 *
 * @example
 * ```ts
 * import { coreRegistry, dumps, loads } from '@pipewright/core';
 * import { promptsRegistry, PromptTemplate } from '@pipewright/prompts';
 *
 * const prompt = PromptTemplate.fromTemplate('Tell me a {tone} joke about {topic}.').partial({ tone: 'dry' });
 * const loaded = loads<string>(dumps(prompt), { registry: [coreRegistry, promptsRegistry] });
 * const value = await loaded.invoke('bears');
 * ```
 */
export const promptsRegistry: Registry = {
  kinds: { PromptTemplate: promptTemplateKind, ChatPromptTemplate: chatPromptTemplateKind },
};
