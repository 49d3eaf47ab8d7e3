import type { Kind, Registry } from '@pipewright/core';
import { ChatPromptTemplate } from './chat-prompt-template.js';
import { DictPromptTemplate } from './dict-prompt-template.js';
import { FewShotChatMessagePromptTemplate } from './few-shot-chat-message-prompt-template.js';
import { FewShotPromptTemplate } from './few-shot-prompt-template.js';
import { ImagePromptTemplate } from './image-prompt-template.js';
import { PipelinePromptTemplate } from './pipeline-prompt-template.js';
import { PromptTemplate } from './prompt-template.js';
import { storedPart } from './stored-part.js';
import { StructuredPrompt } from './structured-prompt.js';

// The options have been checked against their types: the casts say so.

const promptTemplateKind: Kind = {
  options: { template: 'text', templateFormat: 'text', partialVariables: 'record' },
  load: ({ options }) => new PromptTemplate(options as never),
};

const chatPromptTemplateKind: Kind = {
  options: { promptMessages: 'any', templateFormat: 'text', partialVariables: 'record' },
  load: ({ options: { promptMessages, ...options } }) => {
    const parts = (promptMessages as readonly unknown[]).map(storedPart);
    return new ChatPromptTemplate({ ...options, promptMessages: parts });
  },
};

const structuredKind: Kind = {
  options: {
    promptMessages: 'any',
    templateFormat: 'text',
    partialVariables: 'record',
    schema: 'schema',
    method: 'text',
    name: 'text',
    strict: 'flag',
  },
  load: ({ options: { promptMessages, ...options } }) => {
    const parts = (promptMessages as readonly unknown[]).map(storedPart);
    return new StructuredPrompt({ ...options, promptMessages: parts } as never);
  },
};

const fewShotOptions = {
  examples: 'any',
  exampleSelector: 'any',
  examplePrompt: 'runnable',
  inputVariables: 'texts',
  partialVariables: 'record',
} as const;

const textOptions = {
  prefix: 'text',
  suffix: 'text',
  exampleSeparator: 'text',
  templateFormat: 'text',
} as const;

const fewShotPromptTemplateKind: Kind = {
  // Not a spread, which bundlers would keep: for all they know it runs somebody's getters.
  options: /* @__PURE__ */ Object.assign({}, fewShotOptions, textOptions),
  load: ({ options }) => new FewShotPromptTemplate(options as never),
};

const fewShotChatKind: Kind = {
  options: fewShotOptions,
  load: ({ options }) => new FewShotChatMessagePromptTemplate(options as never),
};

const pipelineKind: Kind = {
  options: { pipelinePrompts: 'any', finalPrompt: 'runnable', partialVariables: 'record' },
  load: ({ options }) => new PipelinePromptTemplate(options as never),
};

const imageKind: Kind = {
  options: { template: 'record', templateFormat: 'text', partialVariables: 'record' },
  load: ({ options }) => new ImagePromptTemplate(options as never),
};

const dictKind: Kind = {
  options: { template: 'record', templateFormat: 'text' },
  load: ({ options }) => new DictPromptTemplate(options as never),
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
  kinds: {
    PromptTemplate: promptTemplateKind,
    ChatPromptTemplate: chatPromptTemplateKind,
    FewShotPromptTemplate: fewShotPromptTemplateKind,
    FewShotChatMessagePromptTemplate: fewShotChatKind,
    PipelinePromptTemplate: pipelineKind,
    ImagePromptTemplate: imageKind,
    DictPromptTemplate: dictKind,
    StructuredPrompt: structuredKind,
  },
};
