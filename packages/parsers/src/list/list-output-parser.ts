import { folds } from '@pipewright/core';
import { BaseOutputParser } from '../output-parser.js';

/** Base of parsers of lists: `invoke` gives all items, `stream` an array of one item as soon as that item is whole. */
export abstract class ListOutputParser extends BaseOutputParser<string[]> {
  readonly fold = folds.concat<string>;
}
