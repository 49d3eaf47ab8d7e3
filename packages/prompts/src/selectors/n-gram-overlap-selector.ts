import { ConfigError, type PromptValue } from '@pipewright/core';
import type { BasePromptTemplate } from '../base-prompt-template.js';
import type { Example } from '../example-source.js';
import type { VariableValues } from '../values.js';
import { BaseExampleSelector } from './example-selector.js';
import { nGramOverlap } from './n-gram-overlap.js';
import { textsOf } from './texts-of.js';

export interface NGramOverlapExampleSelectorFields {
  /** Shows one example; the first of its variables is what is compared with the input. */
  readonly examplePrompt: BasePromptTemplate<never, PromptValue>;
  readonly examples?: readonly Example[];
  /** Only examples that score higher are chosen: 0 leaves out those without a word in common. Default -1: all are. */
  readonly threshold?: number;
}

/** Scores this near to the threshold are at it. */
const TOLERANCE = 1e-9;

/**
 * Orders examples by the words and runs of words that they share with the input, the most similar first, and leaves out
 * those that share too little.
 *
 * @throws ConfigError when the prompt for an example has no variable
 *
 * @example
 * ```ts
 * import { NGramOverlapExampleSelector, PromptTemplate } from '@pipewright/prompts';
 *
 * const selector = new NGramOverlapExampleSelector({
 *   examples: [
 *     { input: 'My dog barks.', output: 'Mi perro ladra.' },
 *     { input: 'See Spot run.', output: 'Ver correr a Spot.' },
 *   ],
 *   examplePrompt: PromptTemplate.fromTemplate('Input: {input}\nOutput: {output}'),
 *   threshold: 0,
 * });
 * const chosen = await selector.invoke({ sentence: 'Spot can run.' });
 * ```
 */
export class NGramOverlapExampleSelector extends BaseExampleSelector {
  readonly name = 'NGramOverlapExampleSelector';
  readonly examples: Example[];
  readonly threshold: number;
  readonly key: string;

  constructor({ examplePrompt, examples = [], threshold = -1 }: NGramOverlapExampleSelectorFields) {
    super();
    const [key] = examplePrompt.inputVariables;
    if (key === undefined) {
      throw new ConfigError('examplePrompt', 'The prompt for an example has no variable to compare by.');
    }
    this.key = key;
    this.examples = [...examples];
    this.threshold = threshold;
  }

  addExample(example: Example): void {
    this.examples.push(example);
  }

  selectExamples(input: VariableValues): readonly Example[] {
    const [text = ''] = textsOf(input);
    return this.examples
      .map((example) => ({ example, score: nGramOverlap(text, textsOf(example, [this.key])[0] ?? '') }))
      .filter(({ score }) => score > this.threshold + TOLERANCE)
      .toSorted((left, right) => right.score - left.score)
      .map(({ example }) => example);
  }
}
