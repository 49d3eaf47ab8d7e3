import type { ProviderError } from '@pipewright/core';
import type { Clock } from '@pipewright/core';
import type { Exchange } from './exchange.js';
import { failureOf } from './failure.js';
import { excerpt, type Place } from './place.js';
import { refusalIn, type Refusal } from './refusal.js';
import { retryAfter } from './retry-after.js';

/** An error's body is read so far: enough for any explanation. */
const ERROR_BODY_BYTES = 8 * 1024;
/** And waited for so long. */
const ERROR_BODY_MS = 5000;

/** The typed error for an answer whose status is no success. */
export async function refusedResponse(
  exchange: Exchange,
  place: Place,
  clock: Clock,
): Promise<ProviderError> {
  const { status, headers } = exchange.response;
  const requestId = headers.get('x-request-id') ?? headers.get('request-id');
  const shouldRetry = headers.get('x-should-retry');
  const circumstances = {
    status,
    requestId: requestId === null ? undefined : excerpt(requestId, place),
    retryAfterMs: retryAfter(headers, () => clock.date()),
    shouldRetry: shouldRetry === 'true' ? true : shouldRetry === 'false' ? false : undefined,
  };
  return failureOf(await refusalOf(exchange), circumstances, place);
}

async function refusalOf(exchange: Exchange): Promise<Refusal> {
  const text = await explanation(exchange);
  try {
    const refusal = refusalIn(JSON.parse(text), true);
    if (refusal !== undefined) return refusal;
  } catch {
    // Not JSON, or cut: then its words are shown, unless they are a web page.
  }
  if (/^\s*</.test(text)) return { codes: [], message: '(a web page: a proxy or gateway answered)' };
  return { codes: [], ...(text.trim() !== '' && { message: text }) };
}

/** The status alone tells enough: a body that stalls or breaks off is taken as far as it came. */
async function explanation(exchange: Exchange): Promise<string> {
  const timer = setTimeout(() => exchange.close(), ERROR_BODY_MS);
  try {
    return await exchange.text(ERROR_BODY_BYTES);
  } catch {
    return '';
  } finally {
    clearTimeout(timer);
    exchange.close();
  }
}
