import type { RunContext } from '../engine/context.js';
import { ConfigError } from '../errors.js';
import { isChunks } from '../flow/chunks.js';
import type { Flow, Ready } from '../flow/flow.js';
import { transduce } from '../flow/machine.js';
import { ignore, isPromise, andThen, type MaybePromise } from '../flow/promise.js';
import { AIMessage, type AIMessageChunk, type UsageMetadata } from '../messages/ai.js';
import { messageFold } from '../messages/fold.js';
import {
  getLlmCache,
  type LlmCache,
  type LlmCacheSetting,
  type LlmRecord,
  type LlmRequest,
} from './llm-cache.js';
import { recordOf } from './request.js';

/** How long a store may take before the call goes on without it, in milliseconds. */
const LOOKUP_DEADLINE_MS = 250;

type Answer = Flow<AIMessage, AIMessageChunk>;

/** The cache that holds for a call: the call's own setting, else the model's, else the global one. */
export function cacheFor(
  call: LlmCacheSetting | undefined,
  model: LlmCacheSetting | undefined,
): LlmCache | undefined {
  const setting = call ?? model ?? getLlmCache() ?? false;
  if (setting === false) return undefined;
  if (setting !== true) return setting;
  const global = getLlmCache();
  if (global === null) {
    throw new ConfigError(
      'cache',
      '"cache: true" means the global cache, and none is set. Call setLlmCache(...) first.',
    );
  }
  return global;
}

/**
 * Answers from the cache, or asks the model and keeps what it says. A cache that fails or is slow is a miss; it never
 * fails the call. Only complete answers are kept.
 */
export function throughCache(
  cache: LlmCache,
  request: LlmRequest,
  context: RunContext,
  ask: () => Answer,
): Answer {
  return andThen<LlmRecord | undefined, Ready<AIMessage, AIMessageChunk>>(lookup(cache, request), (record) =>
    record === undefined
      ? (keeping(cache, request, context, ask()) as MaybePromise<Ready<AIMessage, AIMessageChunk>>)
      : hit(record),
  );
}

function lookup(cache: LlmCache, request: LlmRequest): MaybePromise<LlmRecord | undefined> {
  try {
    const found = cache.lookup(request);
    return isPromise(found) ? inTime(found).then(usable, () => undefined) : usable(found);
  } catch {
    return undefined;
  }
}

function usable(record: LlmRecord | undefined | null): LlmRecord | undefined {
  return record?.version === 1 ? record : undefined;
}

function inTime(found: PromiseLike<LlmRecord | undefined>): Promise<LlmRecord | undefined> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(undefined), LOOKUP_DEADLINE_MS);
    const settle = <T>(done: (value: T) => void) => {
      return (value: T): void => {
        clearTimeout(timer);
        done(value);
      };
    };
    found.then(settle(resolve), settle(reject));
  });
}

const FREE: UsageMetadata = { input_tokens: 0, output_tokens: 0, total_tokens: 0 };

/** A kept answer as a message of its own, marked as a hit that cost nothing. */
function hit({ message }: LlmRecord): AIMessage {
  const fields = structuredClone(message);
  const { usage_metadata } = fields;
  return new AIMessage({
    ...fields,
    usage_metadata: usage_metadata && FREE,
    response_metadata: {
      ...fields.response_metadata,
      cache: { hit: true, ...(usage_metadata && { avoided_usage: usage_metadata }) },
    },
  });
}

function keeping(cache: LlmCache, request: LlmRequest, context: RunContext, answer: Answer): Answer {
  const keep = (message: AIMessage): AIMessage => {
    if (isComplete(message)) write(cache, request, message);
    return message;
  };
  return andThen(answer, (ready): Ready<AIMessage, AIMessageChunk> => {
    if (!isChunks(ready)) return keep(ready as AIMessage);
    const total = messageFold();
    const tap = {
      push: (chunk: AIMessageChunk) => {
        total.add(chunk);
        return [chunk];
      },
      // Reached by streams that end by themselves only: not by those that fail or are stopped.
      end: () => {
        keep(total.value());
        return [];
      },
    };
    return transduce<AIMessageChunk, AIMessageChunk, AIMessage>(
      ready as never,
      tap,
      messageFold,
      context.wants,
    );
  });
}

function write(cache: LlmCache, request: LlmRequest, message: AIMessage): void {
  try {
    ignore(cache.update(request, recordOf(message)));
  } catch {
    // The answer is there and paid for; a store that cannot keep it is no reason to lose it.
  }
}

const INCOMPLETE: ReadonlySet<unknown> = new Set([
  'length',
  'max_tokens',
  'content_filter',
  'error',
  'refusal',
]);

/** Whether an answer may be given again: it says something, and was neither cut off nor filtered. */
function isComplete({ content, tool_calls, invalid_tool_calls, response_metadata }: AIMessage): boolean {
  const { finish_reason, stop_reason } = response_metadata;
  if (INCOMPLETE.has(finish_reason) || INCOMPLETE.has(stop_reason)) return false;
  return invalid_tool_calls.length === 0 && (content.length > 0 || tool_calls.length > 0);
}
