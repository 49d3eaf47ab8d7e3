import type { RunContext } from '../engine/run-context.js';
import { closeQuietly, isChunks, type Chunks } from '../flow/chunks.js';
import { both, ignore, isPromise, type MaybePromise } from '../flow/promise.js';
import { AIMessageChunk, type AIMessageChunkFields } from '../messages/ai-chunk.js';
import type { AIMessage } from '../messages/ai.js';
import { messageFold } from '../messages/fold.js';
import type { Answered, FlightPlan, Found, Landing, WholeAnswer } from './flight-plan.js';
import { copyPlain } from './plain.js';
import { dataOf } from './record.js';

/** More pieces than these are not worth remembering. */
const MAX_PIECES = 4_096;

/** One request on its way to the model, and everybody who waits for its answer. */
export class Flight {
  readonly #plan: FlightPlan;
  #waiting = 0;
  #landing: MaybePromise<Landing> | undefined;
  #failure: { readonly error: unknown } | undefined;
  #source: Chunks<AIMessage, AIMessageChunk> | undefined;
  #pulling: PromiseLike<void> | undefined;
  readonly #log: AIMessageChunkFields[] = [];
  #total: ReturnType<typeof messageFold> | undefined;
  #original: AIMessageChunk | undefined;
  #answered: WholeAnswer | undefined;
  #whole: Promise<WholeAnswer> | undefined;
  #over = false;
  /** Settles when the answer has been kept; rejects where the cache failed, of which only the strict want to hear. */
  kept: MaybePromise<void> = undefined;

  /**
   * @param background - whether it fetches what is only to be there later: callers who have something to give meanwhile
   *   do not wait for it
   */
  constructor(
    plan: FlightPlan,
    readonly background: boolean,
  ) {
    this.#plan = plan;
  }

  get context(): RunContext {
    return this.#plan.fork.context;
  }

  /** Whether its model is being called at this moment, further up the stack. */
  get starting(): boolean {
    return this.#landing === undefined && this.#failure === undefined;
  }

  board(): void {
    this.#waiting += 1;
  }

