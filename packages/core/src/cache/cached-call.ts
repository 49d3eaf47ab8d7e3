import type { RunContext } from '../engine/run-context.js';
import type { Flow, Ready } from '../flow/flow.js';
import { andThen, isPromise, type MaybePromise } from '../flow/promise.js';
import type { AIMessageChunk } from '../messages/ai-chunk.js';
import type { AIMessage, UsageMetadata } from '../messages/ai.js';
import { CacheMissError, notKept, type CacheError } from './cache-error.js';
import { tell, type MissReason } from './cache-event.js';
import type { CacheUse } from './cache-options.js';
import { drain, Flight } from './flight.js';
import type { Answered, Found } from './flight-plan.js';
import { attempt, type Outcome } from './health.js';
import { stateOf, type CacheState } from './cache-state.js';
import type { LlmRecord, LlmRequest } from './llm-cache.js';
import { errorOf, refusalOf } from './negative.js';
import { isRecord, recordOf } from './record.js';
import { replay } from './replay.js';
import { depart, enter, flightIn, isAlone } from './single-flight.js';
import { Waiter, type Boarded, type Seat } from './waiter.js';

type Answer = Flow<AIMessage, AIMessageChunk>;
type Ask = (context: RunContext) => Answer;

/** One call of a model with a cache around it. */
export class CachedCall implements Seat {
  readonly #use: CacheUse;
  readonly #state: CacheState;
  readonly #request: LlmRequest;
  readonly #ask: Ask;
  readonly #startedAt: number;
  /** A lookup of its own that takes its time: its flight waits for it before it asks the model. */
  #lookup: PromiseLike<LlmRecord | MissReason> | undefined;
  /** Whether it waits for the lookup of another call. */
  #joinsSearch = false;
  readonly #alone: boolean;
  /** Whether a lookup has shown that nothing good is kept, which a refusal could replace. */
  #lacks = false;
  /** Why the lookup failed, for those who wait with it and are strict. */
  #failure: CacheError | undefined;

  constructor(
    use: CacheUse,
    request: LlmRequest,
    readonly context: RunContext,
    ask: Ask,
  ) {
    this.#use = use;
    this.#state = stateOf(use.cache);
    this.#request = request;
    this.#ask = ask;
    this.#alone = isAlone(this.#state, request.key, context);
    this.#startedAt = use.onEvent === undefined ? 0 : performance.now();
  }

