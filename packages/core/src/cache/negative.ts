import { ContentFilteredError, ContextTooLongError, PipewrightError, ProviderError } from '../errors.js';
import type { LlmRecord, LlmRecordError } from './llm-cache.js';
import { endOf } from './record.js';

const REFUSALS: ReadonlySet<string> = new Set(['CONTEXT_TOO_LONG', 'CONTENT_FILTERED']);

/** Requests that are refused with one of these are refused every time. */
const DETERMINISTIC: ReadonlySet<number> = new Set([400, 413, 422]);

/** A refusal as a record, if the same request would be refused again; not what waiting or a new key can cure. */
export function refusalOf(error: unknown, now: number, ttl: number): LlmRecord | undefined {
  if (!PipewrightError.isInstance(error) || error.retryable) return undefined;
  const { name, code, message } = error;
  const { status } = error as ProviderError;
  // Some providers refuse a bad key or an empty account with 400 as well: only where nothing more is known, the status counts.
  const again = code === 'PROVIDER' ? DETERMINISTIC.has(status ?? 0) : REFUSALS.has(code);
  if (!again) return undefined;
  const kept: LlmRecordError = { name, code, message, ...(status !== undefined && { status }) };
  return { version: 1, message: { content: '' }, createdAt: now, expiresAt: endOf(now, ttl), error: kept };
}

/** The kept refusal as the error it was. */
export function errorOf({ code, message, status }: LlmRecordError): ProviderError {
  const options = status === undefined ? {} : { status };
  if (code === 'CONTEXT_TOO_LONG') return new ContextTooLongError(message, options);
  if (code === 'CONTENT_FILTERED') return new ContentFilteredError(message, options);
  return new ProviderError(message, options);
}
