// The chat-completions protocol, seen from the server: what it reads and the bodies it writes.
import { answerTo, tokensOf } from './answers.js';

/** A request that is refused, with the body that OpenAI's API sends for it. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly code: string | null = null,
    readonly param: string | null = null,
  ) {
    super(message);
  }

  get body(): unknown {
    const { message, param, code } = this;
    return { error: { message, type: 'invalid_request_error', param, code } };
  }
}

/** What was asked for, of the fields that this model understands. */
export interface CompletionRequest {
  readonly model: string;
  readonly prompt: string;
  readonly stream: boolean;
  readonly includeUsage: boolean;
  readonly maxTokens: number;
}

/** @throws Refusal for a body that is not a request */
export function readRequest(text: string): CompletionRequest {
  const body = parse(text);
  if (typeof body.model !== 'string') throw invalid('model', 'you must provide a model parameter');
  if (!Array.isArray(body.messages) || body.messages.length === 0) {
    throw invalid('messages', "'messages' must be an array with at least one message");
  }
  const messages = body.messages.map((message: unknown) => (isRecord(message) ? message : {}));
  const stream = body.stream === true;
  return {
    model: body.model,
    prompt: textOf(messages.findLast(({ role }) => role === 'user')?.content),
    stream,
    includeUsage: stream && isRecord(body.stream_options) && body.stream_options.include_usage === true,
    maxTokens: Number(body.max_completion_tokens ?? body.max_tokens ?? Infinity),
  };
}

/** An answer, in the pieces it is streamed in. */
export interface Completion {
  readonly tokens: readonly string[];
  /** The body of an answer that is sent whole. */
  readonly whole: unknown;
  /** A chunk of a streamed answer: a delta, or the reason why it ended. */
  readonly chunk: (delta: object, finishReason?: string) => unknown;
  /** The chunk that ends a stream for a client that asked for `include_usage`. */
  readonly usageChunk: unknown;
  readonly finishReason: 'stop' | 'length';
}

export function complete(request: CompletionRequest, id: string): Completion {
  const answer = tokensOf(answerTo(request.prompt));
  const tokens = answer.slice(0, request.maxTokens);
  const finishReason = tokens.length < answer.length ? 'length' : 'stop';
  const usage = usageOf(tokensOf(request.prompt).length, tokens.length);
  const head = (object: string): object => ({
    id,
    object,
    created: Math.floor(Date.now() / 1000),
    model: request.model,
  });
  const chunkHead = { ...head('chat.completion.chunk'), ...(request.includeUsage && { usage: null }) };
  const message = { role: 'assistant', content: tokens.join('') };
  return {
    tokens,
    finishReason,
    whole: {
      ...head('chat.completion'),
      choices: [{ index: 0, message, finish_reason: finishReason }],
      usage,
    },
    chunk: (delta, reason) => ({
      ...chunkHead,
      choices: [{ index: 0, delta, finish_reason: reason ?? null }],
    }),
    usageChunk: { ...chunkHead, choices: [], usage },
  };
}

function usageOf(prompt: number, completion: number): object {
  return { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion };
}

function parse(text: string): Record<string, unknown> {
  try {
    const body: unknown = JSON.parse(text);
    if (isRecord(body)) return body;
  } catch {
    // Refused below, like JSON that is not an object.
  }
  throw new Refusal(400, 'We could not parse the JSON body of your request.');
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((part) => (isRecord(part) && typeof part.text === 'string' ? part.text : '')).join('');
}

function invalid(param: string, message: string): Refusal {
  return new Refusal(400, message, null, param);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
