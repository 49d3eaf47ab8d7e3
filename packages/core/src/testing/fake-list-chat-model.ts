import { cacheOption } from '../cache/cache-options.js';
import type { RunContext } from '../engine/run-context.js';
import { AIMessageChunk } from '../messages/ai-chunk.js';
import { AIMessage } from '../messages/ai.js';
import type { Manifest } from '../manifest.js';
import type { BaseMessage } from '../messages/message.js';
import type { ModelCallOptions } from '../engine/config.js';
import { BaseChatModel, type BaseChatModelFields } from '../models/chat-model.js';

export interface FakeListChatModelFields extends BaseChatModelFields {
  /** What it answers, one after the other, then again from the first. */
  readonly responses: readonly string[];
}

/**
 * A chat model that answers from a list. Streams character by character. Synchronous, so that a chain with it can be run
 * by `invokeSync`.
 *
 * @example
 * ```ts
 * import { FakeListChatModel } from '@pipewright/core/testing';
 *
 * const model = new FakeListChatModel({ responses: ['one', 'two'] });
 * const texts = (await model.batch(['a', 'b', 'c'])).map((message) => message.text); // one, two, one
 * ```
 */
export class FakeListChatModel extends BaseChatModel {
  readonly name = 'FakeListChatModel';
  readonly responses: readonly string[];
  /** How many answers have been given. */
  calls = 0;

  constructor(fields: FakeListChatModelFields) {
    super(fields);
    this.responses = fields.responses;
  }

  override get manifest(): Manifest {
    return { kind: this.name, options: { responses: this.responses, cache: cacheOption(this.cache) } };
  }

  override identity(): Readonly<Record<string, unknown>> {
    return { name: this.name, responses: this.responses };
  }

  override generate(): AIMessage {
    return new AIMessage(nextResponse(this));
  }

  override *streamChunks(
    _messages: readonly BaseMessage[],
    _options: ModelCallOptions,
    _context: RunContext,
  ): Generator<AIMessageChunk> {
    for (const character of nextResponse(this)) yield new AIMessageChunk(character);
  }
}

function nextResponse(model: FakeListChatModel): string {
  return model.responses[model.calls++ % model.responses.length] ?? '';
}
