import { andThen, ConfigError, type MaybePromise, type PromptValue, type RunContext } from '@pipewright/core';
import type { BasePromptTemplate } from '../base-prompt-template.js';
import type { Example } from '../example-source.js';
import type { VariableValues } from '../values.js';
import { BaseExampleSelector } from './example-selector.js';
import { textsOf } from './texts-of.js';

export interface LengthBasedExampleSelectorFields {
  /** Shows one example: its text is what counts. */
  readonly examplePrompt: BasePromptTemplate<never, PromptValue>;
  readonly examples?: readonly Example[];
  /** How long input and examples may be together. Default 2048. */
  readonly maxLength?: number;
  /** Measures a text. Default: its words. Give a tokenizer's count for a limit in tokens. */
  readonly getTextLength?: (text: string) => number;
}

const DEFAULT_MAX_LENGTH = 2048;

/**
 * Takes examples in their order for as long as they fit, so that a longer input gets fewer.
 *
 * @throws ConfigError when `maxLength` is no number of 0 or more
 *
 * @example
 * ```ts
 * import { LengthBasedExampleSelector, PromptTemplate } from '@pipewright/prompts';
 *
 * const selector = new LengthBasedExampleSelector({
 *   examples: [
 *     { word: 'happy', answer: 'sad' },
 *     { word: 'tall', answer: 'short' },
 *   ],
 *   examplePrompt: PromptTemplate.fromTemplate('Word: {word}\nAnswer: {answer}'),
 *   maxLength: 6,
 * });
 * const one = await selector.invoke({ input: 'very fast' }); // [{ word: 'happy', answer: 'sad' }]
 * ```
 */
export class LengthBasedExampleSelector extends BaseExampleSelector {
  readonly name = 'LengthBasedExampleSelector';
  readonly examplePrompt: BasePromptTemplate<never, PromptValue>;
  readonly maxLength: number;
  readonly getTextLength: (text: string) => number;
  readonly examples: Example[];

  constructor(fields: LengthBasedExampleSelectorFields) {
    super();
    const { examplePrompt, examples = [], maxLength = DEFAULT_MAX_LENGTH, getTextLength = words } = fields;
    if (!(maxLength >= 0)) {
      throw new ConfigError('maxLength', `maxLength is ${String(maxLength)}; give a number of 0 or more.`);
    }
    this.examplePrompt = examplePrompt;
    this.maxLength = maxLength;
    this.getTextLength = getTextLength;
    this.examples = [...examples];
  }

  /** The constructor, by LangChain's name. */
  static fromExamples(
    examples: readonly Example[],
    fields: Omit<LengthBasedExampleSelectorFields, 'examples'>,
  ): LengthBasedExampleSelector {
    return new LengthBasedExampleSelector({ ...fields, examples });
  }

  addExample(example: Example): void {
    this.examples.push(example);
  }

  selectExamples(input: VariableValues, context?: RunContext): MaybePromise<readonly Example[]> {
    const examples = [...this.examples];
    const takeFrom = (from: number, room: number): MaybePromise<readonly Example[]> => {
      let left = room;
      for (let index = from; index < examples.length; index += 1) {
        const length = this['~lengthOf'](examples[index] as Example, context);
        if (typeof length !== 'number') {
          return andThen(length, (known) =>
            known > left ? examples.slice(0, index) : takeFrom(index + 1, left - known),
          );
        }
        if (length > left) return examples.slice(0, index);
        left -= length;
      }
      return examples;
    };
    return takeFrom(0, this.maxLength - this.getTextLength(textsOf(input).join(' ')));
  }

  '~lengthOf'(example: Example, context: RunContext | undefined): MaybePromise<number> {
    const { examplePrompt } = this;
    const shown =
      context === undefined
        ? examplePrompt.format(example as never)
        : examplePrompt['~fillFrom'](example, context);
    return andThen<string | PromptValue, number>(shown, (value) => this.getTextLength(value.toString()));
  }
}

function words(text: string): number {
  return text.match(/\S+/g)?.length ?? 0;
}
