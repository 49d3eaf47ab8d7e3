import { ConfigError, folds, parsingFailure, type SyncMachine, type Manifest } from '@pipewright/core';
import { BaseOutputParser } from '../output-parser.js';
import { wholeText } from './whole-text.js';
import { wordsOf } from './words.js';

export interface BooleanOutputParserFields {
  /** The word or words for true, in any case. Default: YES. */
  readonly trueVal?: string;
  /** The word or words for false, in any case. Default: NO. */
  readonly falseVal?: string;
}

/**
 * True or false, by which of two words, or of two groups of words, is somewhere in the text.
 *
 * @throws OutputParserException when neither is there, or both are
 * @throws ConfigError for one without letters or digits, which no text has
 *
 * @example
 * ```ts
 * import { BooleanOutputParser } from '@pipewright/parsers';
 *
 * const isSpam: boolean = await new BooleanOutputParser().parse('Yes, it is.'); // true
 * ```
 */
export class BooleanOutputParser extends BaseOutputParser<boolean> {
  readonly name = 'BooleanOutputParser';
  readonly fold = folds.last<boolean>;
  readonly trueVal: string;
  readonly falseVal: string;

  constructor({ trueVal = 'YES', falseVal = 'NO' }: BooleanOutputParserFields = {}) {
    super();
    for (const [option, value] of Object.entries({ trueVal, falseVal })) {
      if (spaced(value).trim() === '')
        throw new ConfigError(option, `${option} has no word in it; give one.`);
    }
    this.trueVal = trueVal;
    this.falseVal = falseVal;
  }

  override get manifest(): Manifest {
    return { kind: this.name, options: { trueVal: this.trueVal, falseVal: this.falseVal } };
  }

  machine(): SyncMachine<string, boolean> {
    return wholeText((text) => {
      const words = spaced(text);
      const isTrue = words.includes(spaced(this.trueVal));
      if (isTrue !== words.includes(spaced(this.falseVal))) return isTrue;
      const found = isTrue ? 'both are there' : 'neither is there';
      throw parsingFailure(
        `Expected "${this.trueVal}" or "${this.falseVal}", and ${found}`,
        text,
        text.length,
      );
    });
  }

  override getFormatInstructions(): string {
    return `Answer with ${this.trueVal} or ${this.falseVal} and nothing else.`;
  }
}

/** The words of a text in lower case, each between spaces. */
function spaced(text: string): string {
  return ` ${[...wordsOf(text.toLowerCase())].join(' ')} `;
}
