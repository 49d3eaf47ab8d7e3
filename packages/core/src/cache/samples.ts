import type { LlmCache } from './llm-cache.js';

const MAX_COUNTED = 10_000;

const counters = new WeakMap<LlmCache, Map<string, number>>();

/** Which of `samples` kept answers is due for a request: each in turn, counted per cache in this process. */
export function nextSample(cache: LlmCache, key: string, samples: number): number {
  let counts = counters.get(cache);
  if (counts === undefined) counters.set(cache, (counts = new Map()));
  const turn = counts.get(key) ?? 0;
  counts.delete(key);
  counts.set(key, (turn + 1) % samples);
  // Forgetting where a request stood only starts its turns over.
  if (counts.size > MAX_COUNTED) counts.delete(counts.keys().next().value as string);
  return turn % samples;
}
