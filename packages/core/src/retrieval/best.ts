/** Something found, and how well it fits. */
export interface Scored {
  readonly index: number;
  readonly score: number;
}

/** Keeps the `most` best of what it is shown, the best first, the earlier first among equals. Takes n log k steps. */
export class Best {
  // A heap whose root is the worst that is kept, so that most candidates are refused by one comparison.
  readonly #heap: Scored[] = [];

  constructor(readonly most: number) {}

  offer(index: number, score: number): void {
    const heap = this.#heap;
    if (heap.length < this.most) {
      heap.push({ index, score });
      this.#rise(heap.length - 1);
    } else if (heap.length > 0 && score > (heap[0] as Scored).score) {
      heap[0] = { index, score };
      this.#sink();
    }
  }

  inOrder(): readonly Scored[] {
    return this.#heap.toSorted((left, right) => right.score - left.score || left.index - right.index);
  }

  #rise(from: number): void {
    const heap = this.#heap;
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isWorse(heap[at] as Scored, heap[parent] as Scored)) return;
      swap(heap, at, parent);
      at = parent;
    }
  }

  #sink(): void {
    const heap = this.#heap;
    let at = 0;
    for (;;) {
      let worst = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < heap.length && isWorse(heap[child] as Scored, heap[worst] as Scored)) worst = child;
      }
      if (worst === at) return;
      swap(heap, at, worst);
      at = worst;
    }
  }
}

function isWorse(left: Scored, right: Scored): boolean {
  return left.score < right.score || (left.score === right.score && left.index > right.index);
}

function swap(heap: Scored[], left: number, right: number): void {
  const kept = heap[left] as Scored;
  heap[left] = heap[right] as Scored;
  heap[right] = kept;
}
