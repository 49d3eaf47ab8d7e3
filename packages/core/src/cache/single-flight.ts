import type { RunContext } from '../engine/run-context.js';
import type { CacheState } from './cache-state.js';
import type { Flight } from './flight.js';

/** The flight that a request may wait in, if there is one. */
export function flightIn(flights: ReadonlyMap<string, Flight>, key: string): Flight | undefined {
  // Looking a long key up costs more than all the rest of a hit.
  return flights.size === 0 ? undefined : flights.get(key);
}

/** Lets others join a flight, where none is in its place. */
export function enter(flights: Map<string, Flight>, key: string, flight: Flight): void {
  if (!flights.has(key)) flights.set(key, flight);
}

/** Lets nobody join a flight any more. */
export function depart({ flights, searches }: CacheState, key: string, flight: Flight): void {
  for (const map of [flights, searches]) if (map.get(key) === flight) map.delete(key);
}

/**
 * Whether a call neither joins others nor is joined. Nobody can join a synchronous one. A model that asks another one with
 * the same identity is inside its own flight: waiting for that would be waiting for itself.
 */
export function isAlone({ flights }: CacheState, key: string, context: RunContext): boolean {
  if (context.sync) return true;
  const flight = flightIn(flights, key);
  return flight !== undefined && (flight.starting || context.belongsTo(flight.context));
}
