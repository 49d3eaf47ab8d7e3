import { SerializationError } from '../errors.js';
import type { AnyRunnable } from '../runnable.js';
import { FORMAT, VERSION, type SerializedRunnable } from './format.js';
import { Writer, type Named } from './writer.js';

/** A runnable as JSON; see `Runnable.toJSON`. */
export function toJson(runnable: AnyRunnable): SerializedRunnable {
  return written(runnable, () => undefined).document;
}

/**
 * A runnable as JSON, and how many it is made of.
 *
 * @param named - told of everything that is written by its name only
 * @throws SerializationError naming the place of what is not plain data
 */
export function written(
  runnable: AnyRunnable,
  named: Named,
): { readonly document: SerializedRunnable; readonly nodes: number } {
  const writer = new Writer(named);
  try {
    const root = writer.node(runnable, 'root', 1);
    return {
      document: { format: FORMAT, version: VERSION, root, values: writer.values },
      nodes: writer.nodes,
    };
  } catch (cause) {
    if (cause instanceof SerializationError) throw cause;
    // A Proxy, or a manifest, that throws.
    throw new SerializationError('root', 'It could not be read.', { cause });
  }
}
