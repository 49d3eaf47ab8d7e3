import type { BaseChatModelFields } from '@pipewright/core';
import type { Clock } from '@pipewright/core';
import type { ApiKey } from './credentials.js';

/** How the endpoint is reached. */
export interface ChatOpenAIConfiguration {
  /** The same as `baseURL` beside it. */
  readonly baseURL?: string;
  /** Sent with each request; one of the same name as a header of ours counts. */
  readonly defaultHeaders?: Readonly<Record<string, string>>;
  /** Used in place of the platform's fetch. Redirects are refused whatever it does. */
  readonly fetch?: typeof fetch;
  readonly organization?: string;
  readonly project?: string;
}

export interface ChatOpenAIFields extends BaseChatModelFields {
  /** Name of the model, as the endpoint knows it. */
  readonly model: string;
  /** A key, or a function that gives one for each request. Default: OPENAI_API_KEY of the environment. */
  readonly apiKey?: ApiKey | undefined;
  /** Default: OPENAI_BASE_URL of the environment, else OpenAI's own. A base of your own needs no key. */
  readonly baseURL?: string | undefined;
  readonly configuration?: ChatOpenAIConfiguration | undefined;
  /** How daring the answers are. Default: the provider's. */
  readonly temperature?: number | undefined;
  /** Upper bound of the answer, in tokens. Default: the provider's. */
  readonly maxTokens?: number | undefined;
  readonly topP?: number | undefined;
  readonly seed?: number | undefined;
  /** Texts that end the answer. */
  readonly stop?: readonly string[] | undefined;
  /** Further fields of the request's body, as they are. */
  readonly modelKwargs?: Readonly<Record<string, unknown>> | undefined;
  /** Whether `invoke` and `batch` stream inside as well, which keeps long answers from timing out. Default false. */
  readonly streaming?: boolean | undefined;
  /** Whether streams ask for token counts at their end; some servers refuse that. Default true. */
  readonly streamUsage?: boolean | undefined;
  /** Limit of a call in milliseconds, retries included. Default 600 000. */
  readonly timeout?: number | undefined;
  /** Limit from sending a streamed request to its first event, in milliseconds. Default 180 000. */
  readonly firstEventTimeout?: number | undefined;
  /** Limit of any silence in the middle of an answer, in milliseconds. Default 120 000. */
  readonly idleTimeout?: number | undefined;
  /** Further tries when a request fails for a passing reason before anything was given out. Default 2. */
  readonly maxRetries?: number | undefined;
  /** Name in events and graphs. Default "ChatOpenAI". */
  readonly name?: string | undefined;
  /** Time and chance for retries, to be replaced in tests. */
  readonly clock?: Clock | undefined;
}
