import {
  Runnable,
  type Children,
  type Flow,
  type Ready,
  type RunContext,
  type RunType,
} from '@pipewright/core';
import type { Instructing } from '../instructing.js';
import type { ParserInput } from '../parser-input.js';
import { askAgain, checkRetries, type Corrector, type FailedAnswer } from './ask-again.js';

export interface OutputFixingParserFields<Out, Chunk> {
  readonly parser: Instructing<Out, Chunk>;
  /** Is asked to mend what the parser could not read: a chat model, or a chain from a text to a text or message. */
  readonly model: Corrector;
  /** How often it is asked for one answer. Default 1. */
  readonly maxRetries?: number;
  /** Writes the question. Default: one in English with the instructions, the answer and the error. */
  readonly prompt?: (failed: FailedAnswer) => string;
}

/**
 * A parser with a model behind it: text that the parser cannot read is handed to the model, with what is wrong, and the
 * model's answer is parsed in its place. While streaming that is done as long as nothing was streamed; a failure after
 * the first chunk is thrown.
 *
 * @throws OutputParserException of the last attempt
 *
 * @example
 * ```ts
 * import { FakeListChatModel } from '@pipewright/core/testing';
 * import { JsonOutputParser, OutputFixingParser } from '@pipewright/parsers';
 *
 * const model = new FakeListChatModel({ responses: ['{"city": "Oslo"}'] });
 * const parser = OutputFixingParser.fromLLM(model, new JsonOutputParser<{ city: string }>());
 * const { city } = await parser.invoke("{city: 'Oslo'}");
 * ```
 */
export class OutputFixingParser<Out, Chunk = Out> extends Runnable<ParserInput, Out, Chunk> {
  override readonly runType: RunType = 'parser';
  readonly name = 'OutputFixingParser';
  override readonly consumes = 'chunks';
  readonly fields: OutputFixingParserFields<Out, Chunk>;
  readonly maxRetries: number;

  constructor(fields: OutputFixingParserFields<Out, Chunk>) {
    super();
    this.fields = fields;
    this.maxRetries = checkRetries(fields.maxRetries ?? 1);
  }

  /** The same as `new`, in LangChain's way. */
  static fromLLM<Out, Chunk>(
    model: Corrector,
    parser: Instructing<Out, Chunk>,
    options: Pick<OutputFixingParserFields<Out, Chunk>, 'maxRetries' | 'prompt'> = {},
  ): OutputFixingParser<Out, Chunk> {
    return new OutputFixingParser({ ...options, model, parser });
  }

  override get children(): Children {
    return { parser: this.fields.parser, model: this.fields.model };
  }

  run(input: Ready<ParserInput, unknown>, context: RunContext): Flow<Out, Chunk> {
    const { parser, model, prompt = fixingPrompt } = this.fields;
    const { maxRetries } = this;
    return askAgain({ parser, model, maxRetries, completion: (given) => given, prompt }, input, context);
  }

  /** What to tell the model about the form of its answer. */
  getFormatInstructions(): string {
    return this.fields.parser.getFormatInstructions?.() ?? '';
  }
}

function fixingPrompt({ instructions, completion, error }: FailedAnswer): string {
  return `Instructions:
--------------
${instructions}
--------------
Completion:
--------------
${completion}
--------------

Above, the Completion did not satisfy the constraints given in the Instructions.
Error:
--------------
${error}
--------------

Please try again. Please only respond with an answer that satisfies the constraints laid out in the Instructions:`;
}
