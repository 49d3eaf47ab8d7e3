import {
  lacking,
  Runnable,
  transduce,
  type Flow,
  type Fold,
  type Machine,
  type Ready,
  type RunContext,
  type RunType,
} from '@pipewright/core';
import { textOf, type ParserInput } from './parser-input.js';

/**
 * Base of parsers over messages, for what is not in their text, such as tool calls. A parser is an incremental machine
 * over what arrives, and the way its chunks add up.
 *
 * @typeParam Out - what `invoke` gives
 * @typeParam Chunk - what `stream` yields while the message arrives
 */
export abstract class BaseLLMOutputParser<Out, Chunk = Out> extends Runnable<ParserInput, Out, Chunk> {
  override readonly runType: RunType = 'parser';
  override readonly consumes: 'value' | 'chunks' = 'chunks';

  /** How the parser's chunks add up to its result. */
  abstract readonly fold: Fold<Chunk, Out>;

  /** A fresh machine for one run: pieces of the input in, parsed chunks out. */
  abstract reader(): Machine<ParserInput, Chunk>;

  run(input: Ready<ParserInput, unknown>, context: RunContext): Flow<Out, Chunk> {
    if (this.reader === undefined) throw lacking(this, 'reader()');
    const reader = this.reader();
    if (this.fold === undefined) throw lacking(this, 'fold');
    return transduce(input as Ready<ParserInput, ParserInput>, reader, this.fold, context.wants);
  }
}

/**
 * Base of output parsers. A parser is an incremental machine over text, and the way its chunks add up; that it gives the
 * same result however the text was cut, streamed or not, follows.
 *
 * @typeParam Out - what `invoke` gives
 * @typeParam Chunk - what `stream` yields while text arrives
 *
 * @example
 * ```ts
 * import { folds, type Machine } from '@pipewright/core';
 * import { BaseOutputParser } from '@pipewright/parsers';
 *
 * class Shout extends BaseOutputParser<string> {
 *   readonly name = 'Shout';
 *   readonly fold = folds.text;
 *   machine(): Machine<string, string> {
 *     return { push: (text) => [text.toUpperCase()], end: () => ['!'] };
 *   }
 * }
 * const loud = await new Shout().parse('hello'); // HELLO!
 * ```
 */
export abstract class BaseOutputParser<Out, Chunk = Out> extends BaseLLMOutputParser<Out, Chunk> {
  /** A fresh machine: pieces of text in, parsed chunks out. Throws OutputParserException on text it cannot read. */
  abstract machine(): Machine<string, Chunk>;

  reader(): Machine<ParserInput, Chunk> {
    if (this.machine === undefined) throw lacking(this, 'machine()');
    const machine = this.machine();
    return { push: (piece) => machine.push(textOf(piece)), end: () => machine.end() };
  }

  /** Parses a whole text; the same as `invoke`. */
  async parse(text: string): Promise<Out> {
    return this.invoke(text);
  }

  /** What to tell the model about the form of its answer, as a part of the prompt. '' when there is nothing to tell. */
  getFormatInstructions(): string {
    return '';
  }
}
