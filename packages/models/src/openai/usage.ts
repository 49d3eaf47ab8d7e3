import type { UsageMetadata } from '@pipewright/core';
import { isObject } from '../transport/json.js';

type Counts = Record<string, number>;

/** Token counts as a provider reports them; undefined when there are none that make sense. Nonsense counts as absent. */
export function usageOf(raw: unknown): UsageMetadata | undefined {
  if (!isObject(raw)) return undefined;
  const input = count(raw.prompt_tokens);
  const output = count(raw.completion_tokens);
  const total = count(raw.total_tokens);
  if (input === undefined && output === undefined && total === undefined) return undefined;
  const inputDetails = details(raw.prompt_tokens_details, {
    cached_tokens: 'cache_read',
    audio_tokens: 'audio',
  });
  // DeepSeek's place for the same.
  const cached = count(raw.prompt_cache_hit_tokens);
  if (cached !== undefined && inputDetails.cache_read === undefined) inputDetails.cache_read = cached;
  const outputDetails = details(raw.completion_tokens_details, {
    reasoning_tokens: 'reasoning',
    audio_tokens: 'audio',
  });
  return {
    input_tokens: input ?? 0,
    output_tokens: output ?? 0,
    total_tokens: total ?? (input ?? 0) + (output ?? 0),
    ...(Object.keys(inputDetails).length > 0 && { input_token_details: inputDetails }),
    ...(Object.keys(outputDetails).length > 0 && { output_token_details: outputDetails }),
  };
}

function details(raw: unknown, names: Readonly<Record<string, string>>): Counts {
  const found: Counts = {};
  if (!isObject(raw)) return found;
  for (const [theirs, ours] of Object.entries(names)) {
    const value = count(raw[theirs]);
    if (value !== undefined) found[ours] = value;
  }
  return found;
}

/** A whole number that can still be added up exactly. */
function count(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}
