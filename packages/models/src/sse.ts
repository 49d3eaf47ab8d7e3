import { LimitExceededError } from '@pipewright/core';
import { createParser, type EventSourceParser, type ParseError } from 'eventsource-parser';

/** One server-sent event. */
export interface ServerEvent {
  readonly data: string;
  /** Its `event:` line. */
  readonly name?: string;
  /** Set when the body ended inside this event, so that its data may be cut. */
  readonly unfinished: boolean;
}

/** Far above any real answer: characters of a line and of an event, and events of an answer. */
const LINE_LIMIT = 2 ** 20;
const EVENT_LIMIT = 4 * 2 ** 20;
const COUNT_LIMIT = 1_000_000;
/** How much is fed at once, so that nothing can outgrow its limit by more than this before it is checked. */
const PIECE = 64 * 1024;
const FIELDS = ['data', 'event', 'id', 'retry'];

/**
 * Reads server-sent events from bytes, wherever these are cut: inside a character, a line end or a line. Never throws:
 * events from before a broken limit are handed out first, then `failure` is set.
 */
export class ServerEvents {
  /** Drops a byte order mark, and keeps the start of a cut character for the next bytes. */
  readonly #decoder = new TextDecoder();
  readonly #parser: EventSourceParser;
  #events: ServerEvent[] = [];
  #count = 0;
  #lineLength = 0;
  #endedInCr = false;
  #ending = false;
  #stray = '';
  #failure: LimitExceededError | undefined;
  #replaced = false;

  constructor() {
    this.#parser = createParser({
      maxBufferSize: EVENT_LIMIT,
      onEvent: ({ data, event }) => this.#take(data, event),
      onError: (error) => this.#onError(error),
    });
  }

  /** Set once a limit was broken; there are no events after that. */
  get failure(): LimitExceededError | undefined {
    return this.#failure;
  }

  /** Lines of a body that is no event stream, as long as there was no event. */
  get stray(): string {
    return this.#stray;
  }

  /** Whether some bytes were no valid UTF-8 and became replacement characters. */
  get replaced(): boolean {
    return this.#replaced;
  }

  push(bytes: Uint8Array): readonly ServerEvent[] {
    const text = this.#decoder.decode(bytes, { stream: true });
    this.#replaced ||= text.includes('\uFFFD');
    this.#feed(text);
    return this.#taken();
  }

  /** At the end of the body: also the last event, if its blank line is missing; the parser alone would drop it. */
  end(): readonly ServerEvent[] {
    this.#feed(this.#decoder.decode());
    this.#ending = true;
    this.#feed('\n\n');
    return this.#taken();
  }

  #taken(): readonly ServerEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  #feed(text: string): void {
    const lines = this.#withLineFeeds(text);
    for (let at = 0; at < lines.length && this.#failure === undefined; at += PIECE) {
      const piece = lines.slice(at, at + PIECE);
      this.#measure(piece);
      if (this.#failure === undefined) this.#parser.feed(piece);
    }
  }

  /** CR and CRLF as LF, at once: the parser would wait for what follows a CR, which may be seconds away. */
  #withLineFeeds(text: string): string {
    if (text === '') return text;
    const rest = this.#endedInCr && text.startsWith('\n') ? text.slice(1) : text;
    this.#endedInCr = text.endsWith('\r');
    return rest.includes('\r') ? rest.replaceAll(/\r\n?/g, '\n') : rest;
  }

  #measure(piece: string): void {
    const lineEnd = piece.indexOf('\n');
    const length = this.#lineLength + (lineEnd === -1 ? piece.length : lineEnd);
    this.#lineLength = lineEnd === -1 ? length : piece.length - piece.lastIndexOf('\n') - 1;
    if (length > LINE_LIMIT) this.#fail('line', LINE_LIMIT, 'a line of more than', 'characters');
  }

  #take(data: string, name: string | undefined): void {
    this.#count += 1;
    if (this.#count > COUNT_LIMIT) this.#fail('events', COUNT_LIMIT, 'more than', 'events');
    else this.#events.push({ data, unfinished: this.#ending, ...(name !== undefined && { name }) });
  }

  #onError({ type, line = '' }: ParseError): void {
    if (type === 'max-buffer-size-exceeded') this.#failEvent();
    else if (type === 'unknown-field' && this.#count === 0 && this.#stray.length < LINE_LIMIT) {
      const isCutField = this.#ending && FIELDS.some((field) => field.startsWith(line));
      if (!isCutField) this.#stray += `${line}\n`;
    }
  }

  #failEvent(): void {
    this.#fail('event', EVENT_LIMIT, 'an event of more than', 'characters');
  }

  #fail(limit: string, maximum: number, what: string, unit: string): void {
    const message = `The answer has ${what} ${maximum} ${unit}; no model answers like that. Check "baseURL".`;
    this.#failure ??= new LimitExceededError(limit, maximum, message);
  }
}
