import { ConfigError, folds, parsingFailure, type SyncMachine, type Manifest } from '@pipewright/core';
import { BaseOutputParser } from '../output-parser.js';
import { wholeText } from './whole-text.js';

/**
 * One of several words. White space, quotes, a full stop and Markdown emphasis around it are taken off, and upper and
 * lower case are the same unless two of the words differ in nothing else.
 *
 * @throws OutputParserException when the text is none of them
 *
 * @example
 * ```ts
 * import { EnumOutputParser } from '@pipewright/parsers';
 *
 * const parser = new EnumOutputParser({ values: ['positive', 'negative'] });
 * const mood: 'positive' | 'negative' = await parser.parse('Positive.');
 * ```
 */
export class EnumOutputParser<const Value extends string> extends BaseOutputParser<Value> {
  readonly name = 'EnumOutputParser';
  readonly fold = folds.last<Value>;
  readonly values: readonly Value[];

  constructor({ values }: { readonly values: readonly Value[] }) {
    super();
    if (values.length === 0) throw new ConfigError('values', 'An enum needs at least one value.');
    this.values = values;
  }

  override get manifest(): Manifest {
    return { kind: this.name, options: { values: this.values } };
  }

  machine(): SyncMachine<string, Value> {
    return wholeText((text) => {
      for (const read of READINGS) {
        const said = read(text);
        const [value, ...others] = this.values.filter((each) => read(each) === said);
        if (value !== undefined && others.every((other) => other === value)) return value;
      }
      const expected = this.values.map((each) => JSON.stringify(each)).join(', ');
      throw parsingFailure(`Expected one of ${expected}`, text, text.length);
    });
  }

  override getFormatInstructions(): string {
    return `Select one of the following options: ${this.values.join(', ')}`;
  }
}

/** How texts are compared with the words, the strictest way first. */
const READINGS: readonly ((text: string) => string)[] = [
  (text) => text.trim(),
  bare,
  (text) => bare(text).toLowerCase(),
];

const AROUND = '"\'`*_.';

/** The text without white space and marks at its ends; one of nothing else keeps its marks. */
function bare(text: string): string {
  let start = 0;
  let end = text.length;
  const isMark = (at: number): boolean => text.charAt(at).trim() === '' || AROUND.includes(text.charAt(at));
  while (start < end && isMark(start)) start += 1;
  while (end > start && isMark(end - 1)) end -= 1;
  return start < end ? text.slice(start, end) : text.trim();
}
