/** A text as a point in space: texts of similar meaning lie in a similar direction. */
export type Vector = readonly number[] | Float32Array | Float64Array;

export interface EmbeddingsCallOptions {
  /** Stops the request when aborted. */
  readonly signal?: AbortSignal;
}

/**
 * Turns texts into vectors. One of your own implements `embedDocuments`; `embedQuery` too, where the model embeds questions
 * in another way than the texts that answer them. Any object with the two methods will do in its place.
 *
 * @example
 * ```ts
 * import { Embeddings } from '@pipewright/core';
 *
 * class LetterCounts extends Embeddings {
 *   async embedDocuments(texts: readonly string[]) {
 *     return texts.map((text) => [...'abc'].map((letter) => text.split(letter).length - 1));
 *   }
 * }
 * const vector = await new LetterCounts().embedQuery('abacus'); // [2, 1, 1]
 * ```
 */
export abstract class Embeddings {
  /** One vector for each text, in their order and all of one length. */
  abstract embedDocuments(
    texts: readonly string[],
    options?: EmbeddingsCallOptions,
  ): Promise<readonly Vector[]>;

  /** The vector of one text that others are compared with. */
  async embedQuery(text: string, options?: EmbeddingsCallOptions): Promise<Vector> {
    const [vector] = await this.embedDocuments([text], options);
    return vector as Vector;
  }
}
