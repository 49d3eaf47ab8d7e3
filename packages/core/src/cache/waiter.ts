import type { RunContext } from '../engine/run-context.js';
import { AbortedError } from '../errors.js';
import { chunks, isChunks, type Cursor } from '../flow/chunks.js';
import type { Flow, Ready } from '../flow/flow.js';
import { andThen, both, isPromise, type MaybePromise } from '../flow/promise.js';
import { AIMessageChunk, type AIMessageChunkFields } from '../messages/ai-chunk.js';
import { AIMessage, type UsageMetadata } from '../messages/ai.js';
import { addUsage, messageFold } from '../messages/fold.js';
import type { Flight } from './flight.js';
import type { Landing } from './flight-plan.js';
import type { LlmRecord } from './llm-cache.js';
import { copyPlain } from './plain.js';
import { unpaid } from './record.js';

type Answer = Ready<AIMessage, AIMessageChunk>;
type Step = IteratorResult<AIMessageChunk, unknown>;

/** A flight, and whether the caller is the one to start it. */
export interface Boarded {
  readonly flight: Flight;
  readonly leads: boolean;
}

/** What a caller brings to wait for an answer, whoever asks the model for it. */
export interface Seat {
  readonly context: RunContext;
  /** Whether the answer has to be kept before the caller gets it. */
  readonly strict: boolean;
  /** Finds a flight to wait in, or one to lead. */
  board(): Boarded;
  /** Makes a kept record into an answer for this caller. */
  give(record: LlmRecord): Answer;
  /** The answer came from another caller's flight. */
  onCoalesced(avoided: UsageMetadata | undefined): void;
}

/**
 * Waits in a flight for one caller, and reads its chunks. It can leave at any time without the others noticing. Only the
 * one who leads is told of a failure at once: the others have not had a try of their own yet, so one of them leads the
 * next flight, unless a chunk was handed out already.
 */
export class Waiter implements Cursor<AIMessageChunk> {
  readonly #seat: Seat;
  #flight: Flight;
  #leads: boolean;
  #retried = false;
  #position = 0;
  #avoided: UsageMetadata | undefined;
  /** What a later flight brought, where it is not chunks to be read from the flight. */
  #rest: Cursor<AIMessageChunk> | undefined;
  #over = false;
  #gone: { readonly reason: unknown } | undefined;
  #cut: ((reason: Error) => void) | undefined;
  #release: () => void = () => {};

