import { ConfigError, DeserializationError } from '../errors.js';
import type { Runnable } from '../runnable.js';
import { checkedJson } from './check-text.js';
import { bytesOf, FORMAT, MAX_BYTES, MAX_NODES, VERSION, type SerializationLimits } from './format.js';
import type { Registry, Secret } from './registry.js';
import { Reviver } from './reviver.js';
import { list, record } from './structure.js';

export interface LoadOptions {
  /** All that may be made, and all that is called. */
  readonly registry: Registry | readonly Registry[];
  /** Keys and the like, by name, for the kinds that need them; nothing is read from the environment. */
  readonly secrets?: Readonly<Record<string, Secret>>;
  readonly limits?: SerializationLimits;
}

/**
 * The runnable that `dumps` wrote down. Only what the registry names is made; the user's values in the text stay values
 * whatever they look like, and nothing in it says where a provider is reached.
 *
 * @typeParam In - what you know it to take; not checked
 * @typeParam Out - what you know it to give; not checked
 * @throws ConfigError when there is no registry
 * @throws DeserializationError naming the place of what may not be loaded
 *
 * @example
 * ```ts
 * import { coreRegistry, dumps, loads, RunnablePick } from '@pipewright/core';
 *
 * const text = dumps(new RunnablePick('name'));
 * const pick = loads<{ name: string }, string>(text, { registry: coreRegistry });
 * const name = await pick.invoke({ name: 'Ada' });
 * ```
 */
export function loads<In = unknown, Out = unknown, Chunk = Out>(
  text: string,
  options: LoadOptions,
): Runnable<In, Out, Chunk> {
  const { registry, secrets = {}, limits = {} } = options ?? {};
  const { maxBytes = MAX_BYTES, maxNodes = MAX_NODES } = limits;
  const registries = (Array.isArray(registry) ? registry : [registry]) as readonly Registry[];
  if (!registries.every((one) => typeof one === 'object' && one !== null)) {
    throw new ConfigError(
      'registry',
      'Only what a registry names is loaded; give { registry: coreRegistry }, or an array of several.',
    );
  }
  if (typeof text !== 'string') throw new DeserializationError('text', 'It is no text.');
  // No text has fewer bytes than characters: one that is too long is not even measured.
  if (text.length > maxBytes || bytesOf(text) > maxBytes) {
    throw new DeserializationError('text', `It has more than ${maxBytes} bytes.`);
  }
  const document = record(checkedJson(text), 'text', ['format', 'version', 'root', 'values']);
  if (document.format !== FORMAT)
    throw new DeserializationError('format', 'It is no chain stored by Pipewright.');
  if (document.version !== VERSION) {
    throw new DeserializationError(
      'version',
      `This release reads version ${VERSION}; the text is of version ${JSON.stringify(document.version)}.`,
    );
  }
  const values = list(document.values, 'values');
  const reviver = new Reviver({ values, registries, secrets, maxNodes });
  return reviver.root(document.root) as Runnable<never, unknown, unknown> as Runnable<In, Out, Chunk>;
}
