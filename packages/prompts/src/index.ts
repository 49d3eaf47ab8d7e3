export { BasePromptTemplate } from './base-prompt-template.js';
export { ChatPromptTemplate, type ChatPromptTemplateFields } from './chat-prompt-template.js';
export type { ContentPart } from './content-part.js';
export {
  DictPromptTemplate,
  type DictPromptTemplateFields,
  type DictTemplate,
} from './dict-prompt-template.js';
export type { Example, ExampleChooser, ExampleFields } from './example-source.js';
export { escapeTemplate } from './f-string.js';
export {
  FewShotChatMessagePromptTemplate,
  type FewShotChatMessagePromptTemplateFields,
} from './few-shot-chat-message-prompt-template.js';
export { FewShotPromptTemplate, type FewShotPromptTemplateFields } from './few-shot-prompt-template.js';
export { ImagePromptTemplate, type ImagePromptTemplateFields } from './image-prompt-template.js';
export { ImagePromptValue, type ImageContent } from './image-prompt-value.js';
export type { InputReaderFields as BasePromptTemplateFields, PromptVariable } from './input-reader.js';
export type { ContentTemplate } from './message-content.js';
export type { MessagePart } from './message-part.js';
export {
  BaseMessagePromptTemplate,
  type MessagePrompt,
  type MessagePromptTemplateFields,
  type MessageTemplateOptions,
} from './message-prompt-template.js';
export type { MessageTemplateLike, MessageTemplateRecord } from './message-template-like.js';
export {
  MessagesPlaceholder,
  type MessagesPlaceholderFields,
  type MessagesValue,
} from './messages-placeholder.js';
export {
  PipelinePromptTemplate,
  type PipelinePromptTemplateFields,
  type PipelineStep,
} from './pipeline-prompt-template.js';
export type { PartialValues, PromptInput } from './prompt-input.js';
export { promptFromDocument, type LoadedPrompt } from './prompt-document.js';
export { PromptTemplate, type PromptTemplateFields } from './prompt-template.js';
export { promptsRegistry } from './registry.js';
export {
  AIMessagePromptTemplate,
  ChatMessagePromptTemplate,
  HumanMessagePromptTemplate,
  SystemMessagePromptTemplate,
} from './role-prompt-templates.js';
export { BaseExampleSelector } from './selectors/example-selector.js';
export {
  LengthBasedExampleSelector,
  type LengthBasedExampleSelectorFields,
} from './selectors/length-based.js';
export {
  MaxMarginalRelevanceExampleSelector,
  type MaxMarginalRelevanceExampleSelectorFields,
  type MaxMarginalRelevanceOptions,
} from './selectors/max-marginal-relevance.js';
export {
  NGramOverlapExampleSelector,
  type NGramOverlapExampleSelectorFields,
} from './selectors/n-gram-overlap-selector.js';
export {
  SemanticSimilarityExampleSelector,
  type ExampleStore,
  type ExampleStoreClass,
  type SemanticSimilarityExampleSelectorFields,
  type SimilarityOptions,
} from './selectors/semantic-similarity.js';
export {
  StructuredPrompt,
  type StructurableModel,
  type StructuredPromptFields,
} from './structured-prompt.js';
export type { TemplateFormat, TemplateOptions } from './template.js';
export type { TemplateValue } from './text-value.js';
export type { VariableValues } from './values.js';
export type { OpenVariables, TemplateVariables } from './variables.js';