  constructor(seat: Seat) {
    this.#seat = seat;
    ({ flight: this.#flight, leads: this.#leads } = seat.board());
    this.#flight.board();
    this.#release = seat.context.onAbort((reason) => this.leave(reason));
    if (this.#leads && !this.#over) this.#flight.start();
  }

  /** The answer, or the chunks of it. */
  answer(): Flow<AIMessage, AIMessageChunk> {
    return andThen(this.#landed(), (landed) => {
      if (landed !== 'chunks') return landed;
      return chunks<AIMessage, AIMessageChunk>(() => this, messageFold, {
        return: () => {
          const left = this.leave(new AbortedError('The answer is not wanted any more.'));
          return both(left, this.#rest?.return?.());
        },
      });
    });
  }

  next(): MaybePromise<Step> {
    if (this.#gone !== undefined) throw this.#gone.reason;
    if (this.#rest !== undefined) return this.#rest.next();
    try {
      const found = this.#flight.at(this.#position);
      if (found === 'end') return this.#end();
      if (found !== undefined) return { done: false, value: this.#chunk(found) };
      const pulled = this.#flight.pull();
      if (!isPromise(pulled)) return this.next();
      return this.#unlessGone(pulled).then(
        () => this.next(),
        (error: unknown) => this.#nextAgain(error),
      );
    } catch (error) {
      return this.#nextAgain(error);
    }
  }

  /** Wants the answer no more. Gives when what only it had open is closed. */
  leave(reason: unknown): MaybePromise<unknown> {
    if (this.#over) return undefined;
    this.#over = true;
    this.#gone = { reason };
    this.#release();
    const left = this.#flight.leave(reason);
    this.#cut?.(reason as Error);
    return left;
  }

  #landed(): MaybePromise<Answer | 'chunks'> {
    if (this.#gone !== undefined) throw this.#gone.reason;
    try {
      const landing = this.#landing();
      if (!isPromise(landing)) return this.#take(landing);
      return this.#unlessGone(landing).then(
        (late) => this.#take(late),
        (error: unknown) => this.#again(error, () => this.#landed()),
      );
    } catch (error) {
      return this.#again(error, () => this.#landed());
    }
  }

  #landing(): MaybePromise<Landing> {
    const { streams } = this.#seat.context;
    return andThen(this.#flight.landing(), (landing): MaybePromise<Landing> => {
      return landing === 'chunks' && !streams ? this.#flight.whole() : landing;
    });
  }

  #take(landing: Landing): MaybePromise<Answer | 'chunks'> {
    if (landing === 'chunks') return landing;
    if ('flight' in landing) {
      this.#move({ flight: landing.flight, leads: false });
      return this.#landed();
    }
    this.#finish();
    if ('record' in landing) return this.#seat.give(landing.record);
    let { message } = landing;
    if (!this.#leads) {
      message = new AIMessage(unpaid(landing.fields, { coalesced: true }));
      this.#seat.onCoalesced(landing.fields.usage_metadata);
    }
    return this.#seat.strict ? andThen(this.#flight.kept, () => message) : message;
  }

  #chunk(data: AIMessageChunkFields): AIMessageChunk {
    const original = this.#leads ? this.#flight.originalAt(this.#position) : undefined;
    const first = this.#position === 0;
    this.#position += 1;
    if (original !== undefined) return original;
    if (this.#leads || (!first && data.usage_metadata === undefined)) {
      return new AIMessageChunk(copyPlain(data));
    }
    // The mark goes on the first chunk, and again on those that count tokens, with all that were counted so far.
    if (data.usage_metadata !== undefined) this.#avoided = addUsage(this.#avoided, data.usage_metadata);
    return new AIMessageChunk(unpaid({ ...data, usage_metadata: this.#avoided }, { coalesced: true }));
  }

  #end(): MaybePromise<Step> {
    this.#finish();
    if (!this.#leads) this.#seat.onCoalesced(this.#avoided);
    const done: Step = { done: true, value: undefined };
    return this.#seat.strict ? andThen(this.#flight.kept, () => done) : done;
  }

  #nextAgain(error: unknown): MaybePromise<Step> {
    return this.#again(error, () =>
      andThen(this.#landed(), (landed) => {
        if (landed !== 'chunks') this.#rest = asCursor(landed);
        return this.next();
      }),
    );
  }

  #again<T>(error: unknown, next: () => T): T {
    const givesUp = this.#over || this.#leads || this.#retried || this.#position > 0;
    if (givesUp) {
      this.#finish();
      throw error;
    }
    this.#retried = true;
    this.#move(this.#seat.board());
    if (this.#leads) this.#flight.start();
    return next();
  }

  /** To another flight, from one that is over. */
  #move({ flight, leads }: Boarded): void {
    this.#flight.leave(undefined);
    this.#flight = flight;
    this.#leads = leads;
    flight.board();
  }

  #finish(): void {
    if (this.#over) return;
    this.#over = true;
    this.#release();
    this.#flight.leave(undefined);
  }

  #unlessGone<T>(promise: PromiseLike<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#cut = reject;
      promise.then(resolve, reject);
    });
  }
}

function asCursor(answer: Answer): Cursor<AIMessageChunk> {
  if (isChunks(answer)) return answer as Cursor<AIMessageChunk>;
  return [AIMessageChunk.from(answer as AIMessage)].values();
}
