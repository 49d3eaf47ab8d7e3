import type { ToolCallChunk } from '@pipewright/core';
import { MalformedAnswer } from '../transport/chat-codec.js';
import { JsonExtent } from '../transport/json-extent.js';
import { isObject } from '../transport/json.js';

/** More calls than any model makes at once; an index beyond it is a fault of the server's. */
const MOST_CALLS = 1024;

interface OpenCall {
  /** Its place among the calls of this answer. */
  readonly index: number;
  readonly arguments: JsonExtent;
  id?: string;
  name?: string;
  /** What the provider wants back with the call, such as the signature of a thought. */
  extra?: unknown;
}

interface Fragment {
  readonly index: number | undefined;
  readonly id: string | undefined;
  readonly name: string | undefined;
  readonly args: string | undefined;
  readonly extra: unknown;
}

/**
 * Sorts the fragments of tool calls into calls and numbers these 0, 1, 2... Servers differ: some give no index, or 0 for
 * every call, or another index for a call that goes on, or no id, or the name last. A known id decides, else a known
 * index, else it is the last call that goes on. But a new id starts a new call; so does a new index, unless arguments
 * alone come with it while those of the last call are not complete; and so does a name where the call that would go on
 * has another one, or has its name and complete arguments, and arguments come with it.
 */
export class ToolCallFragments {
  readonly #calls: OpenCall[] = [];
  readonly #byIndex = new Map<number | undefined, OpenCall>();
  readonly #byId = new Map<string, OpenCall>();

  /** The pieces for a delta's `tool_calls`. With `whole`, each of them is a call of its own. */
  push(raw: unknown, whole = false): ToolCallChunk[] {
    if (raw === undefined || raw === null) return [];
    if (!Array.isArray(raw)) throw new MalformedAnswer('has tool calls that are no list.');
    return raw.map((one) => this.#piece(fragmentOf(one), whole));
  }

  /** Pieces that give an id to the calls that came without one: a tool's result has to name its call. */
  missingIds(): ToolCallChunk[] {
    return this.#calls
      .filter((call) => call.id === undefined)
      .map((call) => {
        call.id = `call_${Math.random().toString(36).slice(2, 12)}_${call.index}`;
        return { type: 'tool_call_chunk', index: call.index, id: call.id };
      });
  }

  /** What the provider wants back, by the id of the call. Undefined when there is nothing. */
  extras(): Readonly<Record<string, unknown>> | undefined {
    const found = this.#calls.filter(({ extra }) => extra !== undefined);
    return found.length === 0 ? undefined : Object.fromEntries(found.map(({ id, extra }) => [id, extra]));
  }

  #piece(fragment: Fragment, whole: boolean): ToolCallChunk {
    const known = whole ? undefined : this.#callOf(fragment);
    const call = known ?? this.#open();
    if (fragment.index !== undefined) this.#byIndex.set(fragment.index, call);
    const id = call.id === undefined ? fragment.id : undefined;
    if (id !== undefined) {
      call.id = id;
      this.#byId.set(id, call);
    }
    const name = call.name === undefined ? fragment.name : undefined;
    if (name !== undefined) call.name = name;
    if (fragment.args !== undefined) call.arguments.push(fragment.args);
    if (fragment.extra !== undefined) call.extra = fragment.extra;
    return {
      type: 'tool_call_chunk',
      index: call.index,
      ...(id !== undefined && { id }),
      ...(name !== undefined && { name }),
      ...(fragment.args !== undefined && { args: fragment.args }),
    };
  }

  /** The open call that a fragment continues; undefined when it starts one. */
  #callOf({ index, id, name, args = '' }: Fragment): OpenCall | undefined {
    const known = id === undefined ? undefined : this.#byId.get(id);
    if (known !== undefined) return known;
    const last = this.#calls.at(-1);
    const isBare = id === undefined && name === undefined;
    const other = index === undefined || (isBare && !last?.arguments.closed) ? last : undefined;
    const call = this.#byIndex.get(index) ?? other;
    if (call === undefined || (id !== undefined && call.id !== undefined)) return undefined;
    const isNamedAgain = name !== undefined && call.name !== undefined;
    const isOver = call.arguments.closed && args.trim() !== '';
    return isNamedAgain && (isOver || call.name !== name) ? undefined : call;
  }

  #open(): OpenCall {
    if (this.#calls.length >= MOST_CALLS)
      throw new MalformedAnswer(`has more than ${MOST_CALLS} tool calls.`);
    const call: OpenCall = { index: this.#calls.length, arguments: new JsonExtent() };
    this.#calls.push(call);
    return call;
  }
}

function fragmentOf(raw: unknown): Fragment {
  if (!isObject(raw)) throw new MalformedAnswer('has a tool call that is no object.');
  const given = isObject(raw.function) ? raw.function : {};
  return {
    index: checkedIndex(raw.index, 'tool call'),
    id: text(raw.id),
    name: text(given.name),
    args: argumentsOf(given.arguments),
    extra: raw.extra_content ?? undefined,
  };
}

/**
 * An index as it is given; undefined when there is none.
 *
 * @throws MalformedAnswer for one that no honest server gives
 */
export function checkedIndex(index: unknown, what: string): number | undefined {
  if (typeof index !== 'number') return undefined;
  if (Number.isInteger(index) && index >= 0 && index < MOST_CALLS) return index;
  throw new MalformedAnswer(`has a ${what} with the index ${index}.`);
}

/** Some servers write no id as an empty one. */
function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Text, or with some servers the object itself. */
function argumentsOf(value: unknown): string | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
