export { deepEqual } from './deep-equal.js';
export { FakeEmbeddings, type FakeEmbeddingsFields } from './fake-embeddings.js';
export { FakeListChatModel, type FakeListChatModelFields } from './fake-list-chat-model.js';
export { FakeStreamingChatModel, type FakeStreamingChatModelFields } from './fake-streaming-chat-model.js';
export { type Law, runnableLaws } from './laws.js';
export { testingRegistry } from './registry.js';
export {
  type RecordedCall,
  ScriptedChatModel,
  type ScriptedChatModelFields,
  type ScriptedReply,
} from './scripted-chat-model.js';
