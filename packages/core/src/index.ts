export {
  type Children,
  Runnable,
  RunnableAssign,
  RunnableBinding,
  RunnableEach,
  RunnableLambda,
  RunnableParallel,
  RunnableParallel as RunnableMap,
  RunnablePick,
  RunnableSequence,
  Tool,
} from './runnable.js';
export type {
  ChunkOf,
  InputOf,
  OutputOf,
  RunnableFunc,
  RunnableLike,
  RunnableMapLike,
} from './runnable-like.js';
export type { StructuredMethod } from './models/structured-reader.js';
export type {
  StructuredChunk,
  StructuredOutputOptions,
  StructuredResult,
} from './models/structured-output.js';
export type { ResponseFormat, ToolChoice, ToolDefinition } from './models/tool-definition.js';
export { bindTools, type BindToolsOptions } from './tools/bind-tools.js';
export type { ToolErrorHandler } from './tools/call-tool.js';
export { isToolCall } from './tools/tool-call.js';
export {
  toOpenAITool,
  type ToolDescription,
  type ToolLike,
  type ToolRunnable,
} from './tools/open-ai-tool.js';
export type { ToolFields } from './tools/run-tool.js';
export { tool } from './tools/tool.js';
export { ToolLoop, toolLoop, type ToolLoopModel, type ToolLoopOptions } from './tools/tool-loop.js';
export type { ToolLoopChunk, ToolLoopMessage } from './tools/tool-loop-fold.js';
export type { ToolResponseFormat } from './tools/tool-output.js';
export { type BaseChatMessageHistory, InMemoryChatMessageHistory } from './history/chat-message-history.js';
export {
  type GetMessageHistory,
  type InputWithoutHistory,
  type MessageHistoryFields,
  RunnableWithMessageHistory,
} from './history/runnable-with-message-history.js';
export { describe } from './describe.js';
export { lacking } from './lacking.js';
export { isRunnable } from './is-runnable.js';
export { type Arrangement, type Manifest, NamedFunction, NamedSchema, schemaOption } from './manifest.js';
export type { Graph, GraphEdge, GraphGroup, GraphNode } from './graph/graph.js';
export type { MermaidOptions } from './graph/mermaid.js';
export { coreRegistry } from './serialization/core-registry.js';
export { dumps } from './serialization/dumps.js';
export type { Json, SerializationLimits, SerializedRunnable } from './serialization/format.js';
export { loads, type LoadOptions } from './serialization/loads.js';
export type { OptionType } from './serialization/option-type.js';
export type { Kind, LoadedParts, Registry, Secret } from './serialization/registry.js';
export { type BranchCase, RunnableBranch } from './combinators/branch.js';
export { chain } from './combinators/chain.js';
export { RunnableGenerator, type Transformer } from './combinators/generator.js';
export { RunnablePassthrough } from './combinators/passthrough.js';
export { RouterRunnable, type RouterInput } from './combinators/router.js';

export { attempts } from './interceptors/attempts.js';
export {
  changedFields,
  type ConfigurableAlternatives,
  type ConfigurableField,
} from './interceptors/configurable.js';
export { configured, timeout } from './interceptors/configured.js';
export { type FallbackOptions, fallbacks } from './interceptors/fallbacks.js';
export type { Inner, Interceptor } from './interceptors/interceptor.js';
export { listeners } from './interceptors/listeners.js';
export { retry, type RetryOptions } from './interceptors/retry.js';
export { RetryBudget, type RetryBudgetOptions } from './interceptors/retry-budget.js';

export type { BatchOptions } from './engine/batch.js';
export type { Callback, EventHandler } from './engine/callbacks.js';
export type { Completed } from './engine/batch-as-completed.js';
export { type Clock, systemClock } from './engine/clock.js';
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
export { dispatchCustomEvent } from './engine/dispatch.js';
export type { StreamEvent, StreamEventOptions } from './engine/stream-event.js';
export type { RunStream } from './engine/run-stream.js';

export {
  BaseChatModel,
  toMessages,
  type BaseChatModelFields,
  type ChatModelInput,
} from './models/chat-model.js';
export { ChatModelBinding } from './models/chat-model-binding.js';
export {
  getLlmCache,
  setLlmCache,
  type LlmCache,
  type LlmCacheSelector,
  type LlmRecord,
  type LlmRecordError,
  type LlmRequest,
} from './cache/llm-cache.js';
export { CacheError, CacheMissError, type LlmCacheOperation } from './cache/cache-error.js';
export type { LlmCacheEvent, MissReason } from './cache/cache-event.js';
export { cacheOption, type LlmCacheOptions, type LlmCacheSetting } from './cache/cache-options.js';
export { canonical, NotPlainDataError } from './cache/canonical.js';
export { attempt as attemptLlmCache, type AttemptOptions, type Outcome } from './cache/health.js';
export { llmRecord, llmRequest } from './cache/llm-request.js';
export { temperatureWeighted, type CacheDecision, type LlmCachePolicy } from './cache/policy.js';
export { isRecord, type CacheMark, type Kept } from './cache/record.js';
export type { Described } from './cache/request.js';

