import fc from 'fast-check';
import { expect, test } from 'vitest';
import { usageOf } from './usage.js';

test('counts and their details are read', () => {
  const raw = {
    prompt_tokens: 10,
    completion_tokens: 5,
    total_tokens: 15,
    prompt_tokens_details: { cached_tokens: 4, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 3, other_tokens: 9 },
  };
  expect(usageOf(raw)).toEqual({
    input_tokens: 10,
    output_tokens: 5,
    total_tokens: 15,
    input_token_details: { cache_read: 4, audio: 0 },
    output_token_details: { reasoning: 3 },
  });
});

test('a missing total is the sum', () => {
  expect(usageOf({ prompt_tokens: 10, completion_tokens: 5 })).toEqual({
    input_tokens: 10,
    output_tokens: 5,
    total_tokens: 15,
  });
});

test('DeepSeek’s name for cached tokens is known', () => {
  expect(
    usageOf({ prompt_tokens: 10, completion_tokens: 5, prompt_cache_hit_tokens: 8 })?.input_token_details,
  ).toEqual({ cache_read: 8 });
});

test.each([
  [undefined],
  [null],
  ['12'],
  [[]],
  [{}],
  [{ prompt_tokens: 'many' }],
  [{ prompt_tokens: -1, total_tokens: Number.NaN }],
])('F058: %j is no count', (raw) => {
  expect(usageOf(raw)).toBeUndefined();
});

test('F058: whatever a server sends, a count is a whole number that can be added up', () => {
  const anything = fc.oneof(fc.jsonValue(), fc.double(), fc.bigInt().map(Number), fc.nat());
  const details = fc.oneof(
    anything,
    fc.dictionary(fc.constantFrom('cached_tokens', 'reasoning_tokens', 'audio_tokens'), anything),
  );
  const raw = fc.record(
    {
      prompt_tokens: anything,
      completion_tokens: anything,
      total_tokens: anything,
      prompt_cache_hit_tokens: anything,
      prompt_tokens_details: details,
      completion_tokens_details: details,
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(raw, (given) => {
      const usage = usageOf(given);
      if (usage === undefined) return;
      const { input_token_details, output_token_details, ...totals } = usage;
      for (const value of Object.values({ ...totals, ...input_token_details, ...output_token_details })) {
        expect(Number.isInteger(value) && value >= 0).toBe(true);
      }
    }),
  );
});
