import { folds, parsingFailure, type SyncMachine } from '@pipewright/core';
import { BaseOutputParser } from '../output-parser.js';
import { wholeText } from './whole-text.js';

export interface RegexParserFields<Key extends string> {
  /** Your pattern. It runs over a model's output: see to it that it cannot backtrack without end. */
  readonly regex: RegExp | string;
  /** Names of its groups, in order. */
  readonly outputKeys: readonly Key[];
  /** Where the whole text goes when the pattern does not match; the other keys are '' then. Default: that is an error. */
  readonly defaultOutputKey?: Key;
  /** How much text the pattern is run over, in UTF-16 units. More throws LimitExceededError. Default 65,536. */
  readonly maxLength?: number;
}

const MAX_LENGTH = 65_536;

/**
 * The groups of a pattern of yours, by name.
 *
 * @throws OutputParserException when the pattern does not match
 * @throws LimitExceededError for text longer than `maxLength`
 *
 * @example
 * ```ts
 * import { RegexParser } from '@pipewright/parsers';
 *
 * const parser = new RegexParser({ regex: /Score: (\d+)\nReason: (.*)/, outputKeys: ['score', 'reason'] });
 * const { score, reason } = await parser.parse('Score: 7\nReason: clear and short');
 * ```
 */
export class RegexParser<const Key extends string> extends BaseOutputParser<Record<Key, string>> {
  readonly name = 'RegexParser';
  readonly fold = folds.last<Record<Key, string>>;
  readonly regex: RegExp;
  readonly outputKeys: readonly Key[];
  readonly defaultOutputKey: Key | undefined;
  readonly maxLength: number;

  constructor({ regex, outputKeys, defaultOutputKey, maxLength = MAX_LENGTH }: RegexParserFields<Key>) {
    super();
    // A global or sticky pattern would remember where it stopped from one text to the next.
    this.regex =
      typeof regex === 'string'
        ? new RegExp(regex)
        : new RegExp(regex.source, regex.flags.replaceAll(/[gy]/g, ''));
    this.outputKeys = outputKeys;
    this.defaultOutputKey = defaultOutputKey;
    this.maxLength = maxLength;
  }

  machine(): SyncMachine<string, Record<Key, string>> {
    return wholeText((text) => groupsOf(this, text), this.maxLength);
  }

  override getFormatInstructions(): string {
    return `Your response should match the following regex: ${String(this.regex)}`;
  }
}

function groupsOf<Key extends string>(
  { regex, outputKeys, defaultOutputKey }: RegexParser<Key>,
  text: string,
): Record<Key, string> {
  const match = regex.exec(text);
  if (match === null && defaultOutputKey === undefined) {
    throw parsingFailure(`Expected text that matches ${String(regex)}`, text, text.length);
  }
  const valueOf = (key: Key, index: number): string => {
    if (match === null) return key === defaultOutputKey ? text : '';
    return match[index + 1] ?? '';
  };
  const result = {} as Record<Key, string>;
  for (const [index, key] of outputKeys.entries()) folds.own(result, key, valueOf(key, index));
  return result;
}
