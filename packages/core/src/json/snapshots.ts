import type { SyncMachine } from '../flow/machine.js';
import { JsonReader, type JsonOptions } from './reader.js';
import type { JsonTree } from './tree.js';

// What may be spent on copies for snapshots, in units of about a nanosecond: in any case, and for each character read.
const FIRST_CREDIT = 5_000_000;
const CREDIT_PER_CHARACTER = 64;

const NONE: readonly never[] = [];

/** Reads JSON from pieces of text and gives what is known of the value whenever that has changed. */
export class JsonSnapshots implements SyncMachine<string, unknown> {
  readonly #reader: JsonReader;
  #credit = FIRST_CREDIT;
  #tree: JsonTree | undefined;
  #version = 0;

  constructor(options?: JsonOptions) {
    this.#reader = new JsonReader(options);
  }

  /** Whether the value is there, and nothing that follows can change it. */
  get ended(): boolean {
    return this.#reader.ended;
  }

  /** All that was read. */
  get text(): string {
    return this.#reader.text;
  }

  push(piece: string): readonly unknown[] {
    this.#credit += piece.length * CREDIT_PER_CHARACTER;
    this.#reader.push(piece);
    const tree = this.#reader.shown;
    // A snapshot copies what is still open. Where that is large, the next ones wait until as much text has arrived as
    // pays for it: otherwise n items in n pieces would cost n * n.
    if (tree === undefined || tree.cost > this.#credit) return NONE;
    return this.#take(tree);
  }

  end(): readonly unknown[] {
    return this.#take(this.#finish());
  }

  /** In place of `end`: the whole value, also when it was given before. */
  whole(): unknown {
    return this.#finish().snapshot();
  }

  #finish(): JsonTree {
    this.#reader.end();
    return this.#reader.shown as JsonTree;
  }

  #take(tree: JsonTree): readonly unknown[] {
    if (tree === this.#tree && tree.version === this.#version) return NONE;
    this.#credit -= tree.cost;
    this.#tree = tree;
    this.#version = tree.version;
    return [tree.snapshot()];
  }
}
