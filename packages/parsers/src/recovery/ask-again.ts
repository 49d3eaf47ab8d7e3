import {
  andThen,
  attempts,
  ConfigError,
  OutputParserException,
  type Flow,
  type Inner,
  type Ready,
  type RunContext,
  type Runnable,
} from '@pipewright/core';
import type { Instructing } from '../instructing.js';
import { textOf, type ParserInput } from '../parser-input.js';

/** Anything that gives text or a message for a text: a chat model, a chain that ends in one. */
export type Corrector = Runnable<string, ParserInput, unknown>;

/** What a model is told that is to mend an answer. */
export interface FailedAnswer {
  /** What the parser says of the form of an answer. */
  readonly instructions: string;
  /** The text that could not be parsed. */
  readonly completion: string;
  /** What was wrong with it. */
  readonly error: string;
}

export interface AskAgain<In, Out, Chunk> {
  readonly parser: Instructing<Out, Chunk>;
  readonly model: Corrector;
  readonly maxRetries: number;
  /** Where the input has the answer to parse. */
  readonly completion: (input: Ready<In, unknown>) => Ready<ParserInput, unknown>;
  readonly prompt: (failed: FailedAnswer, input: In) => string;
}

/**
 * Parses an answer, and asks a model for another one as long as that fails before anything of it was seen. The parser's
 * own failures only: what goes wrong before it, and what is over a limit, is thrown.
 */
export function askAgain<In, Out, Chunk>(
  { parser, model, maxRetries, completion, prompt }: AskAgain<In, Out, Chunk>,
  input: Ready<In, unknown>,
  context: RunContext,
): Flow<Out, Chunk> {
  const parse: Inner<In, Out, Chunk> = (given, within) =>
    within.run(parser, completion(given) as Ready<ParserInput>);
  let latest: string | undefined;
  return attempts(parse, input, context, (error, attempt): Inner<In, Out, Chunk> => {
    if (attempt > maxRetries || !OutputParserException.isInstance(error)) throw error;
    const instructions = parser.getFormatInstructions?.() ?? '';
    return (given, within) => {
      const mended = andThen(within.whole<In, unknown>(given), (whole) => {
        const failed = latest ?? textOf(completion(whole) as ParserInput);
        const question = prompt({ instructions, completion: failed, error: error.message }, whole);
        // Asked for whole: should it fail too, all of it is there to be mended.
        const asked = within.wanting('value');
        return asked.whole(asked.run(model, question, 'retry', attempt));
      });
      return andThen(mended, (answer) => {
        latest = textOf(answer);
        return within.run(parser, answer);
      }) as Flow<Out, Chunk>;
    };
  });
}

export function checkRetries(maxRetries: number): number {
  if (Number.isInteger(maxRetries) && maxRetries >= 0) return maxRetries;
  throw new ConfigError(
    'maxRetries',
    `maxRetries is ${String(maxRetries)}; give a whole number of at least 0.`,
  );
}
