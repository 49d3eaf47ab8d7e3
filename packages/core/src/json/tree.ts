import { own } from '../flow/folds.js';
import { overLimit, type ParseLimits } from './limits.js';

/** An array or object that is still open. */
export interface Frame {
  readonly value: unknown[] | Record<string, unknown>;
  readonly isArray: boolean;
  /** In an object: the key of the member that is arriving. */
  key: string;
  size: number;
  /** What copying it costs. */
  weight: number;
}

/** Is told of every change, to write patches. */
export interface Journal {
  /** A member of the innermost frame (or the root) begins; `replaces` when its key was there already. */
  added(frame: Frame | undefined, value: unknown, replaces: boolean): void;
  opened(frame: Frame): void;
  closed(): void;
  textGrew(): void;
  textEnded(text: string): void;
}

/** Stands in a journal for the text that is arriving. */
export const GROWING: unique symbol = Symbol('growing');

// What copying costs, in nanoseconds or so. V8 copies small objects as a block and larger ones key by key, and very large
// arrays cost the garbage collector more.
const ITEM_WEIGHT = 2;
const ITEM_WEIGHT_IN_LARGE = 12;
const LARGE_ARRAY = 8192;
const MEMBER_WEIGHT = 8;
const MEMBER_WEIGHT_IN_LARGE = 300;
const LARGE_OBJECT = 24;
const FRAME_WEIGHT = 16;

/**
 * The value that is being built, its open arrays and objects on a stack. What is closed never changes again, so that
 * snapshots share it; what is open is copied for each of them.
 */
export class JsonTree {
  readonly #limits: Required<ParseLimits>;
  readonly journal: Journal | undefined;
  readonly #frames: Frame[] = [];
  #root: unknown;
  #members = 0;
  /** The text that is arriving, without half of a surrogate pair at its end: that waits in `#half`. */
  #text: string | undefined;
  #half = '';
  /** Goes up with every change that a snapshot shows. */
  version = 0;
  /** What a snapshot costs, in array items copied. */
  cost = 0;

  constructor(limits: Required<ParseLimits>, journal?: Journal) {
    this.#limits = limits;
    this.journal = journal;
  }

  get depth(): number {
    return this.#frames.length;
  }

  get inArray(): boolean {
    return this.#frames.at(-1)?.isArray === true;
  }

  open(value: unknown[] | Record<string, unknown>): void {
    if (this.#frames.length >= this.#limits.maxDepth) throw overLimit('maxDepth', this.#limits.maxDepth);
    this.add(value);
    const frame: Frame = { value, isArray: Array.isArray(value), key: '', size: 0, weight: FRAME_WEIGHT };
    this.journal?.opened(frame);
    this.#frames.push(frame);
    this.cost += FRAME_WEIGHT;
  }

  close(): void {
    this.cost -= (this.#frames.pop() as Frame).weight;
    this.journal?.closed();
  }

  /** Names the next member. False when the object has one of that name, which it replaces. */
  key(key: string): boolean {
    const frame = this.#frames.at(-1) as Frame;
    frame.key = key;
    return !Object.hasOwn(frame.value, key);
  }

  /** Adds a member that is whole, or an array or object that is about to be filled. */
  add(value: unknown): void {
    this.#begin(value);
    this.#place(value);
  }

  beginText(): void {
    this.#begin(GROWING);
    this.#text = '';
  }

  growText(piece: string): void {
    const grown = this.#half === '' ? piece : this.#half + piece;
    const cut = isHighSurrogate(grown.charCodeAt(grown.length - 1)) ? grown.length - 1 : grown.length;
    this.#half = grown.slice(cut);
    if (cut > 0) this.#grow(cut === grown.length ? grown : grown.slice(0, cut));
  }

  endText(): void {
    // A half that stayed alone is part of the text all the same, as it is for JSON.parse.
    if (this.#half !== '') this.#grow(this.#half);
    this.#half = '';
    const text = this.#text as string;
    this.#text = undefined;
    this.#place(text);
    this.journal?.textEnded(text);
  }

  /** The text that is arriving, as far as it is known. */
  get text(): string | undefined {
    return this.#text;
  }

  /** The value as far as it is known. It never changes afterwards. */
  snapshot(): unknown {
    return this.#copyFrom(0);
  }

  /** The same for one of its arrays or objects. */
  snapshotOf(container: unknown): unknown {
    const level = this.#frames.findIndex(({ value }) => value === container);
    return level === -1 ? container : this.#copyFrom(level);
  }

  #copyFrom(level: number): unknown {
    let child: unknown = this.#text;
    let waits = true;
    for (let index = this.#frames.length - 1; index >= level; index -= 1) {
      const { value, isArray, key } = this.#frames[index] as Frame;
      if (isArray) {
        const copy = (value as unknown[]).slice();
        if (child !== undefined) copy[waits ? copy.length : copy.length - 1] = child;
        child = copy;
      } else {
        const copy = { ...(value as Record<string, unknown>) };
        if (child !== undefined) own(copy, key, child);
        child = copy;
      }
      // Only a text is not yet in the array that it belongs to.
      waits = false;
    }
    return child === undefined ? this.#root : child;
  }

  #begin(value: unknown): void {
    const frame = this.#frames.at(-1);
    this.version += 1;
    if (frame === undefined) return this.journal?.added(frame, value, true);
    this.#members += 1;
    if (this.#members > this.#limits.maxMembers) throw overLimit('maxMembers', this.#limits.maxMembers);
    this.#weigh(frame);
    return this.journal?.added(frame, value, !frame.isArray && Object.hasOwn(frame.value, frame.key));
  }

  #weigh(frame: Frame): void {
    frame.size += 1;
    const inArray = frame.size > LARGE_ARRAY ? ITEM_WEIGHT_IN_LARGE : ITEM_WEIGHT;
    const inObject = frame.size > LARGE_OBJECT ? MEMBER_WEIGHT_IN_LARGE : MEMBER_WEIGHT;
    const weight = frame.isArray ? inArray : inObject;
    frame.weight += weight;
    this.cost += weight;
  }

  #place(value: unknown): void {
    const frame = this.#frames.at(-1);
    if (frame === undefined) this.#root = value;
    else if (frame.isArray) (frame.value as unknown[]).push(value);
    else own(frame.value as Record<string, unknown>, frame.key, value);
  }

  #grow(piece: string): void {
    this.#text += piece;
    this.version += 1;
    this.journal?.textGrew();
  }
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}
