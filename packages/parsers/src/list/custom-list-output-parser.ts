import { ConfigError, parsingFailure, type SyncMachine, type Manifest } from '@pipewright/core';
import { ListOutputParser } from './list-output-parser.js';
import { SeparatorMachine } from './separator-machine.js';

export interface CustomListOutputParserFields {
  /** What stands between two items. Default: a comma. */
  readonly separator?: string;
  /** How many items there have to be. Default: any number. */
  readonly length?: number;
}

/**
 * Items between separators of your own, trimmed. An empty text is an empty list.
 *
 * @throws OutputParserException when there are more or fewer items than `length`
 *
 * @example
 * ```ts
 * import { CustomListOutputParser } from '@pipewright/parsers';
 *
 * const parser = new CustomListOutputParser({ separator: ';', length: 2 });
 * const [noun, verb] = await parser.parse('house; build');
 * ```
 */
export class CustomListOutputParser extends ListOutputParser {
  readonly name = 'CustomListOutputParser';
  readonly separator: string;
  readonly length: number | undefined;

  constructor({ separator = ',', length }: CustomListOutputParserFields = {}) {
    super();
    if (separator === '') throw new ConfigError('separator', 'The separator of a list cannot be empty.');
    this.separator = separator;
    this.length = length;
  }

  override get manifest(): Manifest {
    return { kind: this.name, options: { separator: this.separator, length: this.length } };
  }

  machine(): SyncMachine<string, string[]> {
    const items = new SeparatorMachine(this.separator);
    const { length } = this;
    let count = 0;
    let text = '';
    const take = (found: readonly string[]): readonly string[][] => {
      count += found.length;
      if (length !== undefined && count > length) refuse(length, 'more', text);
      return found.map((item) => [item.trim()]);
    };
    return {
      push: (piece) => {
        // The text is kept for the one failure that there can be.
        if (length !== undefined) text += piece;
        return take(items.push(piece));
      },
      end: () => {
        const [last = ''] = items.end();
        const isEmpty = count === 0 && last.trim() === '';
        const rest = isEmpty ? [] : take([last]);
        if (length !== undefined && count < length) refuse(length, String(count), text);
        return rest;
      },
    };
  }

  override getFormatInstructions(): string {
    const items = this.length === undefined ? 'items' : `${this.length} items`;
    const example = ['foo', 'bar', 'baz'].join(this.separator);
    return `Your response should be a list of ${items} separated by ${JSON.stringify(this.separator)} (eg: \`${example}\`)`;
  }
}

function refuse(length: number, got: string, text: string): never {
  throw parsingFailure(`The list has to have ${length} items and has ${got}`, text, text.length);
}