export { chunks, chunksFrom, isChunks, whole, type Chunks, type Cursor } from './flow/chunks.js';
export type { Flow, Ready } from './flow/flow.js';
export * as folds from './flow/folds.js';
export type { Accumulator, Fold } from './flow/folds.js';
export { transduce, type Machine, type SyncMachine } from './flow/machine.js';
export { andThen, collect, ignore, isPromise, type MaybePromise } from './flow/promise.js';

export type { DeepPartial } from './json/deep-partial.js';
export { parsingFailure } from './json/failure.js';
export { fitted, FittedJson } from './json/fitted.js';
export { limitsOf, overLimit, type ParseLimits } from './json/limits.js';
export { patchFold } from './json/patch.js';
export { JsonPatches, type JsonPatch, type JsonPatchOperation } from './json/patches.js';
export type { JsonOptions } from './json/reader.js';
export type { Repair } from './json/repair.js';
export { JsonSnapshots } from './json/snapshots.js';
export { ToolCallSnapshots, type ParsedToolCall, type ToolCallOptions } from './json/tool-calls.js';

export { AIMessageChunk, type AIMessageChunkFields } from './messages/ai-chunk.js';
export {
  AIMessage,
  type AIMessageFields,
  type InvalidToolCall,
  type ToolCall,
  type ToolCallChunk,
  type UsageMetadata,
} from './messages/ai.js';
export {
  coerceMessageLikeToMessage,
  type MessageLike,
  type MessageRecord,
  type MessageRole,
  type StoredMessage,
} from './messages/coerce.js';
export {
  contentText,
  type ContentBlock,
  type ImageUrlBlock,
  type KnownBlock,
  type MediaBlock,
  type MessageContent,
  type NonStandardBlock,
  type OtherBlock,
  type ReasoningBlock,
  type TextBlock,
  type ToolCallBlock,
  type TypedBlock,
} from './messages/content.js';
export {
  isAIMessage,
  isAIMessageChunk,
  isHumanMessage,
  isMessage,
  isSystemMessage,
  isToolMessage,
} from './messages/is-message.js';
export { countTokensApproximately, tokenCounter, type TokenCountOptions } from './messages/count-tokens.js';
export { filterMessages, type FilterMessagesOptions } from './messages/filter.js';
export { messageFold, parseArguments } from './messages/fold.js';
export { convertFromOpenAIMessages } from './messages/from-openai.js';
export { mergeMessageRuns } from './messages/merge-runs.js';
export type { MessageKind } from './messages/message-kind.js';
export type { MessagesInput } from './messages/message-step.js';
export type { OpenAIContentPart, OpenAIMessage, OpenAIToolCall } from './messages/openai-message.js';
export {
  mapChatMessagesToStoredMessages,
  mapStoredMessagesToChatMessages,
  mapStoredMessageToChatMessage,
  type StoredChatMessage,
} from './messages/stored.js';
export { convertToOpenAIMessages } from './messages/to-openai.js';
export { trimMessages } from './messages/trim.js';
export type { MessageTokenCounter, TrimMessagesOptions } from './messages/trim-options.js';
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

export { Document, type DocumentFields, type DocumentMetadata } from './retrieval/document.js';
export { Embeddings, type EmbeddingsCallOptions, type Vector } from './retrieval/embeddings.js';
export {
  InMemoryVectorStore,
  type MarginalRelevanceOptions,
  type SearchOptions,
} from './retrieval/in-memory-vector-store.js';
export type { MetadataFilter } from './retrieval/metadata-filter.js';
export { BaseRetriever } from './retrieval/retriever.js';
export {
  VectorStoreRetriever,
  type VectorStoreRetrieverFields,
} from './retrieval/vector-store-retriever.js';

export {
  AbortedError,
  AuthError,
  CoercionError,
  ConfigError,
  ContentFilteredError,
  ContextTooLongError,
  DeserializationError,
  LimitExceededError,
  MaxStepsError,
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
  SerializationError,
  StreamConsumedError,
  StreamTruncatedError,
  SyncInvocationError,
  TemplateError,
  TimeoutError,
  ToolInputParsingException,
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
