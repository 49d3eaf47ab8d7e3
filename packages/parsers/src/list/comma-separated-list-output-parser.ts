import type { SyncMachine, Manifest } from '@pipewright/core';
import { CommaMachine } from './comma-machine.js';
import { ListOutputParser } from './list-output-parser.js';

/**
 * Items between commas (or on lines of their own), trimmed. An item in double quotes may hold commas and line breaks. An
 * empty text is an empty list, and a comma at the end begins no further item.
 *
 * @example
 * ```ts
 * import { CommaSeparatedListOutputParser } from '@pipewright/parsers';
 *
 * const items = await new CommaSeparatedListOutputParser().parse('red, "light, clear blue", green'); // three items
 * ```
 */
export class CommaSeparatedListOutputParser extends ListOutputParser {
  readonly name = 'CommaSeparatedListOutputParser';

  override get manifest(): Manifest {
    return { kind: this.name };
  }

  machine(): SyncMachine<string, string[]> {
    return new CommaMachine();
  }

  override getFormatInstructions(): string {
    return 'Your response should be a list of comma separated values, eg: `foo, bar, baz`. Put a value that has a comma in it into double quotes.';
  }
}
