import type { ModelCallOptions } from '../engine/config.js';
import { AIMessage, type ToolCall } from '../messages/ai.js';
import type { BaseMessage, ChatMessage, ToolMessage } from '../messages/message.js';
import { canonical, canonicalFields, NotPlainDataError } from './canonical.js';
import type { LlmRequest } from './llm-cache.js';

/** Version of the key's layout: raised whenever what goes into a key, or how, changes. */
const KEY_VERSION = 'pipewright-llm-3';

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
const NONE = canonical(NO_EPOCHS);

/** Describes a call to a cache, unless some part of it is not plain data and so cannot be told from another. */
export function describeCall({
  model,
  messages,
  options,
  scope = '',
  epochs = NO_EPOCHS,
}: CallParts): Described {
  const special = specialOptions(options as Plain);
  const request = {
    model: model.name,
    identity: model.identity(),
    scope,
    epochs,
    messages: describeMessages(messages),
    tools: special.tools,
    toolChoice: special.toolChoice ?? special.tool_choice,
    responseFormat: special.responseFormat ?? special.response_format,
    parameters: special.parameters,
    sample: 0,
    key: '',
  };
  try {
    request.key = keyOf(request);
    return { request };
  } catch (error) {
    if (error instanceof NotPlainDataError) return { reason: reasonOf(request) ?? error.message };
    throw error;
  }
}

interface SpecialOptions {
  readonly tools?: unknown;
  readonly toolChoice?: unknown;
  readonly tool_choice?: unknown;
  readonly responseFormat?: unknown;
  readonly response_format?: unknown;
  readonly parameters: Plain;
}

/** Sets the options that have a place of their own in a request apart from the others. */
function specialOptions(options: Plain): SpecialOptions {
  for (const _any in options) {
    const { tools, toolChoice, tool_choice, responseFormat, response_format, ...parameters } = options;
    return { tools, toolChoice, tool_choice, responseFormat, response_format, parameters };
  }
  return { parameters: options };
}

/** Where in the call the part is that cannot be written down. */
function reasonOf(parts: object): string | undefined {
  try {
    canonical(parts);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Each part by its place, in canonical text, which tells where it ends: no text in one can be taken for another. */
function keyOf(parts: LlmRequest): string {
  const { model, identity, scope, epochs, messages, tools, toolChoice, responseFormat, parameters } = parts;
  let text = `${KEY_VERSION}:${canonical(model)}${canonical(identity)}${canonical(scope)}${epochs === NO_EPOCHS ? NONE : canonical(epochs)}`;
  text += `${canonical(parameters)}${canonical(tools)}${canonical(toolChoice)}${canonical(responseFormat)}`;
  text += `${messages.length};`;
  for (const message of messages) text += canonicalFields(message, MESSAGE_FIELDS);
  return text;
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
const MESSAGE_FIELDS = [
  'type',
  'content',
  'name',
  'additional_kwargs',
  'tool_calls',
  'invalid_tool_calls',
  'tool_call_id',
  'status',
  'role',
] as const;

function describeMessages(messages: readonly BaseMessage[]): readonly Plain[] {
  let numbers: Map<string, number> | undefined;
  const numberOf = (id: string | undefined): string | number | undefined =>
    id === undefined ? undefined : (numbers?.get(id) ?? id);
  const numbered = ({ id, name, args }: ToolCall): Plain => {
    numbers ??= new Map();
    if (id !== undefined && !numbers.has(id)) numbers.set(id, numbers.size);
    return { args, id: numberOf(id), name };
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
      additional_kwargs: unlessEmpty(additional_kwargs),
      tool_calls: unlessEmpty(tool_calls)?.map(numbered),
      invalid_tool_calls: unlessEmpty(invalid_tool_calls),
      tool_call_id: numberOf(tool_call_id),
      status,
      role,
    };
  });
}

/** The empty values that all messages share, so that most need no closer look. */
const {
  additional_kwargs: NO_DATA,
  tool_calls: NO_CALLS,
  invalid_tool_calls: NO_INVALID,
} = new AIMessage('');

/** What says nothing is left out, however it is written. */
function unlessEmpty<T extends object>(value: T | undefined): T | undefined {
  if (value === undefined || value === NO_DATA || value === NO_CALLS || value === NO_INVALID)
    return undefined;
  // Symbols and hidden members are no members to Object.keys, but they are something.
  return Reflect.ownKeys(value).length > (Array.isArray(value) ? 1 : 0) ? value : undefined;
}
