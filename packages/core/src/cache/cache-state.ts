import type { CacheError } from './cache-error.js';
import type { Flight } from './flight.js';
import type { LlmCache } from './llm-cache.js';

/** What this process knows of a cache, for everybody who uses it. */
export interface CacheState {
  /** The requests that the model is being asked, by key. */
  readonly flights: Map<string, Flight>;
  /** The requests that are being looked up, by key: the model may be asked next. */
  readonly searches: Map<string, Flight>;
  /** How many failures there were since it last worked. */
  failures: number;
  /** The last failure. */
  failure: CacheError | undefined;
  /** Until when it is left alone, by `performance.now()`. */
  disabledUntil: number;
  /** When it was last asked meanwhile. */
  probedAt: number;
  /** Whether it last failed by a promise. */
  asynchronous: boolean;
}

const states = new WeakMap<LlmCache, CacheState>();
export function stateOf(cache: LlmCache): CacheState {
  let state = states.get(cache);
  if (state === undefined) {
    state = {
      flights: new Map(),
      searches: new Map(),
      failures: 0,
      failure: undefined,
      disabledUntil: 0,
      probedAt: 0,
      asynchronous: false,
    };
    states.set(cache, state);
  }
  return state;
}
