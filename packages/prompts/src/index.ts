export { BasePromptTemplate } from './base-prompt-template.js';
export { ChatPromptTemplate, type ChatPromptTemplateFields } from './chat-prompt-template.js';
export { escapeTemplate } from './f-string.js';
export type { InputReaderFields as BasePromptTemplateFields, PromptVariable } from './input-reader.js';
export type { ContentTemplate } from './message-content.js';
export type { MessagePart } from './message-part.js';
export type { MessageTemplateLike, MessageTemplateRecord } from './message-template-like.js';
export {
  MessagesPlaceholder,
  type MessagesPlaceholderFields,
  type MessagesValue,
} from './messages-placeholder.js';
export type { PartialValues, PromptInput } from './prompt-input.js';
export { PromptTemplate, type PromptTemplateFields } from './prompt-template.js';
export type { TemplateValue } from './text-value.js';
export type { VariableValues } from './values.js';
export type { OpenVariables, TemplateVariables } from './variables.js';
