import type { SyncMachine, Manifest } from '@pipewright/core';
import { lineMachine } from './line-machine.js';
import { ListOutputParser } from './list-output-parser.js';

/**
 * The items of a Markdown list: the lines that begin with `-`, `*` or `+` and a space. Lines of another kind are left
 * out; without any item the list is empty.
 *
 * @example
 * ```ts
 * import { MarkdownListOutputParser } from '@pipewright/parsers';
 *
 * const items = await new MarkdownListOutputParser().parse('Two:\n- one\n- two');
 * ```
 */
export class MarkdownListOutputParser extends ListOutputParser {
  readonly name = 'MarkdownListOutputParser';

  override get manifest(): Manifest {
    return { kind: this.name };
  }

  machine(): SyncMachine<string, string[]> {
    return lineMachine(bulletItem);
  }

  override getFormatInstructions(): string {
    return 'Your response should be a markdown list, eg: `- foo\n- bar\n- baz`';
  }
}

function bulletItem(line: string): string[] | undefined {
  const text = line.trim();
  const isItem = '-*+'.includes(text.charAt(0)) && text[1]?.trim() === '';
  const item = isItem ? text.slice(1).trim() : '';
  return item === '' ? undefined : [item];
}
