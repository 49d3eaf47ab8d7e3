import {
  ConfigError,
  isPromptValue,
  Runnable,
  type Children,
  type Flow,
  type PromptValue,
  type Ready,
  type RunContext,
  type RunType,
} from '@pipewright/core';
import type { Instructing } from '../instructing.js';
import type { ParserInput } from '../parser-input.js';
import { askAgain, checkRetries, type Corrector, type FailedAnswer } from './ask-again.js';

/** An answer and the prompt that it answers. */
export interface CompletionWithPrompt {
  readonly completion: ParserInput;
  readonly prompt: string | PromptValue;
}

export interface RetryOutputParserFields<Out, Chunk> {
  readonly parser: Instructing<Out, Chunk>;
  /** Is asked again when the parser could not read its answer. */
  readonly model: Corrector;
  /** How often it is asked again. Default 1. */
  readonly maxRetries?: number;
  /** Writes the question. Default: the prompt as text, the answer and the error, in English. */
  readonly prompt?: (failed: FailedAnswer & { readonly prompt: string }) => string;
}

/**
 * A parser that asks the question again, with the answer that could not be read and what is wrong with it. Unlike
 * OutputFixingParser it needs the prompt, and so can get back what the answer left out.
 *
 * @throws OutputParserException of the last attempt
 *
 * @example
 * ```ts
 * import { FakeListChatModel } from '@pipewright/core/testing';
 * import { BooleanOutputParser, RetryOutputParser } from '@pipewright/parsers';
 *
 * const model = new FakeListChatModel({ responses: ['YES'] });
 * const parser = RetryOutputParser.fromLLM(model, new BooleanOutputParser());
 * const isCapital = await parser.parseWithPrompt('Well, that depends.', 'Is Oslo the capital of Norway?');
 * ```
 */
export class RetryOutputParser<Out, Chunk = Out> extends Runnable<CompletionWithPrompt, Out, Chunk> {
  override readonly runType: RunType = 'parser';
  readonly name = 'RetryOutputParser';
  readonly fields: RetryOutputParserFields<Out, Chunk>;
  readonly maxRetries: number;

  constructor(fields: RetryOutputParserFields<Out, Chunk>) {
    super();
    this.fields = fields;
    this.maxRetries = checkRetries(fields.maxRetries ?? 1);
  }

  /** The same as `new`, in LangChain's way. */
  static fromLLM<Out, Chunk>(
    model: Corrector,
    parser: Instructing<Out, Chunk>,
    options: Pick<RetryOutputParserFields<Out, Chunk>, 'maxRetries' | 'prompt'> = {},
  ): RetryOutputParser<Out, Chunk> {
    return new RetryOutputParser({ ...options, model, parser });
  }

  override get children(): Children {
    return { parser: this.fields.parser, model: this.fields.model };
  }

  run(input: Ready<CompletionWithPrompt, unknown>, context: RunContext): Flow<Out, Chunk> {
    const { parser, model, prompt = retryPrompt } = this.fields;
    const { maxRetries } = this;
    checkPrompt((input as Partial<CompletionWithPrompt> | undefined)?.prompt);
    const completion = (given: Ready<CompletionWithPrompt, unknown>): Ready<ParserInput, unknown> =>
      (given as CompletionWithPrompt).completion;
    return askAgain(
      {
        parser,
        model,
        maxRetries,
        completion,
        prompt: (failed, given) => prompt({ ...failed, prompt: String(given.prompt) }),
      },
      input,
      context,
    );
  }

  /** Parses an answer to a prompt; the same as `invoke({ completion, prompt })`. */
  async parseWithPrompt(completion: ParserInput, prompt: string | PromptValue): Promise<Out> {
    return this.invoke({ completion, prompt });
  }

  /** What to tell the model about the form of its answer. */
  getFormatInstructions(): string {
    return this.fields.parser.getFormatInstructions?.() ?? '';
  }
}

/** Refuses an input without a prompt before the parser is run: without it nothing could be asked again. */
function checkPrompt(prompt: unknown): void {
  if (typeof prompt === 'string' || isPromptValue(prompt)) return;
  throw new ConfigError(
    'prompt',
    'RetryOutputParser takes { completion, prompt }, the prompt as a string or as a template gives it.',
  );
}

function retryPrompt({ prompt, completion, error }: FailedAnswer & { readonly prompt: string }): string {
  return `Prompt:
${prompt}
Completion:
${completion}

Above, the Completion did not satisfy the constraints given in the Prompt.
Details: ${error}
Please try again:`;
}
