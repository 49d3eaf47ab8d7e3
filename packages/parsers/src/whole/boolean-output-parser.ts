import { folds, parsingFailure, type SyncMachine, type Manifest } from '@pipewright/core';
import { BaseOutputParser } from '../output-parser.js';
import { wholeText } from './whole-text.js';
import { wordsOf } from './words.js';

export interface BooleanOutputParserFields {
  /** The word for true, in any case. Default: YES. */
  readonly trueVal?: string;
  /** The word for false, in any case. Default: NO. */
  readonly falseVal?: string;
}

/**
 * True or false, by one of two words somewhere in the text.
 *
 * @throws OutputParserException when neither word is there, or both are
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
    this.trueVal = trueVal;
    this.falseVal = falseVal;
  }

  override get manifest(): Manifest {
    return { kind: this.name, options: { trueVal: this.trueVal, falseVal: this.falseVal } };
  }

  machine(): SyncMachine<string, boolean> {
    return wholeText((text) => {
      const words = new Set<string>();
      for (const word of wordsOf(text)) words.add(word.toLowerCase());
      const isTrue = words.has(this.trueVal.toLowerCase());
      if (isTrue !== words.has(this.falseVal.toLowerCase())) return isTrue;
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
