import { ConfigError } from '../errors.js';
import type { MaybePromise } from '../flow/promise.js';
import { countTokensApproximately } from './count-tokens.js';
import type { BaseMessage } from './message.js';
import { kindCheck, type MessageKind } from './message-kind.js';

/** Counts the tokens of messages. More messages are taken to cost at least as much. */
export type MessageTokenCounter = (messages: readonly BaseMessage[]) => MaybePromise<number>;

export interface TrimMessagesOptions {
  /** How many tokens the messages may take together. */
  readonly maxTokens: number;
  /** Default `'approximate'`: a quarter of the characters. For a tokenizer's count, see `tokenCounter`. */
  readonly tokenCounter?: MessageTokenCounter | 'approximate';
  /** Which end to keep. Default `'last'`: the newest. */
  readonly strategy?: 'first' | 'last';
  /** Keeps a part of the message that does not fit whole: blocks, then pieces of text. Default false. */
  readonly allowPartial?: boolean;
  /** With `'last'`: keeps the system message that the list begins with. Default false. */
  readonly includeSystem?: boolean;
  /** With `'last'`: drops messages from the beginning until one is of these kinds; the system message stays. */
  readonly startOn?: MessageKind | readonly MessageKind[];
  /** Drops messages from the end until one is of these kinds: with `'last'` before counting, with `'first'` after. */
  readonly endOn?: MessageKind | readonly MessageKind[];
  /** Cuts a text into the pieces that `allowPartial` keeps; joined they are the text. Default: lines. */
  readonly textSplitter?: (text: string) => MaybePromise<readonly string[]>;
}

/** The options with their defaults, checked. */
export interface TrimPlan {
  readonly maxTokens: number;
  readonly count: MessageTokenCounter;
  readonly strategy: 'first' | 'last';
  readonly allowPartial: boolean;
  readonly includeSystem: boolean;
  readonly startsOn: ((message: BaseMessage) => boolean) | undefined;
  readonly endsOn: ((message: BaseMessage) => boolean) | undefined;
  readonly split: (text: string) => MaybePromise<readonly string[]>;
}

/** @throws ConfigError for options that cannot work, alone or together */
export function trimPlan(options: TrimMessagesOptions): TrimPlan {
  const { maxTokens, strategy = 'last', tokenCounter = 'approximate', allowPartial = false } = options;
  const { includeSystem = false, startOn, endOn, textSplitter = linesOf } = options;
  if (!(maxTokens >= 0)) {
    throw new ConfigError(
      'maxTokens',
      `maxTokens is ${String(maxTokens)}; give a number of tokens, 0 or more.`,
    );
  }
  if (strategy !== 'first' && strategy !== 'last') {
    throw new ConfigError(
      'strategy',
      `There is no strategy ${JSON.stringify(strategy)}; use 'first' or 'last'.`,
    );
  }
  if (tokenCounter !== 'approximate' && typeof tokenCounter !== 'function') {
    throw new ConfigError('tokenCounter', "Give a function of messages as tokenCounter, or 'approximate'.");
  }
  if (strategy === 'first' && startOn !== undefined) {
    throw new ConfigError('startOn', "startOn goes with strategy 'last': with 'first' the beginning stays.");
  }
  if (strategy === 'first' && includeSystem) {
    throw new ConfigError(
      'includeSystem',
      "includeSystem goes with strategy 'last': 'first' keeps it anyway.",
    );
  }
  return {
    maxTokens,
    count: tokenCounter === 'approximate' ? countTokensApproximately : tokenCounter,
    strategy,
    allowPartial,
    includeSystem,
    startsOn: kindCheck(startOn, 'startOn'),
    endsOn: kindCheck(endOn, 'endOn'),
    split: textSplitter,
  };
}

function linesOf(text: string): readonly string[] {
  return text.split(/(?<=\n)/);
}
