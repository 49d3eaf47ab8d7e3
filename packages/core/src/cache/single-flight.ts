import type { RunContext } from '../engine/run-context.js';
import { Flight, type FlightPlan } from './flight.js';
import type { LlmCache } from './llm-cache.js';

/** The requests that are on their way, by the cache they would be kept in and by key. */
const flights = new WeakMap<LlmCache, Map<string, Flight>>();

/** The flight that a request may wait in, if there is one. */
export function flightFor(cache: LlmCache, key: string, context: RunContext): Flight | undefined {
  const flight = flights.get(cache)?.get(key);
  if (flight === undefined || isInside(flight, context)) return undefined;
  return flight;
}

/** A flight for a request, to be started by whoever leads it. */
export function newFlight(
  cache: LlmCache,
  key: string,
  context: RunContext,
  plan: Omit<FlightPlan, 'fork' | 'onGone'>,
): Flight {
  let underWay = flights.get(cache);
  if (underWay === undefined) flights.set(cache, (underWay = new Map()));
  const onGone = (): void => {
    if (underWay.get(key) === flight) underWay.delete(key);
  };
  const flight: Flight = new Flight({ ...plan, fork: context.detach(), onGone });
  // Nobody can join a synchronous call. One inside a flight of the same request stays by itself.
  if (!context.sync && !underWay.has(key)) underWay.set(key, flight);
  return flight;
}

/**
 * A model that asks another one with the same identity is inside its own flight: waiting for that would be waiting for
 * itself.
 */
function isInside(flight: Flight, context: RunContext): boolean {
  return flight.starting || context.belongsTo(flight.context);
}
