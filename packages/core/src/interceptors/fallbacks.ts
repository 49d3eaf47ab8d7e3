import { andThen } from '../flow/promise.js';
import { objectInput } from '../object-input.js';
import type { AnyRunnable } from '../runnable.js';
import { attempts } from './attempts.js';
import type { Inner, Interceptor } from './interceptor.js';

export interface FallbackOptions {
  /** Which errors lead to the next one. Default: all. */
  readonly fallbackIf?: (error: unknown) => boolean;
  /** Key under which a fallback finds the error in its input; a call whose input is no object fails with a ConfigError. */
  readonly exceptionKey?: string;
}

/**
 * Tries others, in order, when what is inside fails before anything of its output was seen. When all fail, the first
 * error is thrown.
 */
export function fallbacks(others: readonly AnyRunnable[], options: FallbackOptions = {}): Interceptor {
  const { fallbackIf, exceptionKey } = options;
  return {
    kind: 'Fallbacks',
    options: { ...options },
    children: Object.fromEntries(others.map((other, index) => [`fallback:${index + 1}`, other])),
    arrangement: 'choice',
    traced: true,
    around: <In, Out, Chunk>(
      inner: Inner<In, Out, Chunk>,
      ...[input, context]: Parameters<Inner<In, Out, Chunk>>
    ) => {
      let first: { readonly error: unknown } | undefined;
      let refusal: unknown;
      return attempts(inner, input, context, (error, attempt): Inner<In, Out, Chunk> => {
        // No other can be told either.
        if (refusal !== undefined) throw refusal;
        first ??= { error };
        const other = others[attempt - 1];
        if (other === undefined || fallbackIf?.(error) === false) throw first.error;
        return (given, within) => {
          const told =
            exceptionKey === undefined
              ? given
              : andThen(within.whole(given), (value) => {
                  try {
                    return { ...objectInput('exceptionKey', value, { cause: error }), [exceptionKey]: error };
                  } catch (refused) {
                    refusal = refused;
                    throw refused;
                  }
                });
          return within.run(other as never, told as never, 'fallback', attempt);
        };
      });
    },
  };
}
