import type { RunContext } from '../engine/run-context.js';
import { ConfigError } from '../errors.js';
import type { AnyRunnable } from '../runnable.js';
import type { Interceptor } from './interceptor.js';

/** A field that a call may set under an id in `configurable`. */
export interface ConfigurableField {
  readonly id: string;
  readonly name?: string;
  readonly description?: string;
}

/**
 * Lets calls set fields of a runnable: `{ configurable: { [id]: value } }`. The runnable itself stays as it is; a run
 * with other values runs a copy.
 *
 * @throws ConfigError for what is no field of it, or one that its class cannot set
 */
export function configurableFields(
  bound: AnyRunnable,
  fields: Readonly<Record<string, ConfigurableField | string>>,
): Interceptor {
  const current = Object.keys(fields).map((field) => {
    if (Object.hasOwn(bound, field)) return [field, bound[field as keyof AnyRunnable]] as const;
    throw new ConfigError(field, `${bound.name} has no field "${field}" to configure.`);
  });
  // A field that its class cannot set is refused here, before a call sets it.
  copyWith(bound, Object.fromEntries(current));
  return {
    kind: 'ConfigurableFields',
    options: { fields },
    around: (inner, input, context) => {
      const given = Object.entries(fields)
        .map(([field, spec]) => [field, typeof spec === 'string' ? spec : spec.id] as const)
        .filter(([, id]) => Object.hasOwn(context.configurable, id))
        .map(([field, id]) => [field, context.configurable[id]] as const);
      if (given.length === 0) return inner(input, context);
      return context.run(copyWith(bound, Object.fromEntries(given)) as never, input as never);
    },
  };
}

/** A copy that differs in some fields. */
function copyWith(bound: AnyRunnable, fields: Readonly<Record<string, unknown>>): AnyRunnable {
  return (
    bound.withFields?.(fields) ??
    Object.assign(Object.create(Object.getPrototypeOf(bound) as object) as AnyRunnable, bound, fields)
  );
}

/**
 * The fields that an object is made of, some of them with other values: for `withFields` of a runnable.
 *
 * @throws ConfigError for one that is not among them
 *
 * @example
 * ```ts
 * import { changedFields } from '@pipewright/core';
 *
 * const { greeting } = changedFields({ greeting: 'Hello', volume: 1 }, { greeting: 'Ciao' });
 * ```
 */
export function changedFields<Fields extends object>(
  fields: Fields,
  changes: Readonly<Record<string, unknown>>,
): Fields {
  const unknown = Object.keys(changes).find((field) => !Object.hasOwn(fields, field));
  if (unknown === undefined) return { ...fields, ...changes };
  throw new ConfigError(
    unknown,
    `"${unknown}" cannot be set; what can is: ${Object.keys(fields).join(', ')}.`,
  );
}

export interface ConfigurableAlternatives {
  /** Id in `configurable` under which a call names its choice. */
  readonly id: string;
  /** The choice when a call names none, which is the runnable itself. Default 'default'. */
  readonly defaultKey?: string;
}

/** What the alternatives' names begin with among the children. */
export const ALTERNATIVE = 'alternative:';

/** Lets calls put another runnable in this one's place: `{ configurable: { [id]: key } }`. */
export function configurableAlternatives(
  { id, defaultKey = 'default' }: ConfigurableAlternatives,
  alternatives: Readonly<Record<string, AnyRunnable>>,
): Interceptor {
  return {
    kind: 'ConfigurableAlternatives',
    options: { id, defaultKey },
    children: Object.fromEntries(
      Object.entries(alternatives).map(([key, alternative]) => [`${ALTERNATIVE}${key}`, alternative]),
    ),
    arrangement: 'choice',
    around: (inner, input, context) => {
      const key = chosen(id, defaultKey, context);
      if (key === defaultKey) return inner(input, context);
      const alternative = Object.hasOwn(alternatives, key) ? alternatives[key] : undefined;
      if (alternative === undefined) {
        throw new ConfigError(
          `configurable.${id}`,
          `There is no alternative ${JSON.stringify(key)}. There are: ${[defaultKey, ...Object.keys(alternatives)].join(', ')}.`,
        );
      }
      return context.run(alternative as never, input as never);
    },
  };
}

function chosen(id: string, defaultKey: string, { configurable }: RunContext): string {
  const key = configurable[id];
  if (key === undefined) return defaultKey;
  if (typeof key === 'string') return key;
  throw new ConfigError(
    `configurable.${id}`,
    `configurable.${id} is a ${typeof key}; give the key of an alternative.`,
  );
}
