import { isRecord, type LlmCache, type LlmRequest } from '@pipewright/core';

/** One thing in which two requests differ. */
export interface Difference {
  /** Where, as in `messages[1].content` or `parameters.temperature`. */
  readonly path: string;
  readonly left: unknown;
  readonly right: unknown;
}

/** Whether a call would be answered from a cache, and why not. */
export interface Explanation {
  readonly hit: boolean;
  readonly reason: string;
}

/** The parts of a request that count, in the order in which they are compared. */
const PARTS = [
  'model',
  'identity',
  'scope',
  'epochs',
  'sample',
  'messages',
  'tools',
  'toolChoice',
  'responseFormat',
  'parameters',
] as const; // prettier-ignore

/**
 * Says in what two requests differ, naming the exact fields (none: they share an answer); or, given a cache, whether a
 * request would be answered from it. `llmRequest` of `@pipewright/core` gives the request of a call.
 *
 * @example
 * ```ts
 * import { llmRequest } from '@pipewright/core';
 * import { FakeListChatModel } from '@pipewright/core/testing';
 * import { explain } from '@pipewright/cache';
 *
 * const model = new FakeListChatModel({ responses: ['Hello.'] });
 * const [a, b] = [0, 1].map((temperature) => llmRequest(model, 'Hi', { temperature }));
 * if (a && b && 'request' in a && 'request' in b) explain(a.request, b.request)[0]?.path; // parameters.temperature
 * ```
 */
export function explain(left: LlmRequest, right: LlmRequest): readonly Difference[];
export function explain(request: LlmRequest, cache: LlmCache): Promise<Explanation>;
export function explain(
  request: LlmRequest,
  other: LlmRequest | LlmCache,
): readonly Difference[] | Promise<Explanation> {
  if ('lookup' in other) return explainLookup(request, other);
  return PARTS.flatMap((part) => differences(part, request[part], other[part]));
}

async function explainLookup(request: LlmRequest, cache: LlmCache): Promise<Explanation> {
  try {
    const record = await cache.lookup(request);
    if (record === undefined || record === null) return { hit: false, reason: 'No answer to it is kept.' };
    if (!isRecord(record)) return { hit: false, reason: 'What is kept is no record of this version.' };
    const { expiresAt, staleUntil = expiresAt, error } = record;
    if (staleUntil !== undefined && staleUntil <= Date.now())
      return { hit: false, reason: 'The answer is past its time.' };
    if (expiresAt !== undefined && expiresAt <= Date.now())
      return { hit: true, reason: 'The answer is stale.' };
    return {
      hit: true,
      reason: error === undefined ? 'An answer is kept.' : `A refusal is kept: ${error.message}`,
    };
  } catch (error) {
    return { hit: false, reason: `The cache failed: ${(error as Error).message}` };
  }
}

function differences(path: string, left: unknown, right: unknown): readonly Difference[] {
  if (Object.is(left, right)) return [];
  if (!isStructure(left) || !isStructure(right) || Array.isArray(left) !== Array.isArray(right)) {
    return [{ path, left, right }];
  }
  const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...keys].flatMap((key) =>
    differences(Array.isArray(left) ? `${path}[${key}]` : `${path}.${key}`, left[key], right[key]),
  );
}

function isStructure(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
