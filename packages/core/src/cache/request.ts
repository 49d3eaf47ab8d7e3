import type { ModelCallOptions } from '../engine/config.js';
import type { BaseMessage } from '../messages/message.js';
import type { LlmCacheOptions } from './cache-options.js';
import { canonical, NotPlainDataError, optionalPart } from './canonical.js';
import { describeMessages, messageText } from './described-messages.js';
import type { LlmRequest } from './llm-cache.js';
import { modelText } from './model-text.js';

/** Version of the key's layout: raised whenever what goes into a key, or how, changes. */
const KEY_VERSION = 'pipewright-llm-5';

/** What a call is made of, before it is described. */
export interface CallParts {
  readonly model: { readonly name: string; identity(): Readonly<Record<string, unknown>> };
  readonly messages: readonly BaseMessage[];
  readonly options: ModelCallOptions;
}

/** A call as a cache sees it, or why it cannot be told from others. */
export type Described = { readonly request: LlmRequest } | { readonly reason: string };

const NO_EPOCHS: Readonly<Record<string, string | number>> = Object.freeze({});
const NONE = /* @__PURE__ */ canonical(NO_EPOCHS);

/** Describes a call to a cache, unless some part of it is not plain data and so cannot be told from another. */
export function describeCall(
  { model, messages, options }: CallParts,
  { scope = '', epochs = NO_EPOCHS }: Pick<LlmCacheOptions, 'scope' | 'epochs'>,
): Described {
  const special = specialOptions(options as Plain);
  const request = {
    model: model.name,
    identity: model.identity(),
    scope,
    epochs,
    messages: describeMessages(messages),
    tools: special.tools,
    toolChoice: special.toolChoice,
    responseFormat: special.responseFormat,
    parameters: special.parameters,
    sample: 0,
    key: '',
  };
  try {
    request.key = keyOf(model, request);
    return { request };
  } catch (error) {
    if (error instanceof NotPlainDataError) return { reason: reasonOf(request) ?? error.message };
    throw error;
  }
}

type Plain = Readonly<Record<string, unknown>>;

interface SpecialOptions {
  readonly tools?: unknown;
  readonly toolChoice?: unknown;
  readonly responseFormat?: unknown;
  readonly parameters: Plain;
}

/**
 * Sets the options that have a place of their own in a request apart from the others. Given in both spellings, one stays
 * with the others: which of them counts is the model's affair.
 */
function specialOptions(options: Plain): SpecialOptions {
  for (const _any in options) {
    const { tools, toolChoice, tool_choice, responseFormat, response_format, ...others } = options;
    const parameters: Record<string, unknown> = others;
    if (toolChoice !== undefined && tool_choice !== undefined) parameters.tool_choice = tool_choice;
    if (responseFormat !== undefined && response_format !== undefined) {
      parameters.response_format = response_format;
    }
    return {
      tools,
      toolChoice: toolChoice ?? tool_choice,
      responseFormat: responseFormat ?? response_format,
      parameters,
    };
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

/** Each part in canonical text, which tells where it ends: no text in one can be taken for another. */
function keyOf(model: object, request: LlmRequest): string {
  const { scope, epochs, parameters, messages, tools, toolChoice, responseFormat } = request;
  const written = epochs === NO_EPOCHS ? NONE : canonical(epochs);
  const settings = `${canonical(scope)}${written}${canonical(parameters)}${messages.length};`;
  let text = `${KEY_VERSION}:${modelText(model, request)}${settings}`;
  for (const message of messages) text += messageText(message);
  return `${text}${optionalPart(0, tools)}${optionalPart(1, toolChoice)}${optionalPart(2, responseFormat)}`;
}

/** The same request for another of several kept answers. The number leads, so that no text can imitate it. */
export function withSample(request: LlmRequest, sample: number): LlmRequest {
  return sample === 0 ? request : { ...request, sample, key: `${sample}/${request.key}` };
}
