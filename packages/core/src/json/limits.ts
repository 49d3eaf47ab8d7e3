import { ConfigError, LimitExceededError } from '../errors.js';

/** How large a parsed value may be. What is over a limit throws LimitExceededError, before any more of it is built. */
export interface ParseLimits {
  /** Characters read (UTF-16 units). Default 8,388,608. */
  readonly maxLength?: number;
  /** How deep arrays, objects or elements may lie in one another. Default 512. */
  readonly maxDepth?: number;
  /** Members of all arrays and objects together. Default 100,000. */
  readonly maxMembers?: number;
}

const DEFAULTS: Required<ParseLimits> = { maxLength: 8 * 1024 * 1024, maxDepth: 512, maxMembers: 100_000 };

/** The limits with their defaults filled in. */
export function limitsOf(given: ParseLimits): Required<ParseLimits> {
  const limit = (name: keyof ParseLimits): number => {
    const value = given[name] ?? DEFAULTS[name];
    if (value === Number.POSITIVE_INFINITY || (Number.isInteger(value) && value >= 1)) return value;
    throw new ConfigError(
      name,
      `${name} is ${String(value)}; give a whole number of at least 1, or Infinity.`,
    );
  };
  return { maxLength: limit('maxLength'), maxDepth: limit('maxDepth'), maxMembers: limit('maxMembers') };
}

const WHAT: Readonly<Record<keyof ParseLimits, string>> = {
  maxLength: 'characters long',
  maxDepth: 'levels deep',
  maxMembers: 'members large',
};

/** The error for a value that is over one of the limits. */
export function overLimit(name: keyof ParseLimits, maximum: number): LimitExceededError {
  return new LimitExceededError(
    name,
    maximum,
    `The model's answer is more than ${maximum} ${WHAT[name]}, so parsing was stopped. ` +
      `Raise ${name} if such answers are expected.`,
  );
}
