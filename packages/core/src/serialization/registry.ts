import type { AnyRunnable } from '../runnable.js';
import type { StandardSchema } from '../schema.js';
import type { OptionType } from './option-type.js';

/** A secret, or a function that gives it for each request. */
export type Secret = string | (() => string | PromiseLike<string>);

/** What a kind is made of when it is loaded: checked against what the kind says that it takes. */
export interface LoadedParts {
  /** Those that were stored, under the names that the kind takes. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly children: Readonly<Record<string, AnyRunnable>>;
  /** Where it stands in the stored chain. */
  readonly path: string;
  /** A secret that the caller of `loads` has given. Throws DeserializationError, naming it, when there is none. */
  readonly secret: (name: string) => Secret;
  /** The same, for a kind that may do without. */
  readonly optionalSecret: (name: string) => Secret | undefined;
}

/** How a kind of runnable is made again. */
export interface Kind {
  /** The options that it takes; a stored chain with any other is refused. Default: none. */
  readonly options?: Readonly<Record<string, OptionType>>;
  /** The children that it has: these, or any. Default: none. */
  readonly children?: 'any' | readonly string[];
  /** Makes it. What is thrown here is reported with the place in the stored chain. */
  load(parts: LoadedParts): AnyRunnable;
}

/**
 * What stored chains may be made of. Nothing else is ever made, called or looked up. Later ones in a list win over
 * earlier ones.
 *
 * @example
 * ```ts
 * import { coreRegistry, type Registry } from '@pipewright/core';
 *
 * const shout = (text: string) => text.toUpperCase();
 * const registry: readonly Registry[] = [coreRegistry, { functions: { shout } }];
 * ```
 */
export interface Registry {
  /** By the kind that their manifests name. */
  readonly kinds?: Readonly<Record<string, Kind>>;
  /** The functions in stored chains, by name: a tool's under the name of the tool. */
  readonly functions?: Readonly<Record<string, (...input: never) => unknown>>;
  /** The schemas that validate, by name: a tool's too under its name. JSON Schema is in the stored chain itself. */
  readonly schemas?: Readonly<Record<string, StandardSchema>>;
  /** Runnables without a manifest, by name. */
  readonly runnables?: Readonly<Record<string, AnyRunnable>>;
}

/** What a stored chain has by its name only, and the registry has to give. */
export type NamedEntry = Exclude<keyof Registry, 'kinds'>;

/** Finds an entry in the last registry that has one of its own. */
export function found<Field extends keyof Registry>(
  registries: readonly Registry[],
  field: Field,
  name: string,
): NonNullable<Registry[Field]>[string] | undefined {
  const holder = registries.findLast((registry) => Object.hasOwn(registry[field] ?? {}, name));
  return holder?.[field]?.[name] as NonNullable<Registry[Field]>[string] | undefined;
}
