import { ProtocolError, StreamTruncatedError, TimeoutError, type AIMessageChunk } from '@pipewright/core';
import { ServerEvents, type ServerEvent } from '../sse.js';
import { MalformedAnswer, RefusedAnswer, type AnswerReader, type ChatCodec } from './chat-codec.js';
import type { Exchange } from './exchange.js';
import { failureOf } from './failure.js';
import type { Guard } from './guard.js';
import { JsonExtent } from './json-extent.js';
import { truncated } from './network-failure.js';
import { excerpt, type Place } from './place.js';
import { refusalIn } from './refusal.js';

/** An answer that has begun, with a status that says success. */
export interface OpenAnswer {
  readonly exchange: Exchange;
  readonly guard: Guard;
  readonly place: Place;
  readonly codec: ChatCodec;
}

/** The chunks of an answer, whatever form it came in. Closes the exchange, however it ends. */
export async function* readAnswer({
  exchange,
  guard,
  place,
  codec,
}: OpenAnswer): AsyncGenerator<AIMessageChunk, void> {
  const reader = codec.answer();
  let ended = false;
  try {
    const type = exchange.response.headers.get('content-type') ?? '';
    if (/\bjson\b/i.test(type)) {
      yield* wholeAnswer(await exchange.text(), reader, place);
      return;
    }
    if (/\bx?html\b/i.test(type)) throw notAnAnswer(await exchange.text(PAGE_BYTES), 'a web page', place);

    const events = new ServerEvents();
    let count = 0;
    for (let more = true; more; ) {
      const bytes = await nextBytes(exchange, reader);
      more = bytes !== undefined;
      for (const event of bytes === undefined ? events.end() : events.push(bytes)) {
        count += 1;
        guard.answered();
        if (event.data.trim() === codec.endMarker) {
          ended = true;
          yield reader.end(notesOn(events));
          return;
        }
        const json = jsonOf(event, count, place);
        const chunk = json === undefined ? undefined : reader.event(json);
        if (chunk !== undefined) yield chunk;
      }
      if (events.failure !== undefined) throw events.failure;
    }
    if (count === 0 && events.stray !== '') yield* wholeAnswer(events.stray, reader, place);
    else if (reader.finished) yield reader.end({ ...notesOn(events), end_marker: 'missing' });
    else throw truncated(`The answer of ${place.host} ended before it was complete.`);
  } catch (error) {
    throw told(error, place);
  } finally {
    exchange.close(ended);
  }
}

const PAGE_BYTES = 8 * 1024;

/** Once the provider has said why it stopped, a connection that breaks off or stalls takes nothing from the answer. */
async function nextBytes(exchange: Exchange, reader: AnswerReader): Promise<Uint8Array | undefined> {
  try {
    return await exchange.read();
  } catch (error) {
    const harmless =
      error instanceof StreamTruncatedError || (error instanceof TimeoutError && error.phase === 'idle');
    if (reader.finished && harmless) return undefined;
    throw error;
  }
}

/** An answer that came as one JSON text. */
function* wholeAnswer(text: string, reader: AnswerReader, place: Place): Generator<AIMessageChunk, void> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    const isCut = text.trim() === '' || (/^\s*[{[]/.test(text) && !new JsonExtent().push(text).closed);
    if (isCut) throw truncated(`The answer of ${place.host} ended before it was complete.`);
    throw notAnAnswer(text, 'neither JSON nor an event stream', place);
  }
  refuseIfReported(json);
  const chunk = reader.whole(json);
  if (chunk !== undefined) yield chunk;
  yield reader.end({});
}

/** The data of an event; undefined when it is empty, as keep-alives are, or cut by the end of the body. */
function jsonOf({ data, name, unfinished }: ServerEvent, number: number, place: Place): unknown {
  if (data.trim() === '') return undefined;
  let json: unknown;
  try {
    json = JSON.parse(data);
  } catch {
    if (unfinished) return undefined;
    throw new MalformedAnswer(`has an event (number ${number}) that is not JSON: ${excerpt(data, place)}`);
  }
  refuseIfReported(json, name === 'error');
  return json;
}

function refuseIfReported(json: unknown, failed = false): void {
  if (refusalIn(json, failed) !== undefined) throw new RefusedAnswer(json);
}

function notesOn(events: ServerEvents): Readonly<Record<string, unknown>> {
  return events.replaced ? { replacement_characters: true } : {};
}

function notAnAnswer(text: string, what: string, place: Place): ProtocolError {
  const message = `${place.host} answered with ${what}. Check "baseURL". It begins: ${excerpt(text, place)}`;
  return new ProtocolError(message);
}

/** What a codec throws, as the error that the caller sees. */
function told(error: unknown, place: Place): unknown {
  if (error instanceof RefusedAnswer)
    return failureOf(refusalIn(error.json, true) ?? { codes: [] }, {}, place);
  if (error instanceof MalformedAnswer)
    return new ProtocolError(`The answer of ${place.host} ${error.message}`);
  return error;
}
