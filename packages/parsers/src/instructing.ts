import type { Runnable } from '@pipewright/core';
import type { ParserInput } from './parser-input.js';

/** A parser, or a runnable around one, that can be asked what to tell the model. */
export interface Instructing<Out, Chunk = unknown> extends Runnable<ParserInput, Out, Chunk> {
  getFormatInstructions?(): string;
}
