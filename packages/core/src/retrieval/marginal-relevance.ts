import type { Scored } from './best.js';

/**
 * Picks candidates that fit and differ from one another: each next one is the best by
 * `lambda * relevance - (1 - lambda) * likeness to what has been picked`.
 *
 * @param candidates - the best first; their score is their relevance
 * @param likeness - how similar two candidates are
 * @param lambda - 1 for relevance alone, 0 for difference alone
 */
export function marginallyRelevant(
  candidates: readonly Scored[],
  k: number,
  lambda: number,
  likeness: (left: Scored, right: Scored) => number,
): readonly Scored[] {
  const picked: Scored[] = [];
  const rest = [...candidates];
  // The likeness of each that is left to the most similar one picked; only the newest pick can raise it.
  const nearest = rest.map(() => Number.NEGATIVE_INFINITY);
  while (picked.length < k && rest.length > 0) {
    let best = 0;
    let bestValue = Number.NEGATIVE_INFINITY;
    for (const [index, candidate] of rest.entries()) {
      const penalty = picked.length === 0 ? 0 : (nearest[index] as number);
      const value = lambda * candidate.score - (1 - lambda) * penalty;
      if (value > bestValue) [best, bestValue] = [index, value];
    }
    const [pick] = rest.splice(best, 1) as [Scored];
    nearest.splice(best, 1);
    picked.push(pick);
    for (const [index, candidate] of rest.entries()) {
      nearest[index] = Math.max(nearest[index] as number, likeness(candidate, pick));
    }
  }
  return picked;
}
