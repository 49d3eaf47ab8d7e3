import type { SyncMachine } from '../flow/machine.js';
import { JsonReader, type JsonOptions } from './reader.js';
import { GROWING, type Frame, type Journal, type JsonTree } from './tree.js';

/** One step of a JSON Patch (RFC 6902). A patch that is written here adds and replaces, and does nothing else. */
export interface JsonPatchOperation {
  readonly op: 'add' | 'replace';
  /** Where, as a JSON pointer (RFC 6901); '' is the whole value. */
  readonly path: string;
  readonly value: unknown;
}

export type JsonPatch = readonly JsonPatchOperation[];

const NONE: readonly never[] = [];

/** Reads JSON from pieces of text and gives what each piece has changed, as a patch. Costs no copies. */
export class JsonPatches implements SyncMachine<string, JsonPatch> {
  readonly #reader: JsonReader;

  constructor(options?: JsonOptions) {
    this.#reader = new JsonReader(options, () => new PatchJournal());
  }

  push(piece: string): readonly JsonPatch[] {
    this.#reader.push(piece);
    return this.#drain();
  }

  end(): readonly JsonPatch[] {
    this.#reader.end();
    return this.#drain();
  }

  #drain(): readonly JsonPatch[] {
    const tree = this.#reader.shown;
    const patch = tree === undefined ? NONE : (tree.journal as PatchJournal).drain(tree);
    return patch.length === 0 ? NONE : [patch];
  }
}

interface Entry {
  readonly op: 'add' | 'replace';
  readonly path: string;
  value: unknown;
}

/** What has changed since the last patch. A value that is new itself has no entries for what it holds. */
class PatchJournal implements Journal {
  #entries: Entry[] = [];
  readonly #fresh = new Set<unknown>();
  /** Pointers of the open frames, and of the member that each is in. */
  readonly #pointers: string[] = [];
  #member = '';
  /** The entry that the arriving text is part of; `covered` when it is part of a value that is new itself. */
  #text: Entry | undefined;
  #covered = false;

  added(frame: Frame | undefined, value: unknown, replaces: boolean): void {
    this.#member = frame === undefined ? '' : `${this.#pointers.at(-1)}/${slot(frame)}`;
    this.#covered = frame !== undefined && this.#fresh.has(frame);
    if (this.#covered) return;
    const entry: Entry = { op: replaces ? 'replace' : 'add', path: this.#member, value };
    this.#entries.push(entry);
    if (value === GROWING) this.#text = entry;
  }

  opened(frame: Frame): void {
    this.#fresh.add(frame);
    this.#pointers.push(this.#member);
  }

  closed(): void {
    this.#pointers.pop();
  }

  textGrew(): void {
    if (this.#covered || this.#text !== undefined) return;
    this.#text = { op: 'replace', path: this.#member, value: GROWING };
    this.#entries.push(this.#text);
  }

  textEnded(text: string): void {
    if (this.#text !== undefined) this.#text.value = text;
    this.#text = undefined;
  }

  drain(tree: JsonTree): JsonPatch {
    const entries = this.#entries;
    // Only what came last can still be open.
    const open = entries.at(-1);
    if (open !== undefined) open.value = open.value === GROWING ? tree.text : tree.snapshotOf(open.value);
    this.#entries = [];
    this.#fresh.clear();
    this.#text = undefined;
    this.#covered = false;
    return entries;
  }
}

function slot(frame: Frame): string {
  if (frame.isArray) return String((frame.value as unknown[]).length);
  return frame.key.replaceAll('~', '~0').replaceAll('/', '~1');
}
