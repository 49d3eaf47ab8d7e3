import type { ModelCallOptions } from '@pipewright/core';
import type { ChatCodec, Credentials } from '../transport/chat-codec.js';
import { isObject } from '../transport/json.js';
import type { Address } from './address.js';
import { ChatCompletionReader } from './answer.js';
import { wireMessages } from './messages.js';

/** What a model brings to each of its requests. */
export interface ChatCompletionSettings {
  readonly model: string;
  readonly temperature?: number | undefined;
  readonly maxTokens?: number | undefined;
  readonly topP?: number | undefined;
  readonly seed?: number | undefined;
  readonly stop?: readonly string[] | undefined;
  readonly modelKwargs?: Readonly<Record<string, unknown>> | undefined;
  readonly streamUsage: boolean;
}

/** How chat completions are asked for, and read. */
export function chatCompletions(
  settings: ChatCompletionSettings,
  address: Address,
  headers: () => Promise<Credentials>,
): ChatCodec {
  return {
    url: address.url,
    model: settings.model,
    endMarker: '[DONE]',
    headers,
    answer: () => new ChatCompletionReader(settings.model),
    body: (messages, options, streamed) => ({
      ...parameters(settings, options, address),
      messages: wireMessages(messages),
      ...streaming(settings, options, streamed),
    }),
  };
}

/** The options of the call count before the model's own; what is undefined is left out of the JSON. */
function parameters(
  settings: ChatCompletionSettings,
  options: ModelCallOptions,
  { isOpenAI }: Address,
): object {
  const { model } = settings;
  const stop = options.stop ?? settings.stop;
  const maxTokens = options.maxTokens ?? settings.maxTokens;
  // OpenAI's newer models refuse the old name, and most other servers only know that.
  const isNewName = isOpenAI || /^(o\d|gpt-5)/.test(model);
  return {
    model,
    temperature: options.temperature ?? settings.temperature,
    top_p: options.topP ?? settings.topP,
    seed: options.seed ?? settings.seed,
    stop: stop === undefined || stop.length === 0 ? undefined : stop,
    [isNewName ? 'max_completion_tokens' : 'max_tokens']: maxTokens,
    tools: options.tools,
    tool_choice: options.tool_choice,
    response_format: options.response_format,
    ...kwargs(settings, options),
  };
}

function streaming(settings: ChatCompletionSettings, options: ModelCallOptions, streamed: boolean): object {
  if (!streamed) return { stream: false, stream_options: undefined };
  const given = kwargs(settings, options).stream_options;
  const usage = settings.streamUsage ? { include_usage: true } : undefined;
  return { stream: true, stream_options: isObject(given) ? { ...usage, ...given } : usage };
}

function kwargs(
  settings: ChatCompletionSettings,
  options: ModelCallOptions,
): Readonly<Record<string, unknown>> {
  return { ...settings.modelKwargs, ...options.modelKwargs };
}
