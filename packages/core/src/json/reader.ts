import { LimitExceededError, type OutputParserException } from '../errors.js';
import { parsingFailure } from './failure.js';
import { limitsOf, overLimit, type ParseLimits } from './limits.js';
import { Prose } from './prose.js';
import { repaired, type Repair } from './repair.js';
import { isSpace, JsonScanner } from './scanner.js';
import { JsonTree, type Journal } from './tree.js';

/** How JSON is read. */
export interface JsonOptions extends ParseLimits {
  /**
   * Takes nothing but one value of the JSON standard: no prose or code fence around it, no key twice in an object.
   * Default false.
   */
  readonly strict?: boolean;
  /** Mends broken JSON text, such as `jsonrepair`. Called at most twice, when all of the text is there. */
  readonly repair?: Repair | undefined;
}

type Phase = 'prose' | 'container' | 'lone' | 'after lone' | 'ended' | 'broken';

/** Finds and reads the first JSON value in text that arrives in pieces. Linear in the text. */
export class JsonReader {
  readonly #strict: boolean;
  readonly #repair: Repair | undefined;
  readonly #limits: Required<ParseLimits>;
  readonly #journal: (() => Journal) | undefined;
  readonly #prose = new Prose();
  #tree: JsonTree;
  #scanner: JsonScanner;
  #phase: Phase;
  #length = 0;
  /** Whether it is certain that what is being read is the value. */
  #committed: boolean;
  /** Why the first thing that looked like JSON was none. */
  #refused: { readonly problem: string; readonly position: number } | undefined;
  #broken: OutputParserException | undefined;
  /** An array of numbers or an empty value amid words: it counts when no other value follows. */
  #doubtful: JsonTree | undefined;
  /** All that was read. What follows the value is not kept. */
  text = '';

  constructor(options: JsonOptions = {}, journal?: () => Journal) {
    this.#strict = options.strict ?? false;
    this.#repair = options.repair;
    this.#limits = limitsOf(options);
    this.#journal = journal;
    this.#tree = new JsonTree(this.#limits, journal?.());
    this.#scanner = new JsonScanner(this.#tree, this.#strict);
    this.#phase = this.#strict ? 'container' : 'prose';
    this.#committed = this.#strict;
  }

  /** The value so far; undefined as long as there is nothing to show. */
  get shown(): JsonTree | undefined {
    return this.#committed && this.#tree.version > 0 ? this.#tree : undefined;
  }

  get ended(): boolean {
    return this.#phase === 'ended';
  }

  push(piece: string): void {
    if (this.#phase === 'ended' && !this.#strict) return;
    const room = this.#limits.maxLength - this.#length;
    const text = piece.length > room ? piece.slice(0, room) : piece;
    const base = this.#length;
    this.#length += text.length;
    this.text += text;
    this.#read(text, base);
    if (piece.length > room && (this.#phase !== 'ended' || this.#strict)) {
      throw overLimit('maxLength', this.#limits.maxLength);
    }
  }

  /** The text is over. Throws OutputParserException when it has no value, or not all of it. */
  end(): void {
    if (this.#phase === 'lone' || this.#strict) this.#finishLone();
    if (this.#phase === 'after lone') this.#accept(this.#tree);
    if (this.#phase === 'ended') return;
    if (this.#phase !== 'broken' && this.#doubtful !== undefined) return this.#accept(this.#doubtful);
    if (this.#phase !== 'broken') this.#missing();
    if (this.#broken !== undefined) this.#mend(this.#broken);
  }

  #read(text: string, base: number): void {
    let at = 0;
    while (at < text.length && this.#phase !== 'broken') {
      if (this.#phase === 'prose') at = this.#readProse(text, at);
      else if (this.#phase === 'after lone') at = this.#readAfterLone(text, at);
      else if (this.#phase !== 'ended') at = this.#readValue(text, at, base);
      else if (!this.#strict) return;
      else if (isSpace(text.charCodeAt(at))) at += 1;
      else this.#fail('Expected nothing after the JSON value', base + at);
    }
  }

  #readProse(text: string, at: number): number {
    const stop = this.#prose.skip(text, at);
    if (this.#prose.found !== undefined) this.#phase = this.#prose.found;
    return stop;
  }

  #readValue(text: string, at: number, base: number): number {
    const stop = this.#scanner.read(text, at, base);
    this.#judge();
    return stop;
  }

  /** Decides by what was read so far, and by nothing else: how the text was cut must not count. */
  #judge(): void {
    const { ended, failed, certain, problem, position } = this.#scanner;
    if (this.#phase === 'lone') {
      // Most texts begin with a letter that may begin a literal: that it did not is nothing to tell of.
      if (failed) this.#startOver();
      else if (ended) this.#phase = this.#strict ? 'ended' : 'after lone';
      return;
    }
    const begun = ended || this.#tree.version > 1;
    this.#committed ||= certain || (begun && !this.#prose.amidWords);
    if (failed) {
      if (this.#committed) this.#fail(problem, position);
      else this.#refuse(problem, position);
    } else if (ended) {
      if (this.#committed) return this.#accept(this.#tree);
      this.#doubtful ??= this.#tree;
      this.#startOver();
    }
  }

  #readAfterLone(text: string, at: number): number {
    if (isSpace(text.charCodeAt(at))) return at + 1;
    if (text[at] === '`' && this.#prose.inFence) this.#accept(this.#tree);
    else this.#startOver();
    return at;
  }

  #finishLone(): void {
    this.#scanner.finish();
    if (this.#scanner.ended || this.#scanner.failed) this.#judge();
  }

  #accept(tree: JsonTree): void {
    this.#tree = tree;
    this.#committed = true;
    this.#phase = 'ended';
  }

  /** What looked like the value is none: looks on behind it. */
  #refuse(problem: string, position: number): void {
    this.#refused ??= { problem, position };
    this.#startOver();
  }

  #startOver(): void {
    this.#tree = new JsonTree(this.#limits, this.#journal?.());
    this.#scanner = new JsonScanner(this.#tree, this.#strict);
    this.#prose.resume();
    this.#phase = 'prose';
  }

  #missing(): void {
    if (this.#phase !== 'prose') this.#fail('The JSON value is cut off', this.#length);
    else if (this.#refused === undefined) this.#fail('There is no JSON value in the text', this.#length);
    else this.#fail(this.#refused.problem, this.#refused.position);
  }

  #fail(problem: string, position: number): void {
    const error = parsingFailure(problem, this.text, position);
    if (this.#repair === undefined) throw error;
    this.#broken = error;
    this.#phase = 'broken';
  }

  #mend(error: OutputParserException): void {
    for (const text of repaired(this.text, this.#repair as Repair)) {
      const reader = new JsonReader({ ...this.#limits }, this.#journal);
      try {
        reader.push(text);
        reader.end();
      } catch (failure) {
        if (failure instanceof LimitExceededError) throw failure;
        continue;
      }
      return this.#accept(reader.#tree);
    }
    throw error;
  }
}
