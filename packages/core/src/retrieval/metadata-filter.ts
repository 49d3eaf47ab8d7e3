import { ConfigError } from '../errors.js';
import { describe } from '../describe.js';
import type { Document } from './document.js';

/** Which documents count: a function that says so, or fields of the metadata with the values that they must have. */
export type MetadataFilter<Found extends Document = Document> =
  | ((document: Found) => boolean)
  | Readonly<Record<string, unknown>>;

/** @throws ConfigError when it is neither */
export function filterOf<Found extends Document>(
  filter: MetadataFilter<Found> | undefined,
): ((document: Found) => boolean) | undefined {
  if (filter === undefined || typeof filter === 'function') {
    return filter as ((document: Found) => boolean) | undefined;
  }
  if (typeof filter !== 'object' || filter === null || Array.isArray(filter)) {
    throw new ConfigError(
      'filter',
      `The filter is ${describe(filter)}; give a function of a document, or an object such as { source: 'a.txt' }.`,
    );
  }
  const wanted = Object.entries(filter);
  return ({ metadata }) =>
    wanted.every(([key, value]) => Object.hasOwn(metadata, key) && Object.is(metadata[key], value));
}
