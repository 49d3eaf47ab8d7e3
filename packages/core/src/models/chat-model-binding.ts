import type { Interceptor } from '../interceptors/interceptor.js';
import type { DeepPartial } from '../json/deep-partial.js';
import type { Manifest } from '../manifest.js';
import type { AIMessageChunk } from '../messages/ai-chunk.js';
import type { AIMessage } from '../messages/ai.js';
import { RunnableBinding, type Runnable } from '../runnable.js';
import type { Schema, SchemaOutput } from '../schema.js';
import { bindTools, type BindToolsOptions } from '../tools/bind-tools.js';
import type { ToolLike } from '../tools/open-ai-tool.js';
import type { ChatModelInput } from './chat-model.js';
import {
  structuredOutput,
  type StructuredChunk,
  type StructuredOutputOptions,
  type StructuredResult,
} from './structured-output.js';

/** A chat model with behaviour around it, as `withRetry` and the like make it: a model still, to be given tools or a form. */
export class ChatModelBinding extends RunnableBinding<ChatModelInput, AIMessage, AIMessageChunk> {
  declare readonly '~bound'?: ChatModelBinding;

  /** The binding's own: loaded, what is around a model makes one of these again. */
  override get manifest(): Manifest {
    return super.manifest;
  }

  /** As `BaseChatModel.bindTools`: what is inside, fallbacks too, gets the tools. */
  bindTools(tools: readonly ToolLike[], options?: BindToolsOptions): ChatModelBinding {
    return bindTools(this, tools, options);
  }

  /** As `BaseChatModel.withStructuredOutput`. */
  withStructuredOutput<S extends Schema>(
    schema: S,
    options: StructuredOutputOptions & { readonly includeRaw: true },
  ): Runnable<ChatModelInput, StructuredResult<SchemaOutput<S>>, StructuredChunk<SchemaOutput<S>>>;
  withStructuredOutput<S extends Schema>(
    schema: S,
    options?: StructuredOutputOptions & { readonly includeRaw?: false },
  ): Runnable<ChatModelInput, SchemaOutput<S>, DeepPartial<SchemaOutput<S>>>;
  withStructuredOutput(
    schema: Schema,
    options?: StructuredOutputOptions,
  ): Runnable<ChatModelInput, unknown, unknown> {
    return structuredOutput(this, schema, options);
  }

  override with(...interceptors: readonly Interceptor[]): ChatModelBinding {
    return boundModel(this, interceptors) as ChatModelBinding;
  }
}

/** A model with behaviour around it, the last one outermost. */
export function boundModel(
  model: Runnable<ChatModelInput, AIMessage, AIMessageChunk>,
  interceptors: readonly Interceptor[],
): Runnable<ChatModelInput, AIMessage, AIMessageChunk> {
  return interceptors.reduce((bound, around) => new ChatModelBinding({ bound, around }), model);
}
