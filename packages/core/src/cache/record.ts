import { own } from '../flow/folds.js';
import type { AIMessage, AIMessageFields, UsageMetadata } from '../messages/ai.js';
import { whyNotKept } from './admission.js';
import type { LlmCacheOptions } from './cache-options.js';
import { NotPlainDataError } from './canonical.js';
import type { Answered } from './flight-plan.js';
import type { LlmRecord } from './llm-cache.js';
import { copyJson, copyPlain } from './plain.js';

/** How a hit is marked, in `response_metadata.cache` of the message. Its `usage_metadata` says what was billed: nothing. */
export interface CacheMark {
  readonly hit: true;
  /** Set when the answer came from a call that was under way. */
  readonly coalesced?: true;
  /** Set when the answer was past its time, and a new one is being fetched. */
  readonly stale?: true;
  /** What the answer would have cost. */
  readonly avoided_usage?: UsageMetadata;
}

export type MarkOptions = Pick<CacheMark, 'coalesced' | 'stale'>;

const FREE: UsageMetadata = Object.freeze({ input_tokens: 0, output_tokens: 0, total_tokens: 0 });

/** The fields of an answer as a caller gets it who did not pay for it. Shares nothing with what it was made from. */
export function unpaid(fields: AIMessageFields, mark: MarkOptions): AIMessageFields {
  const copy = copyPlain(fields) as { -readonly [Field in keyof AIMessageFields]: AIMessageFields[Field] };
  const metadata: Record<string, unknown> = copy.response_metadata ?? {};
  const cache: { -readonly [Field in keyof CacheMark]: CacheMark[Field] } = { hit: true };
  if (mark.coalesced) cache.coalesced = true;
  if (mark.stale) cache.stale = true;
  if (copy.usage_metadata !== undefined) {
    cache.avoided_usage = copy.usage_metadata;
    copy.usage_metadata = FREE;
  }
  metadata.cache = cache;
  copy.response_metadata = metadata;
  return copy;
}

/** An answer as plain data, and why it cannot be kept if it holds something else. */
export function dataOf(message: AIMessage): { readonly fields: AIMessageFields; readonly problem?: string } {
  const { type: _type, response_metadata, usage_metadata, ...rest } = message as AIMessage & { type: string };
  // An answer that a model inside this one had from a cache is kept as the answer it was.
  const { cache, ...metadata } = response_metadata;
  const usage = (cache as CacheMark | undefined)?.avoided_usage ?? usage_metadata;
  // Node 20 takes fifty times longer where the spread comes first.
  const fields = { response_metadata: metadata, usage_metadata: usage, ...rest } as AIMessageFields;
  try {
    return { fields: withoutEmpty(copyJson(fields)) };
  } catch (error) {
    if (!(error instanceof NotPlainDataError)) throw error;
    return { fields: copyPlain(fields), problem: error.message };
  }
}

/** What an answer has none of is left out: it would be copied for every hit, for nothing. */
function withoutEmpty(fields: AIMessageFields): AIMessageFields {
  const filled: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(fields)) {
    if (key === 'content' || !isEmpty(value)) own(filled, key, value);
  }
  return filled as unknown as AIMessageFields;
}

function isEmpty(value: unknown): boolean {
  return isObject(value) && Object.keys(value as object).length === 0;
}

/** The last moment that a Date can tell. What lasts for ever ends then: JSON has no Infinity. */
const LAST_MS = 8.64e15;

/** When a time of so many milliseconds is over. */
export function endOf(start: number, duration: number): number {
  return Math.min(start + duration, LAST_MS);
}

/** An answer as a cache keeps it, or why it may not be kept. */
export type Kept = { readonly record: LlmRecord } | { readonly reason: string };

export function recordOf(
  { fields, problem, pieces }: Answered,
  { ttl, staleFor = 0, tags }: Pick<LlmCacheOptions, 'ttl' | 'staleFor' | 'tags'>,
): Kept {
  const reason = problem ?? whyNotKept(fields);
  if (reason !== undefined) return { reason };
  const createdAt = Date.now();
  const expiresAt = ttl === undefined ? undefined : endOf(createdAt, ttl);
  const record: LlmRecord = {
    version: 1,
    message: fields,
    createdAt,
    ...(pieces && { pieces }),
    ...(expiresAt !== undefined && { expiresAt }),
    ...(expiresAt !== undefined && staleFor > 0 && { staleUntil: endOf(expiresAt, staleFor) }),
    ...(tags && { tags }),
  };
  return { record };
}

/** Whether what a cache gave is a record of ours. A cache may hold anything: another version, another program's data. */
export function isRecord(value: unknown): value is LlmRecord {
  if (typeof value !== 'object' || value === null) return false;
  const { version, message, pieces, createdAt, expiresAt, staleUntil, error } = value as Partial<LlmRecord>;
  return (
    version === 1 &&
    isMessage(message) &&
    isTime(createdAt) &&
    isTime(expiresAt) &&
    isTime(staleUntil) &&
    (pieces === undefined ||
      (Array.isArray(pieces) && pieces.every((length) => Number.isSafeInteger(length)))) &&
    (error === undefined || typeof error?.message === 'string')
  );
}

function isTime(value: unknown): boolean {
  return value === undefined || typeof value === 'number';
}

function isMessage(message: unknown): boolean {
  if (typeof message !== 'object' || message === null) return false;
  const { content, tool_calls, invalid_tool_calls, response_metadata, additional_kwargs, usage_metadata } =
    message as Partial<AIMessageFields>;
  return (
    (typeof content === 'string' || (Array.isArray(content) && content.every(isObject))) &&
    (tool_calls === undefined || (Array.isArray(tool_calls) && tool_calls.every(isObject))) &&
    (invalid_tool_calls === undefined ||
      (Array.isArray(invalid_tool_calls) && invalid_tool_calls.every(isObject))) &&
    (response_metadata === undefined || isObject(response_metadata)) &&
    (additional_kwargs === undefined || isObject(additional_kwargs)) &&
    (usage_metadata === undefined || isObject(usage_metadata))
  );
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}
