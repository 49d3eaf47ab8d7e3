import { own, type Accumulator } from '../flow/folds.js';
import {
  AIMessage,
  type InvalidToolCall,
  type ToolCall,
  type ToolCallChunk,
  type UsageMetadata,
} from './ai.js';
import type { ContentBlock, MessageContent } from './content.js';
import { isAIMessageChunk } from './is-message.js';

/**
 * Adds the pieces of an answer up to the answer, in time linear in their size: contents append, pieces of one tool call
 * join and are parsed once at the end, token counts add up, and of each piece of metadata the last value counts. What it
 * gives stays as it is when more is added.
 */
export function messageFold(): Accumulator<AIMessage, AIMessage> {
  let id: string | undefined;
  let name: string | undefined;
  const content = contentFold();
  const calls: ToolCall[] = [];
  const invalid: InvalidToolCall[] = [];
  const pieces = new ToolCallPieces();
  let usage: UsageMetadata | undefined;
  const kwargs: Record<string, unknown> = {};
  const metadata: Record<string, unknown> = {};
  return {
    add: (chunk) => {
      id ??= chunk.id;
      name ??= chunk.name;
      content.add(chunk.content);
      for (const call of chunk.tool_calls) calls.push(call);
      for (const call of chunk.invalid_tool_calls) invalid.push(call);
      if (isAIMessageChunk(chunk)) for (const piece of chunk.tool_call_chunks) pieces.add(piece);
      if (chunk.usage_metadata !== undefined) usage = addUsage(usage, chunk.usage_metadata);
      for (const [key, value] of Object.entries(chunk.additional_kwargs)) own(kwargs, key, value);
      for (const [key, value] of Object.entries(chunk.response_metadata)) own(metadata, key, value);
    },
    value: () => {
      const joined = pieces.parse();
      return new AIMessage({
        content: content.value(),
        id,
        name,
        tool_calls: [...calls, ...joined.calls],
        invalid_tool_calls: [...invalid, ...joined.invalid],
        usage_metadata: usage,
        additional_kwargs: { ...kwargs },
        response_metadata: { ...metadata },
      });
    },
  };
}

/** Strings append; blocks append too, those of one kind and place joining their text. */
function contentFold(): Accumulator<MessageContent, MessageContent> {
  let text = '';
  let blocks: OpenBlock[] | undefined;
  const byPlace = new Map<string, OpenBlock>();
  const addBlock = (block: ContentBlock): void => {
    const list = blocks as OpenBlock[];
    const key = TEXT_OF.get(block.type);
    const given = block as unknown as OpenBlock;
    const place = typeof given.index === 'number' ? `${block.type} ${given.index}` : undefined;
    const open = place === undefined ? list.at(-1) : byPlace.get(place);
    if (key !== undefined && open?.type === block.type && open.index === given.index) {
      open[key] = piece(open, key) + piece(given, key);
      return;
    }
    const added = { ...given };
    list.push(added);
    if (key !== undefined && place !== undefined) byPlace.set(place, added);
  };
  return {
    add: (content) => {
      if (typeof content === 'string') {
        if (blocks === undefined) text += content;
        else if (content !== '') addBlock({ type: 'text', text: content });
        return;
      }
      if (content.length === 0) return;
      if (blocks === undefined) {
        blocks = [];
        if (text !== '') blocks.push({ type: 'text', text });
      }
      for (const block of content) addBlock(block);
    },
    value: () => blocks?.map((block): ContentBlock => ({ ...block })) ?? text,
  };
}

/** A block that may still grow. With an index it grows wherever it stands; without one, only while it is the last. */
type OpenBlock = { type: string; index?: unknown } & Record<string, unknown>;

function piece(block: OpenBlock, key: string): string {
  const text = block[key];
  return typeof text === 'string' ? text : '';
}

/** Kinds of blocks that arrive in pieces, and the field that the pieces fill. */
const TEXT_OF: ReadonlyMap<string, string> = new Map([
  ['text', 'text'],
  ['reasoning', 'reasoning'],
]);

/** Token counts added up. */
export function addUsage(total: UsageMetadata | undefined, usage: UsageMetadata): UsageMetadata {
  if (total === undefined) return usage;
  const input_token_details = addCounts(total.input_token_details, usage.input_token_details);
  const output_token_details = addCounts(total.output_token_details, usage.output_token_details);
  return {
    input_tokens: total.input_tokens + usage.input_tokens,
    output_tokens: total.output_tokens + usage.output_tokens,
    total_tokens: total.total_tokens + usage.total_tokens,
    ...(input_token_details && { input_token_details }),
    ...(output_token_details && { output_token_details }),
  };
}

type Counts = Readonly<Record<string, number>>;

function addCounts(total: Counts | undefined, more: Counts | undefined): Counts | undefined {
  if (total === undefined || more === undefined) return total ?? more;
  const sum: Record<string, number> = { ...total };
  for (const [key, count] of Object.entries(more)) sum[key] = (sum[key] ?? 0) + count;
  return sum;
}

interface OpenCall {
  id: string | undefined;
  name: string;
  readonly args: string[];
}

/** The pieces of tool calls, by index; a piece without one belongs to the last call unless it brings a new id. */
class ToolCallPieces {
  readonly #calls: OpenCall[] = [];
  readonly #byIndex = new Map<number, OpenCall>();

  add(piece: ToolCallChunk): void {
    const call = this.#callOf(piece);
    call.id ??= piece.id;
    if (piece.name !== undefined && call.name === '') call.name = piece.name;
    if (piece.args !== undefined) call.args.push(piece.args);
  }

  #callOf({ index, id }: ToolCallChunk): OpenCall {
    const known = index === undefined ? this.#calls.at(-1) : this.#byIndex.get(index);
    const startsAnother =
      index === undefined && id !== undefined && known?.id !== undefined && id !== known.id;
    if (known !== undefined && !startsAnother) return known;
    const call: OpenCall = { id: undefined, name: '', args: [] };
    this.#calls.push(call);
    if (index !== undefined) this.#byIndex.set(index, call);
    return call;
  }

  parse(): { readonly calls: ToolCall[]; readonly invalid: InvalidToolCall[] } {
    const calls: ToolCall[] = [];
    const invalid: InvalidToolCall[] = [];
    for (const { id, name, args: parts } of this.#calls) {
      const text = parts.join('');
      const args = parseArguments(text);
      const identity = id === undefined ? {} : { id };
      if (args === undefined || name === '') {
        const error = name === '' ? 'The call names no tool.' : 'The arguments are not a JSON object.';
        invalid.push({ type: 'invalid_tool_call', ...identity, name, args: text, error });
      } else {
        calls.push({ type: 'tool_call', ...identity, name, args });
      }
    }
    return { calls, invalid };
  }
}

/** Reads a tool call's arguments; undefined when they are not a JSON object. No text means no arguments. */
export function parseArguments(text: string): Record<string, unknown> | undefined {
  if (text.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
