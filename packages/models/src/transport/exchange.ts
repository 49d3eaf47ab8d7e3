import { AbortedError, LimitExceededError, ProtocolError } from '@pipewright/core';
import type { Guard } from './guard.js';
import { bodyFailure, requestFailure } from './network-failure.js';
import type { Place } from './place.js';

/** What is sent to a provider. */
export interface WireRequest {
  readonly url: string;
  readonly headers: Headers;
  readonly body: string;
}

/** Decoded bytes of one answer: far above any real one, far below what fills a memory. */
const BODY_LIMIT = 64 * 2 ** 20;
/** After the end marker, how long a connection may take to end its answer and so to be used again. */
const DRAIN_MS = 100;

/**
 * Sends a request and gives the exchange once the answer's headers are there, whatever their status.
 *
 * @throws ProtocolError for a redirect: it would carry the key to an address that nobody chose
 */
export async function send(
  request: WireRequest,
  fetcher: typeof fetch,
  guard: Guard,
  place: Place,
): Promise<Exchange> {
  const { url, ...rest } = request;
  // In an async function, so that a fetch that throws rejects instead.
  const sent = (async () =>
    fetcher(url, { ...rest, method: 'POST', redirect: 'manual', signal: guard.signal }))();
  let response: Response;
  try {
    response = await guard.wait(sent);
  } catch (error) {
    if (guard.stopped === undefined) throw requestFailure(error, place);
    // A fetch that does not heed the signal may still answer; nobody would close that connection.
    sent
      .then(
        (late) => late.body?.cancel(),
        () => {},
      )
      .catch(() => {});
    throw guard.stopped.reason;
  }
  const exchange = new Exchange(response, guard, place);
  if (!isRedirect(response)) return exchange;
  exchange.close();
  const message = `${place.host} answered with a redirect, which is not followed: it would take the key elsewhere. Set "baseURL" to the final address.`;
  throw new ProtocolError(message, response.status === 0 ? {} : { status: response.status });
}

function isRedirect({ type, redirected, status }: Response): boolean {
  return type === 'opaqueredirect' || redirected || [301, 302, 303, 307, 308].includes(status);
}

/** One request and its answer, whose bytes are read on demand. Close it when done, however it ended. */
export class Exchange {
  readonly response: Response;
  readonly #guard: Guard;
  readonly #place: Place;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  #size = 0;
  #over: boolean;

  constructor(response: Response, guard: Guard, place: Place) {
    this.response = response;
    this.#guard = guard;
    this.#place = place;
    this.#reader = response.body?.getReader();
    this.#over = this.#reader === undefined;
  }

  /**
   * The next bytes, undefined at the end.
   *
   * @throws the caller's reason, TimeoutError, StreamTruncatedError, ProtocolError, LimitExceededError
   */
  async read(): Promise<Uint8Array | undefined> {
    if (this.#reader === undefined || this.#over) return undefined;
    let step: ReadableStreamReadResult<Uint8Array>;
    try {
      step = await this.#guard.waitForBytes(this.#reader.read());
    } catch (error) {
      throw this.#guard.stopped === undefined ? bodyFailure(error, this.#place) : this.#guard.stopped.reason;
    }
    if (step.done) {
      this.#over = true;
      return undefined;
    }
    this.#size += step.value.byteLength;
    if (this.#size > BODY_LIMIT) {
      throw new LimitExceededError(
        'body',
        BODY_LIMIT,
        `The answer of ${this.#place.host} is larger than ${BODY_LIMIT} bytes.`,
      );
    }
    return step.value;
  }

  /** The rest of the body as text. Of one longer than `most` bytes, the beginning. */
  async text(most = Number.POSITIVE_INFINITY): Promise<string> {
    const decoder = new TextDecoder();
    let text = '';
    let size = 0;
    while (size < most) {
      const bytes = await this.read();
      if (bytes === undefined) break;
      text += decoder.decode(bytes.subarray(0, most - size), { stream: true });
      size += bytes.byteLength;
    }
    return text + decoder.decode();
  }

  /**
   * Closes the connection at once, unless the answer was read to its end. After the provider's own end marker
   * (`finished`) it may end by itself first, in the background, so that it can be used again.
   */
  close(finished = false): void {
    this.#guard.end();
    if (this.#over) return;
    if (finished && this.#guard.stopped === undefined) void this.#drain();
    else this.#cut();
  }

  #cut(): void {
    this.#reader?.cancel().catch(() => {});
    this.#guard.abandon(new AbortedError('The answer is not wanted any more.'));
  }

  async #drain(): Promise<void> {
    const timer = setTimeout(() => this.#cut(), DRAIN_MS);
    try {
      const step = await this.#reader?.read();
      if (step?.done !== true) this.#cut();
    } catch {
      // The answer is complete; how its connection ends concerns nobody.
    } finally {
      clearTimeout(timer);
    }
  }
}
