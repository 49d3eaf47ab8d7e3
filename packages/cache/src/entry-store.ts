import type { MaybePromise } from '@pipewright/core';
import type { EntryFacts } from './envelope.js';

/** One text to keep, and what to find and drop it by. */
export interface StoreEntry extends EntryFacts {
  /** Gives itself away when it was damaged, so a store need not check. `factsOf` reads the facts from it again. */
  readonly text: string;
}

/** Which entries to drop: those to which every field given applies. */
export interface StoreSelector {
  readonly scope?: string;
  readonly model?: string;
  readonly tag?: string;
}

/**
 * Keeps texts by digest. What a cache needs besides (keys, checksums, versions, sealing) `StoreCache` sees to, so a new
 * store is a few lines. It may answer now or later, and may lose entries whenever it likes.
 */
export interface Store {
  /**
   * Set for a recording, which is good whatever the clock says. Elsewhere nothing is kept for more than ten years, and
   * what claims to be from the future is a miss.
   */
  readonly timeless?: boolean;
  /** The text kept for a digest. May still give what is past its time. */
  get(digest: string): MaybePromise<string | undefined>;
  /** Replaces the whole entry, or fails and leaves the old one: with a StoreWriteError where reads may well go on. */
  set(entry: StoreEntry): MaybePromise<void>;
  /** Fails when it cannot: whoever drops an answer relies on its being gone. */
  delete(digest: string): MaybePromise<boolean>;
  /** Drops what applies, and says how many that were, or fails. Never anything this store did not write. */
  remove(selector: StoreSelector): MaybePromise<number>;
  /** Every text that is kept, also what is past its time. Those that come or go meanwhile may be among them. */
  texts?(): Iterable<string> | AsyncIterable<string>;
  /** How much is kept, from a store that knows without reading all of it. */
  size?(): MaybePromise<StoreSize>;
  close?(): MaybePromise<void>;
}

export interface StoreSize {
  readonly entries: number;
  /** Bytes of the texts as UTF-8. */
  readonly bytes: number;
}

/** Whether an entry is one that a selector asks for. */
export function applies({ scope, model, tag }: StoreSelector, facts: EntryFacts): boolean {
  if (scope !== undefined && scope !== facts.scope) return false;
  if (model !== undefined && model !== facts.model) return false;
  return tag === undefined || facts.tags.includes(tag);
}
