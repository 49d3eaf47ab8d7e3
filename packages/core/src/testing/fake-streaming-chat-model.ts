import { cacheOption } from '../cache/cache-options.js';
import { AIMessageChunk } from '../messages/ai-chunk.js';
import type { Manifest } from '../manifest.js';
import { BaseChatModel, type BaseChatModelFields } from '../models/chat-model.js';

export interface FakeStreamingChatModelFields extends BaseChatModelFields {
  /** What every call streams. */
  readonly chunks: readonly (string | AIMessageChunk)[];
}

/**
 * A chat model that streams the same chunks at every call, asynchronously.
 *
 * @example
 * ```ts
 * import { FakeStreamingChatModel } from '@pipewright/core/testing';
 *
 * const model = new FakeStreamingChatModel({ chunks: ['Hel', 'lo'] });
 * for await (const chunk of model.stream('Hi')) chunk.text; // Hel, lo
 * ```
 */
export class FakeStreamingChatModel extends BaseChatModel {
  readonly name = 'FakeStreamingChatModel';
  readonly chunks: readonly (string | AIMessageChunk)[];

  constructor(fields: FakeStreamingChatModelFields) {
    super(fields);
    this.chunks = fields.chunks;
  }

  override get manifest(): Manifest {
    return { kind: this.name, options: { chunks: this.chunks, cache: cacheOption(this.cache) } };
  }

  override async *streamChunks(): AsyncGenerator<AIMessageChunk> {
    for (const chunk of this.chunks) yield typeof chunk === 'string' ? new AIMessageChunk(chunk) : chunk;
  }
}
