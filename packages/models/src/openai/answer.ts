import {
  AIMessageChunk,
  type ContentBlock,
  type MessageContent,
  type ToolCallChunk,
  type UsageMetadata,
} from '@pipewright/core';
import { MalformedAnswer, RefusedAnswer, type AnswerReader } from '../transport/chat-codec.js';
import { isObject, type Json } from '../transport/json.js';
import { refusalIn } from '../transport/refusal.js';
import { WholeCharacters } from '../transport/whole-characters.js';
import { said } from './delta-content.js';
import { checkedIndex, ToolCallFragments } from './tool-calls.js';
import { usageOf } from './usage.js';

/** Reads a chat completion, streamed or whole. Fields it does not know are passed over. */
export class ChatCompletionReader implements AnswerReader {
  readonly #text = new WholeCharacters();
  readonly #reasoning = new WholeCharacters();
  readonly #calls = new ToolCallFragments();
  readonly #metadata: Record<string, unknown>;
  #id: string | undefined;
  #finishReason: string | undefined;
  #refusal = '';
  /** Reported along with a last piece of text, which is handed out first. */
  #failure: RefusedAnswer | undefined;
  /** The last one counts: some hosts send a growing count with each chunk. */
  #usage: UsageMetadata | undefined;

  constructor(model: string) {
    this.#metadata = { model_provider: 'openai', model_name: model };
  }

  get finished(): boolean {
    return this.#finishReason !== undefined || this.#failure !== undefined;
  }

  event(json: unknown): AIMessageChunk | undefined {
    return this.#read(json, false);
  }

  whole(json: unknown): AIMessageChunk | undefined {
    const choices = isObject(json) ? json.choices : undefined;
    if (!Array.isArray(choices) || choices.length === 0) {
      throw new MalformedAnswer('is JSON, but no chat completion: it has no "choices". Check "baseURL".');
    }
    return this.#read(json, true);
  }

  end(notes: Json): AIMessageChunk {
    if (this.#failure !== undefined) throw this.#failure;
    const tool_call_chunks = this.#calls.missingIds();
    const extras = this.#calls.extras();
    return new AIMessageChunk({
      content: contentOf(this.#text.end(), this.#reasoning.end(), []),
      id: this.#id,
      tool_call_chunks,
      usage_metadata: this.#usage,
      response_metadata: {
        ...this.#metadata,
        ...(this.#finishReason !== undefined && { finish_reason: this.#finishReason }),
        ...notes,
      },
      ...(extras !== undefined && { additional_kwargs: { tool_call_extras: extras } }),
    });
  }

  #read(json: unknown, whole: boolean): AIMessageChunk | undefined {
    if (this.#failure !== undefined) throw this.#failure;
    if (!isObject(json)) throw new MalformedAnswer('has an event that is no object.');
    this.#note(json);
    const choice = firstChoice(json.choices);
    if (choice === undefined) return undefined;
    if (typeof choice.finish_reason === 'string' && choice.finish_reason !== '') {
      this.#finishReason = choice.finish_reason;
    }
    const delta = choice.delta ?? choice.message;
    const chunk = isObject(delta) ? this.#chunk(delta, whole) : undefined;
    const isReported = refusalIn(choice) !== undefined;
    if (isReported || this.#finishReason === 'error') {
      const failure = new RefusedAnswer(isReported ? choice : { error: 'The model stopped with an error.' });
      if (chunk === undefined) throw failure;
      this.#failure = failure;
    }
    return chunk;
  }

  #note({ id, model, system_fingerprint, service_tier, usage }: Json): void {
    if (typeof id === 'string' && id !== '') {
      this.#id ??= id;
      this.#metadata.id = this.#id;
    }
    if (typeof model === 'string' && model !== '') this.#metadata.model_name = model;
    if (typeof system_fingerprint === 'string') this.#metadata.system_fingerprint = system_fingerprint;
    if (typeof service_tier === 'string') this.#metadata.service_tier = service_tier;
    this.#usage = usageOf(usage) ?? this.#usage;
  }

  /** Undefined when there is nothing to show, as in the first delta, which only tells the role. */
  #chunk(delta: Json, whole: boolean): AIMessageChunk | undefined {
    const { text, reasoning, others } = said(delta);
    const content = contentOf(this.#text.push(text), this.#reasoning.push(reasoning), others);
    const tool_call_chunks: readonly ToolCallChunk[] = this.#calls.push(delta.tool_calls, whole);
    const refuses = typeof delta.refusal === 'string' && delta.refusal !== '';
    if (refuses) this.#refusal += delta.refusal as string;
    if (content.length === 0 && tool_call_chunks.length === 0 && !refuses) return undefined;
    return new AIMessageChunk({
      content,
      id: this.#id,
      tool_call_chunks,
      // All of it so far: of metadata, the last piece counts.
      ...(refuses && { additional_kwargs: { refusal: this.#refusal } }),
    });
  }
}

/** With `n` above 1 there are more; a chat model gives one answer, the first. */
function firstChoice(choices: unknown): Json | undefined {
  if (choices === undefined || choices === null) return undefined;
  if (!Array.isArray(choices)) throw new MalformedAnswer('has "choices" that are no list.');
  return choices.find(
    (choice): choice is Json => isObject(choice) && (checkedIndex(choice.index, 'choice') ?? 0) === 0,
  );
}

/** Text alone stays a string, as most answers are. */
function contentOf(text: string, reasoning: string, others: readonly ContentBlock[]): MessageContent {
  if (reasoning === '' && others.length === 0) return text;
  return [
    ...(reasoning === '' ? [] : [{ type: 'reasoning', reasoning } as const]),
    ...(text === '' ? [] : [{ type: 'text', text } as const]),
    ...others,
  ];
}
