export {
  Runnable,
  RunnableLambda,
  RunnableParallel,
  RunnableParallel as RunnableMap,
  RunnableSequence,
  type Children,
} from './runnable.js';
export type {
  ChunkOf,
  InputOf,
  OutputOf,
  RunnableFunc,
  RunnableLike,
  RunnableMapLike,
} from './runnable-like.js';
export { isRunnable } from './is-runnable.js';
export { RunnablePassthrough } from './combinators/passthrough.js';

export type { BatchOptions } from './engine/batch.js';
export type { Callback, EventHandler } from './engine/callbacks.js';
export { mergeConfigs, type ModelCallOptions, type RunnableConfig } from './engine/config.js';
export type { Fork, RunContext, Wants } from './engine/run-context.js';
export type {
  CustomEvent,
  RunCancelEvent,
  RunChunkEvent,
  RunEndEvent,
  RunErrorEvent,
  RunEvent,
  RunInfo,
  RunStartEvent,
  RunType,
} from './engine/events.js';
export type { LangChainHandler } from './engine/langchain-handler.js';
export type { RunStream } from './engine/run-stream.js';

export {
  BaseChatModel,
  toMessages,
  type BaseChatModelFields,
  type ChatModelInput,
} from './models/chat-model.js';
export {
  getLlmCache,
  setLlmCache,
  type LlmCache,
  type LlmCacheSetting,
  type LlmRecord,
  type LlmRequest,
} from './cache/llm-cache.js';

export { chunks, chunksFrom, isChunks, whole, type Chunks, type Cursor } from './flow/chunks.js';
export type { Flow, Ready } from './flow/flow.js';
export * as folds from './flow/folds.js';
export type { Accumulator, Fold } from './flow/folds.js';
export { transduce, type Machine } from './flow/machine.js';
export { andThen, isPromise, type MaybePromise } from './flow/promise.js';

export {
  AIMessage,
  AIMessageChunk,
  type AIMessageChunkFields,
  type AIMessageFields,
  type InvalidToolCall,
  type ToolCall,
  type ToolCallChunk,
  type UsageMetadata,
} from './messages/ai.js';
export {
  coerceMessageLikeToMessage,
  isMessage,
  type MessageLike,
  type MessageRecord,
  type MessageRole,
} from './messages/coerce.js';
export {
  contentText,
  type ContentBlock,
  type ImageUrlBlock,
  type MediaBlock,
  type MessageContent,
  type OtherBlock,
  type ReasoningBlock,
  type TextBlock,
} from './messages/content.js';
export { messageFold, parseArguments } from './messages/fold.js';
export {
  BaseMessage,
  ChatMessage,
  HumanMessage,
  RemoveMessage,
  SystemMessage,
  ToolMessage,
  type MessageFields,
  type MessageType,
  type ToolMessageFields,
} from './messages/message.js';
export {
  ChatPromptValue,
  getBufferString,
  isPromptValue,
  StringPromptValue,
  type PromptValue,
} from './messages/prompt-value.js';

export {
  AbortedError,
  AuthError,
  CoercionError,
  ConfigError,
  ContentFilteredError,
  ContextTooLongError,
  LimitExceededError,
  MessageCoercionError,
  ModelNotFoundError,
  OutputParserException,
  PipewrightError,
  PromptInputError,
  ProtocolError,
  ProviderError,
  QuotaExhaustedError,
  RateLimitedError,
  RecursionLimitError,
  SchemaValidationError,
  StreamConsumedError,
  StreamTruncatedError,
  SyncInvocationError,
  TemplateError,
  TimeoutError,
  type PipewrightErrorOptions,
  type ProviderErrorOptions,
  type SchemaIssue,
  type TimeoutPhase,
} from './errors.js';

export {
  isStandardSchema,
  type JsonSchema,
  type Schema,
  type SchemaOutput,
  type StandardSchema,
  toJsonSchema,
  validate,
} from './schema.js';
