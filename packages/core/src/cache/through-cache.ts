import type { RunContext } from '../engine/run-context.js';
import type { Flow } from '../flow/flow.js';
import type { AIMessageChunk } from '../messages/ai-chunk.js';
import type { AIMessage } from '../messages/ai.js';
import { CacheMissError, notKept } from './cache-error.js';
import { tell } from './cache-event.js';
import type { CacheUse } from './cache-options.js';
import { CachedCall } from './cached-call.js';
import { decide } from './policy.js';
import { describeCall, withSample, type CallParts } from './request.js';
import { nextSample } from './samples.js';

type Answer = Flow<AIMessage, AIMessageChunk>;

/**
 * Answers a call of a model from the cache, or asks the model and keeps what it says. A cache that fails or is slow is a
 * miss; it never fails the call, unless the call is strict.
 *
 * @param ask - asks the model in the run given, which is not the caller's: several callers may wait for one answer
 */
export function throughCache(
  use: CacheUse,
  call: CallParts,
  context: RunContext,
  ask: (context: RunContext) => Answer,
): Answer {
  const described = describeCall(call, use);
  if ('reason' in described) return bypass(use, call, described.reason, context, ask);
  const { request } = described;
  const decision = decide(use.policy, request);
  if (decision === 'skip') return bypass(use, call, 'The policy leaves it out.', context, ask);
  const { samples = 1 } = use;
  const sample = samples > 1 ? nextSample(use.cache, request.key, samples) : 0;
  return new CachedCall(use, withSample(request, sample), context, ask).answer(decision === 'use');
}

function bypass(
  use: CacheUse,
  { model }: CallParts,
  reason: string,
  context: RunContext,
  ask: (context: RunContext) => Answer,
): Answer {
  tell(use, { type: 'bypassed', model: model.name, reason });
  if (use.onMiss !== 'fail') {
    if (use.strict === 'kept') throw notKept(model.name, reason);
    return ask(context);
  }
  throw new CacheMissError(
    '',
    `This call of ${model.name} is not cached, and "onMiss" forbids to ask. ${reason}`,
  );
}
