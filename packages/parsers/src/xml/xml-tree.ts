import { folds, overLimit, type ParseLimits } from '@pipewright/core';

/** What an element holds: its text, or what is in it in order. An attribute `id` is an item `{ '@id': value }`. */
export type XmlContent = string | readonly XmlElement[];

/** An element by its name: `<a>x</a>` is `{ a: 'x' }`, `<a><b/></a>` is `{ a: [{ b: '' }] }`. */
export interface XmlElement {
  readonly [name: string]: XmlContent;
}

/** Beside elements or attributes, text stands under this name. */
const TEXT = '#text';

interface OpenElement {
  readonly name: string;
  readonly items: XmlElement[];
  /** The text behind the last item, trimmed. */
  text: string;
  /** White space that belongs to the text only if more of it follows. */
  gap: string;
}

const NOTHING: XmlElement = Object.freeze({});

/** The element that is being built, with those that are open on a stack. */
export class XmlTree {
  readonly #limits: Required<ParseLimits>;
  readonly #open: OpenElement[] = [];
  #root: XmlElement | undefined;
  #members = 0;
  /** Goes up with every change that a snapshot shows. */
  version = 0;
  /** What a snapshot costs, in items copied. */
  cost = 0;

  constructor(limits: Required<ParseLimits>) {
    this.#limits = limits;
  }

  get closed(): boolean {
    return this.#root !== undefined;
  }

  begin(name: string, attributes: readonly XmlElement[]): void {
    if (this.#open.length >= this.#limits.maxDepth) throw overLimit('maxDepth', this.#limits.maxDepth);
    this.#count(1 + attributes.length);
    const parent = this.#open.at(-1);
    if (parent !== undefined && flushText(parent)) this.cost += 1;
    this.#open.push({ name, items: [...attributes], text: '', gap: '' });
    this.cost += attributes.length + 1;
    if (attributes.length > 0) this.version += 1;
  }

  /** Closes elements up to the innermost one of this name. False when none is open. */
  end(name: string): boolean {
    const level = this.#open.findLastIndex((element) => element.name === name);
    if (level === -1) return false;
    while (this.#open.length > level) this.#close();
    return true;
  }

  #close(): void {
    const element = this.#open.pop() as OpenElement;
    this.cost -= element.items.length + 1;
    this.version += 1;
    const done = elementOf(element.name, contentOf(element));
    const parent = this.#open.at(-1);
    if (parent === undefined) this.#root = done;
    else {
      parent.items.push(done);
      this.cost += 1;
    }
  }

  text(piece: string): void {
    const element = this.#open.at(-1) as OpenElement;
    const start = element.text === '' ? piece.trimStart() : piece;
    const shown = start.trimEnd();
    if (shown === '') {
      if (element.text !== '') element.gap += start;
      return;
    }
    if (element.text === '') this.#count(1);
    element.text += element.gap + shown;
    element.gap = start.slice(shown.length);
    this.version += 1;
  }

  #count(members: number): void {
    this.#members += members;
    if (this.#members > this.#limits.maxMembers) throw overLimit('maxMembers', this.#limits.maxMembers);
  }

  /** The element as far as it is known, without those that have nothing in them yet. It never changes afterwards. */
  snapshot(): XmlElement {
    let child = this.#root;
    for (let level = this.#open.length - 1; level >= 0; level -= 1) {
      const element = this.#open[level] as OpenElement;
      const { name, items, text } = element;
      if (child === undefined && items.length === 0 && text === '') continue;
      const content = child === undefined ? contentOf(element) : [...items, child];
      child = elementOf(name, content);
    }
    return child ?? NOTHING;
  }
}

/** Text with an item behind it becomes an item itself. False when there is none. */
function flushText(element: OpenElement): boolean {
  const { text } = element;
  if (text !== '') element.items.push({ [TEXT]: text });
  element.text = '';
  element.gap = '';
  return text !== '';
}

function contentOf({ items, text }: OpenElement): XmlContent {
  if (items.length === 0) return text;
  return text === '' ? items.slice() : [...items, { [TEXT]: text }];
}

/** An element may have any name, `__proto__` too. */
export function elementOf(name: string, content: XmlContent): XmlElement {
  const element: Record<string, XmlContent> = {};
  folds.own(element, name, content);
  return element;
}
