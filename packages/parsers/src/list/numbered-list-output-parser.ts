import type { SyncMachine, Manifest } from '@pipewright/core';
import { lineMachine } from './line-machine.js';
import { ListOutputParser } from './list-output-parser.js';

/**
 * The items of a numbered list: the lines that begin with a number, a dot or bracket and a space. Lines of another kind
 * are left out; without any item the list is empty.
 *
 * @example
 * ```ts
 * import { NumberedListOutputParser } from '@pipewright/parsers';
 *
 * const items = await new NumberedListOutputParser().parse('Three:\n1. one\n2. two\n3. three');
 * ```
 */
export class NumberedListOutputParser extends ListOutputParser {
  readonly name = 'NumberedListOutputParser';

  override get manifest(): Manifest {
    return { kind: this.name };
  }

  machine(): SyncMachine<string, string[]> {
    return lineMachine(numberedItem);
  }

  override getFormatInstructions(): string {
    return 'Your response should be a numbered list with each item on a new line. For example: \n\n1. foo\n\n2. bar\n\n3. baz';
  }
}

function numberedItem(line: string): string[] | undefined {
  const text = line.trimStart();
  let at = 0;
  while (text.charCodeAt(at) >= 0x30 && text.charCodeAt(at) <= 0x39) at += 1;
  const isNumbered = at > 0 && (text[at] === '.' || text[at] === ')') && text[at + 1]?.trim() === '';
  const item = isNumbered ? text.slice(at + 1).trim() : '';
  return item === '' ? undefined : [item];
}
