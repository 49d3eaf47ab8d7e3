import type { RunContext } from '../engine/run-context.js';
import { Flight } from './flight.js';
import type { FlightPlan } from './flight-plan.js';
import type { CacheState } from './cache-state.js';

/** The flight that a request may wait in, if there is one. */
export function flightFor({ flights }: CacheState, key: string, context: RunContext): Flight | undefined {
  // Looking a long key up costs more than all the rest of a hit.
  if (flights.size === 0) return undefined;
  const flight = flights.get(key);
  if (flight === undefined || isInside(flight, context)) return undefined;
  return flight;
}

/** A flight for a request, to be started by whoever leads it. */
export function newFlight(
  { flights }: CacheState,
  key: string,
  context: RunContext,
  plan: Omit<FlightPlan, 'fork' | 'onGone'>,
  background: boolean,
): Flight {
  const onGone = (): void => {
    if (flights.get(key) === flight) flights.delete(key);
  };
  const flight: Flight = new Flight({ fork: context.detach(), onGone, ...plan }, background);
  // Nobody can join a synchronous call. One inside a flight of the same request stays by itself.
  if (!context.sync && !flights.has(key)) flights.set(key, flight);
  return flight;
}

/**
 * A model that asks another one with the same identity is inside its own flight: waiting for that would be waiting for
 * itself.
 */
function isInside(flight: Flight, context: RunContext): boolean {
  return flight.starting || context.belongsTo(flight.context);
}
