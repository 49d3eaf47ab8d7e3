export {
  ChatOpenAI,
  type ApiKey,
  type ChatOpenAIConfiguration,
  type ChatOpenAIFields,
  type Clock,
} from './openai.js';
