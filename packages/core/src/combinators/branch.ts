import type { RunContext } from '../engine/run-context.js';
import { ConfigError } from '../errors.js';
import type { Flow, Ready } from '../flow/flow.js';
import { andThen } from '../flow/promise.js';
import type { Manifest } from '../manifest.js';
import { coerce, Runnable, type AnyRunnable, type Children } from '../runnable.js';
import type { ChunkOf, InputOf, OutputOf, RunnableLike } from '../runnable-like.js';

/** A pair of a condition and what to run, or the default. */
export type BranchCase =
  | readonly [condition: RunnableLike<never>, branch: RunnableLike<never>]
  | RunnableLike<never>;

type CaseBranch<Of> = Of extends readonly [unknown, infer Branch] ? Branch : Of;
/** What all conditions and branches take, as any of them may run; functions that do not say take what the others do. */
type CaseInput<Of> = CaseTaker<Of> extends (input: infer In) => void ? In : never;
type CaseTaker<Of> = Of extends readonly [infer Condition, infer Branch]
  ? CaseTaker<Condition> | CaseTaker<Branch>
  : [InputOf<Of>] extends [never]
    ? never
    : (input: InputOf<Of>) => void;

type Case = readonly [condition: AnyRunnable, branch: AnyRunnable];

/**
 * Runs the branch of the first condition that holds, or the default. Whatever the branch gives is the result, also if it
 * is false or empty.
 *
 * @example
 * ```ts
 * import { RunnableBranch } from '@pipewright/core';
 *
 * const size = RunnableBranch.from([
 *   [(n: number) => n > 10, () => 'big'],
 *   [(n: number) => n > 5, () => 'mid'],
 *   () => 'small',
 * ]);
 * const sizes = size.batchSync([1, 7, 20]); // small, mid, big
 * ```
 */
export class RunnableBranch<In, Out, Chunk = Out> extends Runnable<In, Out, Chunk> {
  readonly name: string;
  readonly branches: readonly Case[];
  readonly default: AnyRunnable;

  constructor(fields: {
    readonly branches: readonly Case[];
    readonly default: AnyRunnable;
    readonly name?: string;
  }) {
    super();
    this.name = fields.name ?? 'RunnableBranch';
    this.branches = fields.branches;
    this.default = fields.default;
  }

  /** Makes a branch of pairs of a condition and what to run, and a default at the end. */
  static from<const Cases extends readonly BranchCase[]>(
    cases: Cases,
  ): RunnableBranch<
    CaseInput<Cases[number]>,
    OutputOf<CaseBranch<Cases[number]>>,
    ChunkOf<CaseBranch<Cases[number]>>
  > {
    const last = cases.at(-1);
    const pairs = cases.slice(0, -1);
    const malformed = pairs.findIndex((pair) => !Array.isArray(pair) || pair.length !== 2);
    if (pairs.length === 0 || malformed >= 0 || Array.isArray(last)) {
      throw new ConfigError(
        'branches',
        'A branch needs at least one pair [condition, runnable], and after the pairs the default to run when none holds.',
      );
    }
    return new RunnableBranch({
      branches: (pairs as readonly (readonly [unknown, unknown])[]).map(([condition, branch], index) => [
        coerce(condition, `condition:${index + 1}`),
        coerce(branch, `branch:${index + 1}`),
      ]),
      default: coerce(last, 'default'),
    });
  }

  override get children(): Children {
    const pairs = this.branches.flatMap(([condition, branch], index) => [
      [`condition:${index + 1}`, condition] as const,
      [`branch:${index + 1}`, branch] as const,
    ]);
    return Object.fromEntries([...pairs, ['default', this.default]]);
  }

  override get manifest(): Manifest {
    const conditions = this.branches.map(
      (_, index) => [`branch:${index + 1}`, `condition:${index + 1}`] as const,
    );
    return {
      kind: 'RunnableBranch',
      options: { name: this.name },
      arrangement: 'choice',
      conditions: Object.fromEntries(conditions),
    };
  }

  run(input: Ready<In, unknown>, context: RunContext): Flow<Out, Chunk> {
    const decide = (index: number): Flow<unknown, unknown> => {
      const pair = this.branches[index];
      if (pair === undefined) return context.run(this.default, input as never, 'branch', 'default');
      const [condition, branch] = pair;
      const asked = context.wanting('value');
      const holds = asked.whole(asked.run(condition, input as never, 'condition', index + 1));
      return andThen(
        holds,
        (yes): Flow<unknown, unknown> =>
          yes ? context.run(branch, input as never, 'branch', index + 1) : decide(index + 1),
      );
    };
    return decide(0) as Flow<Out, Chunk>;
  }
}
