import { OutputParserException } from '../errors.js';
import type { Machine } from '../flow/machine.js';
import { isPromise, type MaybePromise } from '../flow/promise.js';
import type { AIMessage } from '../messages/ai.js';

/**
 * Reads an answer as another machine does. Where that finds no value since the model refused, or was stopped, the failure
 * says so: what the content lacks is not why.
 */
export class Explained<Out> implements Machine<AIMessage, Out> {
  readonly #value: Machine<AIMessage, Out>;
  #refusal: unknown;
  #finish: unknown;

  constructor(value: Machine<AIMessage, Out>) {
    this.#value = value;
  }

  push(message: AIMessage): readonly Out[] {
    this.#refusal = message.additional_kwargs.refusal ?? this.#refusal;
    this.#finish = message.response_metadata.finish_reason ?? this.#finish;
    return this.#value.push(message);
  }

  end(): MaybePromise<readonly Out[]> {
    try {
      const values = this.#value.end();
      return isPromise(values) ? values.then(undefined, this.#fail) : values;
    } catch (error) {
      return this.#fail(error);
    }
  }

  readonly #fail = (error: unknown): never => {
    const reason = this.#reason();
    if (reason === undefined || !OutputParserException.isInstance(error)) throw error;
    const { message, llmOutput, position } = error;
    // Asked again, it would refuse again.
    const retryable = this.#finish === 'length';
    throw new OutputParserException(`${reason}. ${message}`, llmOutput, position, {
      cause: error,
      retryable,
    });
  };

  #reason(): string | undefined {
    if (this.#refusal) return `The model refused to answer: ${JSON.stringify(this.#refusal)}`;
    if (this.#finish === 'content_filter') return 'A content filter ended the answer';
    return this.#finish === 'length' ? 'The answer was cut off at the limit of its tokens' : undefined;
  }
}
