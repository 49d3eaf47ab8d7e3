import type { ModelCallOptions } from '../engine/config.js';
import { ConfigError } from '../errors.js';
import type { AIMessage, ToolCall } from '../messages/ai.js';
import type { BaseMessage, ChatMessage, ToolMessage } from '../messages/message.js';
import { canonical, NotPlainDataError } from './canonical.js';
import type { LlmRequest } from './llm-cache.js';
import { describeTools } from './tool-description.js';

/** Version of the key's layout: raised whenever what goes into a key, or how, changes. */
const KEY_VERSION = 'pipewright-llm-2';

/** What a call is made of, before it is described. */
export interface CallParts {
  readonly model: { readonly name: string; identity(): Readonly<Record<string, unknown>> };
  readonly messages: readonly BaseMessage[];
  readonly options: ModelCallOptions;
  readonly scope: string | undefined;
  readonly epochs: Readonly<Record<string, string | number>> | undefined;
}

/** A call as a cache sees it, or why it cannot be told from others. */
export type Described = { readonly request: LlmRequest } | { readonly reason: string };

const NO_EPOCHS: Readonly<Record<string, string | number>> = Object.freeze({});

/** Describes a call to a cache, unless some part of it is not plain data and so cannot be told from another. */
export function describeCall({ model, messages, options, scope, epochs }: CallParts): Described {
  const { tools, toolChoice, tool_choice, responseFormat, response_format, ...parameters } =
    options as Readonly<Record<string, unknown>>;
  try {
    const parts = {
      model: model.name,
      identity: model.identity(),
      messages: describeMessages(messages),
      tools: describeTools(tools),
      toolChoice: toolChoice ?? tool_choice,
      responseFormat: responseFormat ?? response_format,
      parameters,
      scope: scope ?? '',
      epochs: epochs ?? NO_EPOCHS,
      sample: 0,
    };
    return { request: { ...parts, key: `${KEY_VERSION}:${canonical(parts)}` } };
  } catch (error) {
    // A tool's schema that cannot be written down is the provider's to complain of.
    if (error instanceof NotPlainDataError || error instanceof ConfigError) return { reason: error.message };
    throw error;
  }
}

/** The same request for another of several kept answers. The number leads, so that no text can imitate it. */
export function withSample(request: LlmRequest, sample: number): LlmRequest {
  return sample === 0 ? request : { ...request, sample, key: `${sample}/${request.key}` };
}

type Plain = Readonly<Record<string, unknown>>;

/**
 * The fields of messages that a provider is sent. Ids, token counts and notes on earlier answers are not. The id of a
 * tool call, which is new each time, stands as the number of the call, which says the same.
 */
function describeMessages(messages: readonly BaseMessage[]): readonly Plain[] {
  let numbers: Map<string, number> | undefined;
  const numberOf = (id: string | undefined): string | number | undefined => {
    return id === undefined ? undefined : (numbers?.get(id) ?? id);
  };
  const number = (call: ToolCall): Plain => {
    const { id, name, args } = call;
    numbers ??= new Map();
    if (id !== undefined && !numbers.has(id)) numbers.set(id, numbers.size);
    return { id: numberOf(id), name, args };
  };
  return messages.map((message) => {
    const { type, content, name, additional_kwargs } = message;
    const { tool_calls, invalid_tool_calls } = message as AIMessage;
    const { tool_call_id, status } = message as ToolMessage;
    const { role } = message as ChatMessage;
    return {
      type,
      content,
      name,
      additional_kwargs,
      tool_calls: tool_calls?.map(number),
      invalid_tool_calls,
      tool_call_id: numberOf(tool_call_id),
      status,
      role,
    };
  });
}
