/** Which entries have to make room first: the least recently used, the least often used, the oldest, or any. */
export type Eviction = 'lru' | 'lfu' | 'fifo' | 'random';

/** Remembers as much of the entries as it takes to name the one that goes next. */
export interface EvictionOrder {
  add(key: string): void;
  use(key: string): void;
  remove(key: string): void;
  next(): string | undefined;
}

export function evictionOrder(eviction: Eviction, random: () => number): EvictionOrder {
  if (eviction === 'lfu') return new LeastFrequent();
  return eviction === 'random' ? new AnyOrder(random) : new OldestFirst(eviction === 'lru');
}

/** A Set iterates in order of insertion; with `moves`, a used entry is inserted again. */
class OldestFirst implements EvictionOrder {
  readonly #keys = new Set<string>();
  readonly #moves: boolean;
  #newest: string | undefined;

  constructor(moves: boolean) {
    this.#moves = moves;
  }

  add(key: string): void {
    this.#keys.add(key);
    this.#newest = key;
  }

  use(key: string): void {
    if (!this.#moves || key === this.#newest) return;
    this.#keys.delete(key);
    this.add(key);
  }

  remove(key: string): void {
    this.#keys.delete(key);
    if (key === this.#newest) this.#newest = undefined;
  }

  next(): string | undefined {
    return this.#keys.values().next().value;
  }
}

/** Entries by how often they were used; among equals the one that has been at that count for longest goes. */
class LeastFrequent implements EvictionOrder {
  readonly #uses = new Map<string, number>();
  readonly #byUses = new Map<number, Set<string>>();
  #least = 0;

  add(key: string): void {
    this.#put(key, 0);
    this.#least = 0;
  }

  use(key: string): void {
    const uses = this.#uses.get(key) as number;
    this.remove(key);
    this.#put(key, uses + 1);
  }

  remove(key: string): void {
    const uses = this.#uses.get(key) as number;
    const level = this.#byUses.get(uses) as Set<string>;
    level.delete(key);
    if (level.size === 0) this.#byUses.delete(uses);
    this.#uses.delete(key);
  }

  next(): string | undefined {
    if (this.#uses.size === 0) return undefined;
    if (!this.#byUses.has(this.#least)) this.#least = Math.min(...this.#byUses.keys());
    return this.#byUses.get(this.#least)?.values().next().value;
  }

  #put(key: string, uses: number): void {
    this.#uses.set(key, uses);
    const level = this.#byUses.get(uses);
    if (level === undefined) this.#byUses.set(uses, new Set([key]));
    else level.add(key);
  }
}

class AnyOrder implements EvictionOrder {
  readonly #keys: string[] = [];
  readonly #places = new Map<string, number>();
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  add(key: string): void {
    this.#places.set(key, this.#keys.push(key) - 1);
  }

  use(): void {}

  remove(key: string): void {
    const place = this.#places.get(key) as number;
    const last = this.#keys.pop() as string;
    this.#places.delete(key);
    if (last === key) return;
    this.#keys[place] = last;
    this.#places.set(last, place);
  }

  next(): string | undefined {
    return this.#keys[Math.floor(this.#random() * this.#keys.length)];
  }
}