  get strict(): boolean {
    return Boolean(this.#use.strict);
  }

  /** Answers from the cache, or waits with others for the model and keeps what it says. */
  answer(looksUp: boolean): Answer {
    if (!looksUp) {
      this.#missed('policy');
      return new Waiter(this).answer();
    }
    // While a refresh is under way, there may be something to give before it brings something new.
    const isAsked = this.#underWay('flights')?.background === false;
    this.#joinsSearch = !isAsked && this.#underWay('searches') !== undefined;
    if (!isAsked && !this.#joinsSearch) {
      const found = this.#find();
      if (!isPromise(found)) {
        if (typeof found !== 'string') return this.give(found);
        this.#missed(found);
      } else if (this.context.sync) {
        // It cannot be waited for, as the engine is going to say; the model must not be asked behind its back.
        return found as PromiseLike<never>;
      } else {
        this.#lookup = found;
      }
    }
    return new Waiter(this).answer();
  }

  board(): Boarded {
    const place = this.#joinsSearch ? 'searches' : 'flights';
    // A second flight, after a first one failed, need not look again.
    this.#joinsSearch = false;
    const other = this.#lookup === undefined ? this.#underWay(place) : undefined;
    return other === undefined
      ? { flight: this.#newFlight(false), leads: true }
      : { flight: other, leads: false };
  }

  give(record: LlmRecord): Ready<AIMessage, AIMessageChunk> {
    const stale = isPast(record.expiresAt);
    this.#hit(false, stale, record.message.usage_metadata);
    if (stale) this.#refresh();
    if (record.error !== undefined) throw errorOf(record.error);
    return replay(record, stale ? { stale } : {}, this.context, this.#use.replay);
  }

  onCoalesced(avoided: UsageMetadata | undefined): void {
    this.#hit(true, false, avoided);
  }

  #find(): MaybePromise<LlmRecord | MissReason> {
    const { cache } = this.#use;
    const outcome = attempt(this.#use, 'lookup', () => cache.lookup(this.#request));
    return isPromise(outcome) ? outcome.then((found) => this.#judge(found)) : this.#judge(outcome);
  }

  #judge(found: Outcome<LlmRecord | undefined>): LlmRecord | MissReason {
    if ('failed' in found) {
      if (this.strict) throw found.error;
      this.#failure = found.error;
      return 'unavailable';
    }
    const record: unknown = found.value;
    if (record === undefined || record === null) return 'absent';
    if (!isRecord(record)) return 'unusable';
    const until = this.context.sync ? record.expiresAt : (record.staleUntil ?? record.expiresAt);
    return isPast(until) ? 'expired' : record;
  }

  #underWay(place: 'flights' | 'searches'): Flight | undefined {
    return this.#alone ? undefined : flightIn(this.#state[place], this.#request.key);
  }

  #newFlight(background: boolean): Flight {
    const lookup = this.#lookup;
    this.#lookup = undefined;
    const plan = {
      fork: this.context.detach(),
      begin: () => (lookup === undefined ? this.#askModel(flight.context) : this.#search(lookup, flight)),
      keep: (answer: Answered) =>
        andThen(this.#keep(answer), () => {
          if (this.#failure !== undefined) throw this.#failure;
        }),
      onFailed: (error: unknown) => this.#keepRefusal(error),
      onGone: () => depart(this.#state, this.#request.key, flight),
    };
    const flight: Flight = new Flight(plan, background);
    this.#enter(lookup === undefined ? 'flights' : 'searches', flight);
    return flight;
  }

  #enter(place: 'flights' | 'searches', flight: Flight): void {
    if (!this.#alone) enter(this.#state[place], this.#request.key, flight);
  }

  #search(lookup: PromiseLike<LlmRecord | MissReason>, flight: Flight): MaybePromise<Found> {
    return lookup.then((found) => {
      if (typeof found !== 'string') return { record: found };
      const other = this.#underWay('flights');
      if (other !== undefined) return { flight: other };
      this.#missed(found);
      // Everybody may have left meanwhile.
      flight.context.signal.throwIfAborted();
      this.#enter('flights', flight);
      return this.#askModel(flight.context);
    });
  }

  #askModel(context: RunContext): MaybePromise<Found> {
    if (this.#use.onMiss === 'fail') {
      throw new CacheMissError(
        this.#request.key,
        `No answer to this request of ${this.#request.model} is in the cache, and "onMiss" forbids to ask for one.`,
      );
    }
    return andThen(this.#ask(context), (answer) => ({ answer }));
  }

  #keep(answer: Answered): MaybePromise<void> {
    const kept = recordOf(answer, this.#use);
    if ('reason' in kept) {
      const error = this.#refused(kept.reason);
      if (this.#use.strict === 'kept') throw error;
      return undefined;
    }
    return andThen(this.#write(kept.record), (outcome) => {
      if ('failed' in outcome) throw outcome.error;
      if (outcome.value === false) throw this.#refused('The cache could not write it.');
      tell(this.#use, { type: 'stored', request: this.#request, usage: answer.fields.usage_metadata });
    });
  }

  #refused(reason: string): CacheError {
    tell(this.#use, { type: 'refused', request: this.#request, reason });
    return notKept(this.#request.model, reason);
  }

  #keepRefusal(error: unknown): void {
    const { negativeTtl } = this.#use;
    if (negativeTtl === undefined || !this.#lacks) return;
    const record = refusalOf(error, Date.now(), negativeTtl);
    if (record !== undefined) void this.#write(record);
  }

  #write(record: LlmRecord): MaybePromise<Outcome<void | false>> {
    const { cache } = this.#use;
    return attempt(this.#use, 'update', () => cache.update(this.#request, record));
  }

  /** Fetches a new answer for those who come later. */
  #refresh(): void {
    if (this.#state.flights.has(this.#request.key)) return;
    const flight = this.#newFlight(true);
    flight.board();
    flight.start();
    void drain(flight);
  }

  #hit(coalesced: boolean, stale: boolean, avoided: UsageMetadata | undefined): void {
    if (this.#use.onEvent === undefined) return;
    const lookupMs = performance.now() - this.#startedAt;
    tell(this.#use, { type: 'hit', request: this.#request, coalesced, stale, avoided, lookupMs });
  }

  #missed(reason: MissReason): void {
    this.#lacks = reason !== 'policy' && reason !== 'unavailable';
    if (this.#use.onEvent === undefined) return;
    const lookupMs = performance.now() - this.#startedAt;
    tell(this.#use, { type: 'miss', request: this.#request, reason, lookupMs });
  }
}

function isPast(time: number | undefined): boolean {
  return time !== undefined && time <= Date.now();
}
