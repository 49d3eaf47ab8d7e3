import {
  isMessage,
  isPromptValue,
  OutputParserException,
  type BaseMessage,
  type PromptValue,
} from '@pipewright/core';

/** What a parser reads: text, or a message or prompt, whose text it takes. */
export type ParserInput = string | BaseMessage | PromptValue;

/** Blocks that have no text but carry an answer: a parser that left them out would lose it without a word. */
const UNREADABLE: ReadonlySet<string> = new Set(['image', 'image_url', 'audio', 'file']);

/**
 * The text of an input. Reasoning and tool calls of a message are left out.
 *
 * @throws OutputParserException for media, and for anything that has no text
 */
export function textOf(input: ParserInput): string {
  if (typeof input === 'string') return input;
  if (isMessage(input)) {
    const media =
      typeof input.content === 'string' ? undefined : input.content.find(({ type }) => UNREADABLE.has(type));
    if (media === undefined) return input.text;
    throw new OutputParserException(
      `The message holds a block of type "${media.type}", which has no text to parse. Take it from the message's content.`,
      input.text,
    );
  }
  if (isPromptValue(input)) return input.toString();
  throw new OutputParserException(
    `A parser reads a string or a message; got ${input === null ? 'null' : Array.isArray(input) ? 'an array' : `a ${typeof input}`}. ` +
      'Put a step before it that gives text.',
    '',
  );
}
