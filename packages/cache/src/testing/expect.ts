import { deepEqual } from '@pipewright/core/testing';

/** One rule that every cache or store keeps, for any test runner: `test(rule.name, rule.check)`. */
export interface Rule {
  readonly name: string;
  /** Rejects, saying what was expected and what came, when the rule is broken. */
  readonly check: () => Promise<void>;
}

export function expectEqual(got: unknown, expected: unknown, what: string): void {
  if (deepEqual(got, expected)) return;
  throw new Error(`${what}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(got)}`);
}

export function expectTrue(condition: boolean, what: string): void {
  if (!condition) throw new Error(what);
}
