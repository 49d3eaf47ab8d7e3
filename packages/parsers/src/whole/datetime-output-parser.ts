import { folds, parsingFailure, type SyncMachine, type Manifest } from '@pipewright/core';
import { BaseOutputParser } from '../output-parser.js';
import { isoDate } from './iso-date.js';
import { wholeText } from './whole-text.js';

/**
 * A date, with or without a time, in the form of ISO 8601: `2026-03-09`, `2026-03-09T18:30:00Z`,
 * `2026-03-09 18:30+01:00`. Without an offset it is in UTC. White space and quotes around it are taken off.
 *
 * @throws OutputParserException for anything else, days that do not exist included
 *
 * @example
 * ```ts
 * import { DatetimeOutputParser } from '@pipewright/parsers';
 *
 * const date: Date = await new DatetimeOutputParser().parse('2026-03-09T18:30:00Z');
 * ```
 */
export class DatetimeOutputParser extends BaseOutputParser<Date> {
  readonly name = 'DatetimeOutputParser';
  readonly fold = folds.last<Date>;

  override get manifest(): Manifest {
    return { kind: this.name };
  }

  machine(): SyncMachine<string, Date> {
    return wholeText((text) => {
      const date = isoDate(unquoted(text.trim()));
      if (date !== undefined) return date;
      throw parsingFailure('Expected a date such as 2026-03-09T18:30:00Z', text, text.length);
    });
  }

  override getFormatInstructions(): string {
    return 'Your response should be a date and time in the form YYYY-MM-DDTHH:mm:ssZ, and nothing else. Example: 2026-03-09T18:30:00Z';
  }
}

function unquoted(text: string): string {
  const quote = text.charAt(0);
  const isQuoted = text.length > 1 && '"\'`'.includes(quote) && text.endsWith(quote);
  return isQuoted ? text.slice(1, -1).trim() : text;
}
