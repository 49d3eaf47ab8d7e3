import { SerializationError } from '../errors.js';
import type { AnyRunnable } from '../runnable.js';
import { bytesOf, MAX_BYTES, MAX_NODES, type SerializationLimits } from './format.js';
import { written } from './to-json.js';
import type { Named } from './writer.js';

/**
 * A runnable as text that `loads` takes: what `toJSON` gives, and sure to be loadable. What goes by its name only
 * (functions, schemas that validate, and runnables without a manifest) must have one, and nothing else may have the same.
 *
 * @throws SerializationError naming the place of what cannot be stored
 *
 * @example
 * ```ts
 * import { coreRegistry, dumps, loads, RunnableLambda } from '@pipewright/core';
 *
 * const shout = (text: string) => text.toUpperCase();
 * const text = dumps(RunnableLambda.from(shout).pipe({ loud: shout }));
 * const chain = loads<string, { loud: string }>(text, { registry: [coreRegistry, { functions: { shout } }] });
 * const { loud } = await chain.invoke('hello');
 * ```
 */
export function dumps(runnable: AnyRunnable, limits: SerializationLimits = {}): string {
  const { maxBytes = MAX_BYTES, maxNodes = MAX_NODES } = limits;
  const { document, nodes } = written(runnable, uniquely());
  if (nodes > maxNodes) throw tooLarge(`${nodes} runnables`, maxNodes);
  const text = JSON.stringify(document);
  const bytes = bytesOf(text);
  if (bytes > maxBytes) throw tooLarge(`${bytes} bytes`, maxBytes);
  return text;
}

/** Refuses names that would not lead back to what was meant. */
function uniquely(): Named {
  const taken = new Map<string, object>();
  return (table, name, thing, path) => {
    if (name === '') {
      throw new SerializationError(path, 'A function without a name cannot be stored. Give it one.');
    }
    const entry = `${table}:${name}`;
    const other = taken.get(entry);
    if (other !== undefined && other !== thing) {
      throw new SerializationError(
        path,
        `Two different ones are named ${JSON.stringify(name)}, and by their names they are stored. Give this one a name of its own.`,
      );
    }
    taken.set(entry, thing);
  };
}

function tooLarge(size: string, maximum: number): SerializationError {
  return new SerializationError('root', `It has ${size}, more than the ${maximum} that are loaded again.`);
}
