import { OutputParserException } from '../errors.js';
import type { SyncMachine } from '../flow/machine.js';
import type { AIMessage, ToolCallChunk } from '../messages/ai.js';
import { isAIMessageChunk } from '../messages/is-message.js';
import { isObject } from './fitted.js';
import { parsingFailure } from './failure.js';
import type { JsonOptions } from './reader.js';
import { JsonSnapshots } from './snapshots.js';

/** A tool call that a model asks for, read. */
export interface ParsedToolCall {
  /** Name of the tool. */
  readonly type: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly id?: string;
}

export interface ToolCallOptions {
  /** Leaves out the calls of every other tool, unread. */
  readonly only?: string | undefined;
  readonly json?: JsonOptions | undefined;
}

const NONE: readonly never[] = [];

/** Reads the tool calls of a message that may arrive in pieces, and gives what is known of them when that has changed. */
export class ToolCallSnapshots implements SyncMachine<AIMessage, readonly ParsedToolCall[]> {
  readonly #options: ToolCallOptions;
  /** Calls that came whole, and those that come in pieces: in this order, as in the folded message. */
  readonly #whole: ParsedToolCall[] = [];
  readonly #open: OpenCall[] = [];
  readonly #byIndex = new Map<number, OpenCall>();
  #version = 0;
  #given = -1;

  constructor(options: ToolCallOptions = {}) {
    this.#options = options;
  }

  push(message: AIMessage): readonly (readonly ParsedToolCall[])[] {
    for (const { name, args, id } of message.tool_calls) {
      if (!this.#wants(name)) continue;
      this.#whole.push({ type: name, args, ...(id !== undefined && { id }) });
      this.#version += 1;
    }
    // Its text may still be what this parser takes: what makes a call invalid elsewhere is not asked here.
    for (const { name, args, id } of message.invalid_tool_calls)
      this.#begin().add({ name, args, id } as ToolCallChunk);
    if (isAIMessageChunk(message)) {
      for (const piece of message.tool_call_chunks) this.#callOf(piece).add(piece);
    }
    return this.#changed() ? [this.#take()] : NONE;
  }

  end(): readonly (readonly ParsedToolCall[])[] {
    for (const call of this.#open) if (this.#wants(call.name)) call.end();
    const isFirst = this.#given === -1;
    return this.#changed() || isFirst ? [this.#take()] : NONE;
  }

  #wants(name: string): boolean {
    return this.#options.only === undefined || name === this.#options.only;
  }

  /** The call that a piece belongs to: the one of its index; without an index the last one, unless it has another id. */
  #callOf({ index, id }: ToolCallChunk): OpenCall {
    const known = index === undefined ? this.#open.at(-1) : this.#byIndex.get(index);
    const startsAnother =
      index === undefined && id !== undefined && known?.id !== undefined && id !== known.id;
    if (known !== undefined && !startsAnother) return known;
    const call = this.#begin();
    if (index !== undefined) this.#byIndex.set(index, call);
    return call;
  }

  #begin(): OpenCall {
    const call = new OpenCall(this.#options);
    this.#open.push(call);
    return call;
  }

  #changed(): boolean {
    let version = this.#version;
    for (const call of this.#open) if (this.#wants(call.name)) version += call.version;
    if (version === 0 || version === this.#given) return false;
    this.#given = version;
    return true;
  }

  #take(): readonly ParsedToolCall[] {
    const open = this.#open.filter(({ name }) => name !== '' && this.#wants(name));
    return [...this.#whole, ...open.map((call) => call.parsed)];
  }
}

/** A call whose arguments are arriving. Unread as long as its name says that nobody wants it. */
class OpenCall {
  readonly #only: string | undefined;
  readonly #json: JsonSnapshots;
  /** Arguments that came before the name. */
  #early = '';
  id: string | undefined;
  name = '';
  parsed: ParsedToolCall = { type: '', args: {} };
  version = 0;

  constructor({ only, json }: ToolCallOptions) {
    this.#only = only;
    this.#json = new JsonSnapshots(json);
  }

  add({ id, name, args }: ToolCallChunk): void {
    if (id !== undefined && this.id === undefined) this.#set({ id: (this.id = id) });
    if (name !== undefined && name !== '' && this.name === '') this.#set({ type: (this.name = name) });
    const text = this.#early + (args ?? '');
    this.#early = this.name === '' ? text : '';
    if (this.name === '' || (this.#only !== undefined && this.name !== this.#only)) return;
    this.#read(() => this.#json.push(text));
  }

  end(): void {
    if (this.name === '') throw parsingFailure('A tool call has no name', this.#early, this.#early.length);
    // Models that call a tool without arguments often write nothing at all.
    if (this.#json.text.trim() === '') return;
    this.#read(() => this.#json.end());
    if (!isObject(this.#json.whole())) {
      throw parsingFailure(`The arguments for "${this.name}" are not a JSON object`, this.#json.text, 0);
    }
  }

  #read(read: () => readonly unknown[]): void {
    try {
      for (const args of read()) if (isObject(args)) this.#set({ args });
    } catch (error) {
      if (!(error instanceof OutputParserException)) throw error;
      const message = `The arguments for "${this.name}" cannot be parsed. ${error.message}`;
      throw new OutputParserException(message, error.llmOutput, error.position, { cause: error });
    }
  }

  #set(fields: Partial<ParsedToolCall>): void {
    this.parsed = { ...this.parsed, ...fields };
    this.version += 1;
  }
}
