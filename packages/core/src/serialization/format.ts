/**
 * A stored chain. Structure and the user's values are kept apart: `root` holds nothing but structure, in which a value is
 * the number of its place in `values`, and nothing in `values` is ever looked into for structure.
 */
export interface SerializedRunnable {
  readonly format: 'pipewright';
  readonly version: 1;
  readonly root: SerializedNode;
  readonly values: readonly Json[];
}

/** A runnable by its kind, or, if it says nothing of itself, by its name alone. */
export type SerializedNode =
  | {
      readonly kind: string;
      readonly options?: Readonly<Record<string, SerializedPart>>;
      readonly children?: Readonly<Record<string, SerializedNode>>;
    }
  | { readonly name: string };

/** An option, or a part of one that is not plain data throughout. */
export type SerializedPart =
  /** The place of plain data in the table of values. */
  | number
  /** The number that JSON has no form for and that options take, as no limit. */
  | { readonly number: 'Infinity' }
  /** A function by its name; null for one that has none. */
  | { readonly function: string | null }
  /** A schema that validates, by its name. */
  | { readonly schema: string }
  /** The place of a message's fields in the table of values. */
  | { readonly message: number }
  | { readonly chunk: number }
  | { readonly runnable: SerializedNode }
  | { readonly list: readonly SerializedPart[] }
  | { readonly record: readonly (readonly [key: string, part: SerializedPart])[] };

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

export const FORMAT = 'pipewright';
export const VERSION = 1;

/** How large a stored chain may be. Of levels inside each other, runnables and values together, it has at most 64. */
export interface SerializationLimits {
  /** Of the text, in bytes of UTF-8. Default 1 MiB. */
  readonly maxBytes?: number;
  /** How many runnables. Default 10,000. */
  readonly maxNodes?: number;
}

export const MAX_BYTES = 1024 * 1024;
export const MAX_DEPTH = 64;
export const MAX_NODES = 10_000;

/** The size of a text in UTF-8. */
export function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}
