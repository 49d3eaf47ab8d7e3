import {
  Runnable,
  transduce,
  type Flow,
  type Fold,
  type Machine,
  type Ready,
  type RunContext,
} from '@pipewright/core';
import { textOf, type ParserInput } from './parser-input.js';

/**
 * Base of output parsers. A parser is an incremental machine over text, and the way its chunks add up; that it gives the
 * same result however the text was cut, streamed or not, follows.
 *
 * @typeParam Out - what `invoke` gives
 * @typeParam Chunk - what `stream` yields while text arrives
 */
export abstract class BaseOutputParser<Out, Chunk = Out> extends Runnable<ParserInput, Out, Chunk> {
  override readonly consumes = 'chunks';

  /** How the parser's chunks add up to its result. */
  abstract readonly fold: Fold<Chunk, Out>;

  /** A fresh machine: pieces of text in, parsed chunks out. Throws OutputParserException on text it cannot read. */
  abstract machine(): Machine<string, Chunk>;

  run(input: Ready<ParserInput, unknown>, context: RunContext): Flow<Out, Chunk> {
    const machine = this.machine();
    const overInput: Machine<ParserInput, Chunk> = {
      push: (piece) => machine.push(textOf(piece)),
      end: () => machine.end(),
    };
    return transduce(input as Ready<ParserInput, ParserInput>, overInput, this.fold, context.wants);
  }

  /** Parses a whole text; the same as `invoke`. */
  async parse(text: string): Promise<Out> {
    return this.invoke(text);
  }
}
