import type { LlmCacheSelector } from '@pipewright/core';
import { digestOf, scopeDigest } from './digests.js';
import type { ExportedEntry, KeyedEntry } from './portable-cache.js';

/** Stands before a digest that stands where a key or a scope would. */
const MARK = '\0sha256:';

/** An entry for a cache that goes by keys, which holds one without a key under the name of its digest. */
export function keyed(entry: ExportedEntry): KeyedEntry {
  if ('key' in entry) return entry;
  const { digest, scopeDigest: scope, ...rest } = entry;
  return { ...rest, key: MARK + digest, scope: MARK + scope };
}

/** The entry that `keyed` was given. */
export function unkeyed(entry: KeyedEntry): ExportedEntry {
  const { key, scope, ...rest } = entry;
  if (!key.startsWith(MARK)) return entry;
  return { ...rest, digest: key.slice(MARK.length), scopeDigest: scope.slice(MARK.length) };
}

export function keyOfDigest(key: string): string {
  return MARK + digestOf({ key });
}

/** What a selector asks for among the entries without a key. */
export function digestedSelector({ key, scope, ...rest }: LlmCacheSelector): LlmCacheSelector {
  return {
    ...rest,
    ...(key !== undefined && { key: keyOfDigest(key) }),
    ...(scope !== undefined && { scope: MARK + scopeDigest(scope) }),
  };
}
