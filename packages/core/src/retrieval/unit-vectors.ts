import { ConfigError } from '../errors.js';
import type { Vector } from './embeddings.js';

const FIRST_ROWS = 16;

/** Vectors of length 1, one after the other in one array, so that comparing is a scan and a cosine a plain product. */
export class UnitVectors {
  #rows = new Float32Array(0);
  #size = 0;
  #count = 0;

  /** How many numbers each vector has; 0 before the first. */
  get size(): number {
    return this.#size;
  }

  /** @throws ConfigError when one has another size than the others, or holds what is no finite number */
  add(vector: Vector): void {
    this.set(this.#count, vector);
  }

  set(index: number, vector: Vector): void {
    const unit = this.unit(vector);
    this.#size = unit.length;
    const needed = (index + 1) * this.#size;
    if (needed > this.#rows.length) {
      const more = new Float32Array(Math.max(FIRST_ROWS * this.#size, 2 * this.#rows.length, needed));
      more.set(this.#rows);
      this.#rows = more;
    }
    this.#rows.set(unit, index * this.#size);
    this.#count = Math.max(this.#count, index + 1);
  }

  /** Forgets one by putting the last one in its place. */
  dropInto(index: number): void {
    this.#count -= 1;
    this.#rows.copyWithin(index * this.#size, this.#count * this.#size, (this.#count + 1) * this.#size);
  }

  /** The vector at length 1; one of zeros stays as it is, and is similar to none. */
  unit(vector: Vector): Float32Array {
    if (vector.length === 0 || (this.#count > 0 && vector.length !== this.#size)) {
      const expected = this.#count > 0 ? `${this.#size}, as the others have` : 'at least 1';
      throw new ConfigError(
        'embeddings',
        `A vector has ${vector.length} numbers; expected ${expected}. Use one embedding model for one store.`,
      );
    }
    let largest = 0;
    for (let index = 0; index < vector.length; index += 1) {
      const size = Math.abs(vector[index] as number);
      if (!(size < Infinity)) {
        throw new ConfigError('embeddings', `A vector holds ${String(vector[index])} at index ${index}.`);
      }
      if (size > largest) largest = size;
    }
    // Scaled first: the square of a very large or very small number would be none any more.
    const unit = new Float32Array(vector.length);
    if (largest === 0) return unit;
    let squares = 0;
    for (let index = 0; index < vector.length; index += 1) {
      const part = (vector[index] as number) / largest;
      squares += part * part;
    }
    const length = Math.sqrt(squares);
    for (let index = 0; index < vector.length; index += 1) {
      unit[index] = (vector[index] as number) / largest / length;
    }
    return unit;
  }

  /** How similar the vector at `index` is to another: 1 for the same direction, -1 for the opposite. */
  similarity(index: number, other: Float32Array): number {
    const rows = this.#rows;
    const start = index * this.#size;
    let product = 0;
    for (let at = 0; at < this.#size; at += 1)
      product += (rows[start + at] as number) * (other[at] as number);
    return product;
  }

  row(index: number): Float32Array {
    return this.#rows.subarray(index * this.#size, (index + 1) * this.#size);
  }
}