  /** The last to leave before the end stops the model, and is given when that has closed what it had open. */
  leave(reason: unknown): MaybePromise<unknown> {
    this.#waiting -= 1;
    if (this.#waiting > 0 || this.#over) return undefined;
    this.#finish();
    const aborted = this.#plan.fork.abort(reason);
    this.#failure ??= { error: reason };
    return both(aborted, this.#close());
  }

  start(): void {
    try {
      const found = this.#plan.begin();
      if (isPromise(found)) {
        this.#landing = this.#after(found, (late) => (this.#landing = this.#land(late)));
        ignore(this.#landing);
      } else {
        this.#landing = this.#land(found);
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Throws, or rejects, with what the leader met. */
  landing(): MaybePromise<Landing> {
    if (this.#failure !== undefined) throw this.#failure.error;
    return this.#landing as MaybePromise<Landing>;
  }

  /** The chunk at a position as data, `'end'`, or undefined when it has yet to come. */
  at(position: number): AIMessageChunkFields | 'end' | undefined {
    if (position < this.#log.length) return this.#log[position];
    if (this.#failure !== undefined) throw this.#failure.error;
    return this.#answered === undefined ? undefined : 'end';
  }

  /** The chunk itself, if it is the one that came last. */
  originalAt(position: number): AIMessageChunk | undefined {
    return position === this.#log.length - 1 ? this.#original : undefined;
  }

  /** All chunks added up, once for everybody who has no use for the chunks themselves. */
  whole(): MaybePromise<WholeAnswer> {
    if (this.#whole !== undefined) return this.#whole;
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure.error;
      if (this.#answered !== undefined) return this.#answered;
      const pulled = this.pull();
      if (isPromise(pulled)) {
        this.#whole = this.#drain(pulled);
        ignore(this.#whole);
        return this.#whole;
      }
    }
  }

  async #drain(pulled: MaybePromise<void>): Promise<WholeAnswer> {
    await pulled;
    while (this.#answered === undefined) {
      if (this.#failure !== undefined) throw this.#failure.error;
      await this.pull();
    }
    return this.#answered;
  }

  /** Brings one more chunk, for whoever asks first. */
  pull(): MaybePromise<void> {
    if (this.#pulling !== undefined) return this.#pulling;
    try {
      const step = (this.#source as Chunks<AIMessage, AIMessageChunk>).next();
      if (!isPromise(step)) return this.#accept(step);
      this.#pulling = this.#after(step, (late) => this.#accept(late));
      return this.#pulling;
    } catch (error) {
      throw this.#fail(error);
    }
  }

  #land(found: Found): Landing {
    if (this.#failure !== undefined) {
      // Everybody has left meanwhile.
      if ('answer' in found && isChunks(found.answer)) closeQuietly(found.answer);
      throw this.#failure.error;
    }
    if (!('answer' in found)) {
      this.#finish();
      return found;
    }
    if (isChunks(found.answer)) {
      this.#source = found.answer as Chunks<AIMessage, AIMessageChunk>;
      return 'chunks';
    }
    return this.#answer(found.answer as AIMessage, undefined);
  }

  #accept(step: IteratorResult<AIMessageChunk, unknown>): void {
    this.#pulling = undefined;
    // Those who wait were told when the last of them left.
    if (this.#over) return;
    if (step.done) {
      this.#answered = this.#answer((this.#total ?? messageFold()).value(), this.#pieces());
      this.#close();
      return;
    }
    const { type: _type, ...fields } = step.value as AIMessageChunk & { type: string };
    const data: AIMessageChunkFields = copyPlain(fields);
    this.#log.push(data);
    this.#original = step.value;
    this.#total ??= messageFold();
    this.#total.add(new AIMessageChunk(data));
  }

  #pieces(): readonly number[] | undefined {
    if (this.#log.length < 2 || this.#log.length > MAX_PIECES) return undefined;
    return this.#log.map(({ content }) => content.length);
  }

  #answer(message: AIMessage, pieces: readonly number[] | undefined): WholeAnswer {
    const data = dataOf(message);
    this.#keep({ ...data, ...(pieces && { pieces }) });
    return { message, fields: data.fields };
  }

  #keep(answer: Answered): void {
    this.#over = true;
    this.#plan.fork.end();
    try {
      this.kept = this.#plan.keep(answer);
    } catch (error) {
      this.kept = Promise.reject(error as Error);
    }
    // Until it is kept, a caller that comes now would miss the cache: the flight still answers it.
    const gone = (): void => this.#plan.onGone();
    if (isPromise(this.kept)) this.kept.then(gone, gone);
    else gone();
  }

  /** What cannot be taken in fails the flight as well: nobody may be given an answer with a part missing. */
  #after<A, B>(promise: PromiseLike<A>, next: (late: A) => B): PromiseLike<B> {
    const fail = (error: unknown): never => {
      throw this.#fail(error);
    };
    return promise.then((late) => {
      try {
        return next(late);
      } catch (error) {
        return fail(error);
      }
    }, fail);
  }

  #fail(error: unknown): unknown {
    this.#pulling = undefined;
    if (this.#failure === undefined) {
      this.#failure = { error };
      this.#finish();
      this.#close();
      this.#plan.onFailed(error);
    }
    return this.#failure.error;
  }

  /** Whoever pulls chunks closes them, also when they have come to their end. */
  #close(): MaybePromise<unknown> {
    return this.#source && closeQuietly(this.#source);
  }

  #finish(): void {
    if (this.#over) return;
    this.#over = true;
    this.#plan.fork.end();
    this.#plan.onGone();
  }
}

/** Brings a flight to its end for the sake of the cache. */
export async function drain(flight: Flight): Promise<void> {
  try {
    if ((await flight.landing()) === 'chunks') await flight.whole();
  } catch {
    // Whoever comes later asks again, and is told.
  }
}
