import {
  andThen,
  ConfigError,
  folds,
  Runnable,
  type Children,
  type Flow,
  type MaybePromise,
  type Ready,
  type RunContext,
  type RunType,
  type Manifest,
} from '@pipewright/core';
import type { Instructing } from '../instructing.js';
import { textOf, type ParserInput } from '../parser-input.js';

type AnyParser = Instructing<object>;

/** What all of the parsers give, in one object. */
type Combined<Parsers extends readonly AnyParser[]> = Parsers extends readonly [
  Instructing<infer First>,
  ...infer Rest extends readonly AnyParser[],
]
  ? First & Combined<Rest>
  : object;

const DELIMITER = '-----';

/**
 * Several parsers that each read a part of one answer; their objects are joined into one, later keys winning. The model
 * is told to write a line `-----Output 0-----` before the part of the first, and so on; where it did not, each parser
 * reads the whole answer.
 *
 * @throws OutputParserException when one of them does
 *
 * @example
 * ```ts
 * import { CombiningOutputParser, RegexParser, StructuredOutputParser } from '@pipewright/parsers';
 *
 * const parser = new CombiningOutputParser(
 *   StructuredOutputParser.fromNamesAndDescriptions({ answer: 'the answer' }),
 *   new RegexParser({ regex: /Confidence: (\w+)/, outputKeys: ['confidence'] }),
 * );
 * const { answer, confidence } = await parser.invoke('{"answer": "Oslo"}\n\nConfidence: high');
 * ```
 */
export class CombiningOutputParser<Parsers extends readonly AnyParser[]> extends Runnable<
  ParserInput,
  Combined<Parsers>
> {
  override readonly runType: RunType = 'parser';
  readonly name = 'CombiningOutputParser';
  readonly parsers: Parsers;

  constructor(...parsers: Parsers) {
    super();
    if (parsers.length === 0) throw new ConfigError('parsers', 'Give at least one parser to combine.');
    this.parsers = parsers;
  }

  override get children(): Children {
    return Object.fromEntries(this.parsers.map((parser, index) => [`parser:${index}`, parser]));
  }

  override get manifest(): Manifest {
    return { kind: this.name, arrangement: 'parallel' };
  }

  run(input: Ready<ParserInput, unknown>, context: RunContext): Flow<Combined<Parsers>> {
    const text = textOf(input as ParserInput);
    const parts = partsOf(text);
    let joined: MaybePromise<Record<string, unknown>> = {};
    for (const [index, parser] of this.parsers.entries()) {
      joined = andThen(joined, (result) =>
        andThen(context.wanting('value').whole(context.run(parser, parts[index] ?? text)), (value) => {
          for (const [key, part] of Object.entries(value)) folds.own(result, key, part);
          return result;
        }),
      );
    }
    return joined as MaybePromise<Combined<Parsers>>;
  }

  /** What to tell the model about the form of its answer. */
  getFormatInstructions(): string {
    const parts = this.parsers.map(
      (parser, index) =>
        `${DELIMITER}Output ${index}${DELIMITER}\n${(parser.getFormatInstructions?.() ?? '').trim()}\n`,
    );
    return `Answer in ${parts.length} parts, each behind a line with its number as below.\n\n${parts.join('\n')}`;
  }
}

/** The text behind each line `-----Output N-----`, by N. */
function partsOf(text: string): readonly (string | undefined)[] {
  const parts: string[] = [];
  let part: string[] | undefined;
  let number = -1;
  const close = (): void => {
    if (part !== undefined) parts[number] ??= part.join('\n').trim();
  };
  for (const line of text.split('\n')) {
    const found = partNumber(line.trim());
    if (found === undefined) {
      part?.push(line);
      continue;
    }
    close();
    number = found;
    part = [];
  }
  close();
  return parts;
}

function partNumber(line: string): number | undefined {
  const start = `${DELIMITER}Output `;
  if (!line.startsWith(start) || !line.endsWith(DELIMITER)) return undefined;
  const digits = line.slice(start.length, -DELIMITER.length);
  // More digits than there can be parsers.
  if (digits.length === 0 || digits.length > 3) return undefined;
  const number = Number(digits);
  return Number.isInteger(number) && number >= 0 ? number : undefined;
}
