export {
  ChatOpenAI,
  chatOpenAIKind,
  type ApiKey,
  type ChatOpenAIConfiguration,
  type ChatOpenAIConnection,
  type ChatOpenAIFields,
  type Clock,
} from './openai.js';
export { modelsRegistry } from './registry.js';
