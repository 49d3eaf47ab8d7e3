import { cacheOption } from '../cache/cache-options.js';
import type { ModelCallOptions } from '../engine/config.js';
import type { RunContext } from '../engine/run-context.js';
import { AIMessageChunk } from '../messages/ai-chunk.js';
import { AIMessage } from '../messages/ai.js';
import type { Manifest } from '../manifest.js';
import type { BaseMessage } from '../messages/message.js';
import { BaseChatModel, type BaseChatModelFields } from '../models/chat-model.js';

/** One turn of a script: a text, a message, pieces to stream, a failure, or a function that decides. */
export type ScriptedReply =
  | string
  | AIMessage
  | readonly (string | AIMessageChunk | Error)[]
  | Error
  | ((messages: readonly BaseMessage[], options: ModelCallOptions) => ScriptedReply | Promise<ScriptedReply>);

/** A call that a scripted model received. */
export interface RecordedCall {
  readonly messages: readonly BaseMessage[];
  readonly options: ModelCallOptions;
}

export interface ScriptedChatModelFields extends BaseChatModelFields {
  /** One reply for each call, in order. A call past the last one fails. */
  readonly replies: readonly ScriptedReply[];
}

/**
 * A chat model that follows a script and remembers its calls. An Error in a list of pieces fails the stream there; an
 * Error by itself fails the call.
 *
 * @example
 * ```ts
 * import { ScriptedChatModel } from '@pipewright/core/testing';
 *
 * const model = new ScriptedChatModel({ replies: [new Error('down'), ['Hel', 'lo']] });
 * await model.invoke('first').catch(() => 'failed as scripted');
 * const answer = await model.invoke('second');
 * const asked = model.calls.map((call) => call.messages[0]?.text); // first, second
 * ```
 */
export class ScriptedChatModel extends BaseChatModel {
  readonly name = 'ScriptedChatModel';
  readonly replies: readonly ScriptedReply[];
  readonly calls: RecordedCall[] = [];

  constructor(fields: ScriptedChatModelFields) {
    super(fields);
    this.replies = fields.replies;
  }

  /** A script with failures or functions in it is code: with one, this goes by its name. */
  override get manifest(): Manifest | undefined {
    const { name, replies, cache } = this;
    return isPlainScript(replies)
      ? { kind: name, options: { replies, cache: cacheOption(cache) } }
      : undefined;
  }

  override identity(): Readonly<Record<string, unknown>> {
    return { name: this.name };
  }

  override async *streamChunks(
    messages: readonly BaseMessage[],
    options: ModelCallOptions,
    _context: RunContext,
  ): AsyncGenerator<AIMessageChunk> {
    const turn = this.calls.push({ messages, options }) - 1;
    if (turn >= this.replies.length) {
      throw new Error(`The script has ${this.replies.length} replies; this is call ${turn + 1}.`);
    }
    let reply = this.replies[turn] as ScriptedReply;
    while (typeof reply === 'function') reply = await reply(messages, options);
    for (const piece of Array.isArray(reply) ? reply : [reply]) {
      if (piece instanceof Error) throw piece;
      yield piece instanceof AIMessage ? AIMessageChunk.from(piece) : new AIMessageChunk(piece as string);
    }
  }
}

/** Whether there is nothing in a script that cannot be stored. */
export function isPlainScript(replies: readonly unknown[]): boolean {
  return replies.flat().every((piece) => typeof piece === 'string' || piece instanceof AIMessage);
}
