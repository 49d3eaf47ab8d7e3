import { DeserializationError } from '../errors.js';
import { AIMessageChunk, type AIMessageChunkFields } from '../messages/ai-chunk.js';
import { coerceMessageLikeToMessage, type StoredMessage } from '../messages/coerce.js';
import { MAX_DEPTH } from './format.js';
import { made } from './made.js';
import { isPlace, isText, record } from './structure.js';

/** The table of the user's values. What is taken from it is given on as it is, and never looked into for structure. */
export class Values {
  readonly #values: readonly unknown[];
  readonly #used = new Set<number>();

  constructor(values: readonly unknown[]) {
    this.#values = values;
  }

  /** A value. Each has one place in the chain, so that no two parts share it. */
  take(place: unknown, path: string, depth: number): unknown {
    if (!isPlace(place) || place >= this.#values.length || this.#used.has(place)) {
      throw new DeserializationError(path, 'It refers to no value, or to one that stands elsewhere.');
    }
    this.#used.add(place);
    const value = this.#values[place];
    checkLevels(value, depth, path);
    return value;
  }

  /** A message whose fields are a value. */
  takeMessage(place: unknown, isChunk: boolean, path: string, depth: number): unknown {
    const fields = record(this.take(place, path, depth), path) as StoredMessage & AIMessageChunkFields;
    if (!isText(fields.content) && !Array.isArray(fields.content)) {
      throw new DeserializationError(path, 'It is no message.');
    }
    return made(path, () => (isChunk ? new AIMessageChunk(fields) : coerceMessageLikeToMessage(fields)));
  }

  /** Refuses a value that stands for nothing in the chain: it could have been smuggled in. */
  checkAllUsed(): void {
    const unused = this.#values.findIndex((_, place) => !this.#used.has(place));
    if (unused >= 0) throw new DeserializationError(`values[${unused}]`, 'Nothing refers to it.');
  }
}

export function checkDepth(depth: number, path: string): void {
  if (depth <= MAX_DEPTH) return;
  throw new DeserializationError(path, `It is nested deeper than ${MAX_DEPTH} levels.`);
}

function checkLevels(value: unknown, depth: number, path: string): void {
  checkDepth(depth, path);
  if (typeof value !== 'object' || value === null) return;
  for (const member of Object.values(value)) checkLevels(member, depth + 1, path);
}
