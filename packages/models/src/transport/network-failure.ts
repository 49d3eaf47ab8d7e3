import {
  PipewrightError,
  ProtocolError,
  ProviderError,
  StreamTruncatedError,
  TimeoutError,
  type TimeoutPhase,
} from '@pipewright/core';
import { safeCause, type Place } from './place.js';

/** Limits of the platform's own, which cannot be set through fetch. */
const PLATFORM_TIMEOUT: Readonly<Record<string, readonly [TimeoutPhase, number]>> = {
  UND_ERR_CONNECT_TIMEOUT: ['connect', 10_000],
  UND_ERR_HEADERS_TIMEOUT: ['firstEvent', 300_000],
  UND_ERR_BODY_TIMEOUT: ['idle', 300_000],
};

const TLS =
  /^(CERT_|ERR_TLS_|ERR_SSL_|SELF_SIGNED_|DEPTH_ZERO_|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_CA|EPROTO)/;
const GARBLED = /^(HPE_|UND_ERR_HEADERS_OVERFLOW|UND_ERR_RES|Z_|ERR__ERROR_FORMAT)/;

/** Whether the bytes were not HTTP, or not what their headers announced. Not every version of Node gives a code for it. */
function isGarbled(code: string, cause: Error): boolean {
  const inner = cause.cause instanceof Error ? cause.cause : cause;
  return GARBLED.test(code) || inner.name === 'HTTPParserError' || /content-encoding/i.test(inner.message);
}

/** The typed error for a request that got no answer. */
export function requestFailure(error: unknown, place: Place): Error {
  if (PipewrightError.isInstance(error)) return error;
  const { host } = place;
  const code = codeOf(error);
  const cause = safeCause(error, place);
  const timeout = platformTimeout(code, host, cause);
  if (timeout !== undefined) return timeout;
  if (isGarbled(code, cause)) {
    return new ProtocolError(
      `The answer of ${host} cannot be read (${code || 'no code'}). Check "baseURL".`,
      { cause },
    );
  }
  if (TLS.test(code)) {
    return new ProviderError(
      `No secure connection to ${host} (${code}). Check its certificate, the system's clock and whether "baseURL" should be http.`,
      { cause },
    );
  }
  // Where the platform gives no code (browsers), a network failure is a TypeError; anything else is fetch's own fault.
  const retryable = code !== '' || error instanceof TypeError;
  const advice =
    ADVICE[code] ?? 'Check the network, and that "baseURL" is right and may be reached from here.';
  return new ProviderError(`No connection to ${host}${code === '' ? '' : ` (${code})`}. ${advice}`, {
    cause,
    retryable,
  });
}

const ADVICE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'Nothing listens there: check "baseURL" and that the server runs.',
  ENOTFOUND: 'There is no such host: check "baseURL" and the name service.',
  EAI_AGAIN: 'The name service does not answer: check the network.',
};

/** The typed error for an answer that broke off. */
export function bodyFailure(error: unknown, place: Place): Error {
  const { host } = place;
  const code = codeOf(error);
  const cause = safeCause(error, place);
  const timeout = platformTimeout(code, host, cause);
  if (timeout !== undefined) return timeout;
  if (isGarbled(code, cause)) {
    return new ProtocolError(
      `The answer of ${host} is garbled (${code || 'no code'}). A proxy in between may have changed it.`,
      { cause },
    );
  }
  return truncated(
    `The connection to ${host} broke in the middle of the answer${code === '' ? '' : ` (${code})`}.`,
    cause,
  );
}

/** The answer ended, or its connection did, before the provider said that it was complete. */
export function truncated(what: string, cause?: Error): StreamTruncatedError {
  const message = `${what} What had arrived is in "partial"; ask again for the whole.`;
  return new StreamTruncatedError(message, { retryable: true, ...(cause && { cause }) });
}

function platformTimeout(code: string, host: string, cause: Error): TimeoutError | undefined {
  const [phase, limit] = PLATFORM_TIMEOUT[code] ?? [];
  if (phase === undefined || limit === undefined) return undefined;
  const advice =
    phase === 'connect'
      ? 'Check the network and "baseURL".'
      : 'Streaming gets an answer going sooner: use stream(), or set "streaming: true". Or give a "fetch" with longer limits.';
  return new TimeoutError(phase, limit, `The platform's fetch gave up on ${host} (${code}). ${advice}`, {
    cause,
  });
}

/** The system's code of an error: the platform's fetch hides it in the cause, or in the causes of several attempts. */
function codeOf(error: unknown, depth = 0): string {
  if (typeof error !== 'object' || error === null || depth > 4) return '';
  const { code, cause, errors } = error as {
    readonly code?: unknown;
    readonly cause?: unknown;
    readonly errors?: unknown;
  };
  if (typeof code === 'string' && /^[A-Z][A-Z0-9_]*$/.test(code)) return code;
  return codeOf(cause, depth + 1) || (Array.isArray(errors) ? codeOf(errors[0], depth + 1) : '');
}
