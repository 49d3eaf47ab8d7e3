import {
  folds,
  limitsOf,
  overLimit,
  parsingFailure,
  type ParseLimits,
  type SyncMachine,
  type Manifest,
} from '@pipewright/core';
import { BaseOutputParser } from '../output-parser.js';
import { XmlScanner } from './xml-scanner.js';
import { XmlTree, type XmlElement } from './xml-tree.js';

export interface XMLOutputParserFields extends ParseLimits {
  /** Names of elements that the model is told to use. */
  readonly tags?: readonly string[];
}

/**
 * The first XML element in a model's answer, whatever stands around it, as nested arrays of one-key objects:
 * `<a><b>x</b></a>` is `{ a: [{ b: 'x' }] }`. An attribute is an item `{ '@name': value }`, text beside other items an
 * item `{ '#text': text }`. White space around text is left out. Streams what is known of the element.
 *
 * Elements that are left open inside one that is closed are closed with it. There are no document types, and no entities
 * but the five of XML and characters by number.
 *
 * @throws OutputParserException when there is no element, when it is cut off, and for a document type
 * @throws LimitExceededError for what is larger than `maxLength`, `maxDepth` or `maxMembers`
 *
 * @example
 * ```ts
 * import { XMLOutputParser } from '@pipewright/parsers';
 *
 * const film = await new XMLOutputParser().parse('Gladly: <film year="1979"><title>Alien</title></film>');
 * // { film: [{ '@year': '1979' }, { title: 'Alien' }] }
 * ```
 */
export class XMLOutputParser extends BaseOutputParser<XmlElement> {
  readonly name = 'XMLOutputParser';
  readonly fold = folds.last<XmlElement>;
  readonly fields: XMLOutputParserFields;

  constructor(fields: XMLOutputParserFields = {}) {
    super();
    this.fields = fields;
  }

  override get manifest(): Manifest {
    return { kind: this.name, options: { ...this.fields } };
  }

  machine(): SyncMachine<string, XmlElement> {
    return new XmlSnapshots(this.fields);
  }

  override getFormatInstructions(): string {
    const { tags = [] } = this.fields;
    const names = tags.length === 0 ? '' : ` Use these tags: ${tags.join(', ')}.`;
    return `Answer with one XML element and nothing else, and close every tag that you open.${names}`;
  }
}

// What may be spent on copies for snapshots, in items: in any case, and for each character read.
const FIRST_CREDIT = 10_000_000;
const CREDIT_PER_CHARACTER = 16;

class XmlSnapshots implements SyncMachine<string, XmlElement> {
  readonly #limits: Required<ParseLimits>;
  readonly #tree: XmlTree;
  readonly #scanner: XmlScanner;
  #text = '';
  #given = 0;
  #credit = FIRST_CREDIT;

  constructor(limits: ParseLimits) {
    this.#limits = limitsOf(limits);
    this.#tree = new XmlTree(this.#limits);
    this.#scanner = new XmlScanner(this.#tree);
  }

  push(piece: string): readonly XmlElement[] {
    if (this.#tree.closed) return [];
    const room = this.#limits.maxLength - this.#text.length;
    const text = piece.length > room ? piece.slice(0, room) : piece;
    this.#text += text;
    this.#credit += text.length * CREDIT_PER_CHARACTER;
    this.#scanner.read(text);
    if (this.#scanner.refusedAt !== undefined) {
      throw parsingFailure('A document type is not read', this.#text, this.#scanner.refusedAt);
    }
    if (piece.length > room && !this.#tree.closed) throw overLimit('maxLength', this.#limits.maxLength);
    return this.#tree.cost > this.#credit ? [] : this.#take();
  }

  end(): readonly XmlElement[] {
    if (this.#tree.closed) return this.#take();
    const problem = this.#scanner.begun ? 'The XML is cut off' : 'There is no XML element in the text';
    throw parsingFailure(problem, this.#text, this.#text.length);
  }

  #take(): readonly XmlElement[] {
    if (this.#tree.version === this.#given) return [];
    this.#given = this.#tree.version;
    this.#credit -= this.#tree.cost;
    return [this.#tree.snapshot()];
  }
}
