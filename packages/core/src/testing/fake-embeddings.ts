import { Embeddings, type Vector } from '../retrieval/embeddings.js';

export interface FakeEmbeddingsFields {
  /** How many numbers a vector has. Default 256. */
  readonly dimensions?: number;
}

/**
 * Embeddings without a model: every word of a text adds to one of the numbers, so that texts with words in common
 * are similar. The same text always gets the same vector. Remembers what it was asked for.
 *
 * @example
 * ```ts
 * import { FakeEmbeddings } from '@pipewright/core/testing';
 *
 * const embeddings = new FakeEmbeddings();
 * const vector = await embeddings.embedQuery('a brown bear');
 * ```
 */
export class FakeEmbeddings extends Embeddings {
  readonly dimensions: number;
  /** The texts of each call. */
  readonly calls: (readonly string[])[] = [];

  constructor(fields: FakeEmbeddingsFields = {}) {
    super();
    this.dimensions = fields.dimensions ?? 256;
  }

  async embedDocuments(texts: readonly string[]): Promise<readonly Vector[]> {
    this.calls.push(texts);
    return texts.map((text) => this.vectorOf(text));
  }

  vectorOf(text: string): readonly number[] {
    const vector = new Array<number>(this.dimensions).fill(0);
    for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []) {
      const place = hash(word) % this.dimensions;
      vector[place] = (vector[place] as number) + 1;
    }
    return vector;
  }
}

/** FNV-1a, of 32 bits. */
function hash(word: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < word.length; index += 1) {
    value = Math.imul(value ^ word.charCodeAt(index), 0x01000193);
  }
  return value >>> 0;
}
