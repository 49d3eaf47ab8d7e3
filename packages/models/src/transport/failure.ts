import {
  AuthError,
  ContentFilteredError,
  ContextTooLongError,
  ModelNotFoundError,
  ProviderError,
  QuotaExhaustedError,
  RateLimitedError,
  type ProviderErrorOptions,
} from '@pipewright/core';
import { excerpt, type Place } from './place.js';
import type { Refusal } from './refusal.js';

type Kind = 'quota' | 'rateLimit' | 'auth' | 'notFound' | 'tooLong' | 'filtered' | 'transient' | 'other';

/** What is known of a failure besides the provider's own words. */
export interface Circumstances {
  readonly status?: number | undefined;
  readonly requestId?: string | undefined;
  readonly retryAfterMs?: number | undefined;
  /** The server's own word on whether another try makes sense. */
  readonly shouldRetry?: boolean | undefined;
}

/** The typed error for a request that a provider refused, by status, by an error object in its answer, or both. */
export function failureOf(refusal: Refusal, circumstances: Circumstances, place: Place): ProviderError {
  const { requestId, retryAfterMs, shouldRetry } = circumstances;
  const status = circumstances.status ?? refusal.status;
  const kind = kindOf(refusal, status);
  const options: ProviderErrorOptions = {
    retryable: shouldRetry ?? (kind === 'rateLimit' || kind === 'transient'),
    ...(status !== undefined && { status }),
    ...(requestId !== undefined && { requestId }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
  const message = sentence(kind, refusal, { status, retryAfterMs }, place);
  return new ERROR[kind](message, options);
}

const ERROR = {
  quota: QuotaExhaustedError,
  rateLimit: RateLimitedError,
  auth: AuthError,
  notFound: ModelNotFoundError,
  tooLong: ContextTooLongError,
  filtered: ContentFilteredError,
  transient: ProviderError,
  other: ProviderError,
} as const satisfies Record<Kind, typeof ProviderError>;

/** The provider's own codes and types say more than the status, and inside a stream there is no status at all. */
const BY_CODE: readonly (readonly [RegExp, Kind])[] = [
  [/^(insufficient_quota|billing_\w+|insufficient_(credits|balance|funds)|credit_\w+)$/i, 'quota'],
  [/^(context_length_exceeded|context_window_exceeded|request_too_large)$/i, 'tooLong'],
  [
    /^(content_filter(ed)?|content_policy_violation|responsibleaipolicyviolation|moderation_\w+)$/i,
    'filtered',
  ],
  [/^(rate_limit\w*|too_many_requests|requests|tokens)$/i, 'rateLimit'],
  [
    /^(invalid_api_key|authentication_error|permission_error|permission_denied|unauthorized|forbidden)$/i,
    'auth',
  ],
  [/^(model_not_found|not_found_error|deployment_?notfound)$/i, 'notFound'],
  [
    /^(server_error|internal_(server_)?error|api_error|overloaded\w*|service_unavailable|timeout\w*)$/i,
    'transient',
  ],
];

/** Servers without codes of their own tell an overlong conversation in words only. For short texts: not linear. */
const TOO_LONG =
  /(maximum|model'?s?) context (length|window|size)|context[_ ](length|window|size) exceeded|exceed\w* .{0,40}context|prompt is too long/i;

const TRANSIENT: ReadonlySet<number> = new Set([408, 409, 425, 500, 502, 503, 504, 529]);

function kindOf({ codes, message }: Refusal, status: number | undefined): Kind {
  for (const [pattern, kind] of BY_CODE) if (codes.some((code) => pattern.test(code))) return kind;
  if (
    (status === undefined || status === 400 || status === 422) &&
    TOO_LONG.test(message?.slice(0, 1000) ?? '')
  )
    return 'tooLong';
  if (status === undefined) return 'other';
  if (status === 401 || status === 403) return 'auth';
  if (status === 402) return 'quota';
  if (status === 404) return 'notFound';
  if (status === 413) return 'tooLong';
  if (status === 429) return 'rateLimit';
  return TRANSIENT.has(status) || status >= 500 ? 'transient' : 'other';
}

function sentence(
  kind: Kind,
  refusal: Refusal,
  { status, retryAfterMs }: Circumstances,
  place: Place,
): string {
  const { host, model } = place;
  const what = {
    quota: `The account's quota at ${host} is used up. Add credit or use another key; waiting does not help`,
    rateLimit: `${host} limits the rate of requests. Send fewer at once, or come back ${later(retryAfterMs)}`,
    auth: `${host} does not accept the API key. Check that it is set, valid and allowed to use "${model}"`,
    notFound: `${host} knows no model "${model}" at this address. Check "model" and "baseURL"`,
    tooLong: `The conversation is too long for "${model}" at ${host}. Shorten it, for example with trimMessages`,
    filtered: `The content filter of ${host} refused the request. Change what is asked`,
    transient: `${host} failed for the moment. Try again ${later(retryAfterMs)}`,
    other: `${host} refused the request`,
  }[kind];
  const code = refusal.codes[0] === undefined ? undefined : excerpt(refusal.codes[0], place, 60);
  const origin = [status === undefined ? undefined : `HTTP ${status}`, code].filter(
    (part) => part !== undefined,
  );
  const own = refusal.message === undefined ? '' : ` It says: ${excerpt(refusal.message, place, 500)}`;
  return `${what}${origin.length === 0 ? '' : ` (${origin.join(', ')})`}.${own}`;
}

function later(retryAfterMs: number | undefined): string {
  return retryAfterMs === undefined ? 'later' : `in ${Math.ceil(retryAfterMs / 1000)} s`;
}
