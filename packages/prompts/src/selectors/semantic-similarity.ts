import { ConfigError, Document, type Embeddings, type RunContext } from '@pipewright/core';
import type { Example } from '../example-source.js';
import type { VariableValues } from '../values.js';
import { BaseExampleSelector } from './example-selector.js';
import { textsOf } from './texts-of.js';

/** What a selector asks of a vector store; core's InMemoryVectorStore is one. */
export interface ExampleStore {
  addDocuments(documents: readonly Document<Example>[]): Promise<unknown>;
  similaritySearch(
    query: string,
    k?: number,
    filter?: never,
    options?: { readonly signal?: AbortSignal },
  ): Promise<readonly Document[]>;
  maxMarginalRelevanceSearch?(
    query: string,
    options: { readonly k?: number; readonly fetchK?: number; readonly lambda?: number },
    callOptions?: { readonly signal?: AbortSignal },
  ): Promise<readonly Document[]>;
}

/** A vector store's class, which is made of embeddings. */
export type ExampleStoreClass = new (embeddings: Embeddings) => ExampleStore;

export interface SimilarityOptions {
  /** How many examples to choose. Default 4. */
  readonly k?: number;
  /** The values of the input to compare by. Default: all. */
  readonly inputKeys?: readonly string[];
  /** The values of an example to give. Default: all. */
  readonly exampleKeys?: readonly string[];
}

export interface SemanticSimilarityExampleSelectorFields extends SimilarityOptions {
  /** Holds the examples, as `addExample` puts them there. */
  readonly vectorStore: ExampleStore;
}

const DEFAULT_K = 4;

/**
 * Chooses the examples that are most similar to the input, by what their values mean.
 *
 * @throws ConfigError when `k` is no whole number of at least 1
 *
 * @example
 * ```ts
 * import { InMemoryVectorStore } from '@pipewright/core';
 * import { FakeEmbeddings } from '@pipewright/core/testing';
 * import { SemanticSimilarityExampleSelector } from '@pipewright/prompts';
 *
 * const selector = await SemanticSimilarityExampleSelector.fromExamples(
 *   [
 *     { question: 'Do bears sleep?', answer: 'In winter.' },
 *     { question: 'Do roses sing?', answer: 'No.' },
 *   ],
 *   new FakeEmbeddings(),
 *   InMemoryVectorStore,
 *   { k: 1, inputKeys: ['question'] },
 * );
 * const [nearest] = await selector.invoke({ question: 'When do bears sleep?' });
 * ```
 */
export class SemanticSimilarityExampleSelector extends BaseExampleSelector {
  readonly name: string = 'SemanticSimilarityExampleSelector';
  readonly vectorStore: ExampleStore;
  readonly k: number;
  readonly inputKeys: readonly string[] | undefined;
  readonly exampleKeys: readonly string[] | undefined;

  constructor(fields: SemanticSimilarityExampleSelectorFields) {
    super();
    const { vectorStore, k = DEFAULT_K, inputKeys, exampleKeys } = fields;
    if (!Number.isInteger(k) || k < 1) {
      throw new ConfigError('k', `k is ${String(k)}; give a whole number of at least 1.`);
    }
    this.vectorStore = vectorStore;
    this.k = k;
    this.inputKeys = inputKeys;
    this.exampleKeys = exampleKeys;
  }

  /** Makes a selector of examples, which are embedded now, all in one call. */
  static async fromExamples(
    examples: readonly Example[],
    embeddings: Embeddings,
    vectorStoreClass: ExampleStoreClass,
    options: SimilarityOptions = {},
  ): Promise<SemanticSimilarityExampleSelector> {
    const vectorStore = new vectorStoreClass(embeddings);
    await vectorStore.addDocuments(documentsOf(examples, options.inputKeys));
    return new SemanticSimilarityExampleSelector({ ...options, vectorStore });
  }

  async addExample(example: Example): Promise<void> {
    await this.vectorStore.addDocuments(documentsOf([example], this.inputKeys));
  }

  async selectExamples(input: VariableValues, context?: RunContext): Promise<readonly Example[]> {
    const found = await this['~search'](
      comparable(input, this.inputKeys),
      context === undefined ? {} : { signal: context.signal },
    );
    return found.map(({ metadata }) => this['~shown'](metadata));
  }

  '~search'(query: string, options: { readonly signal?: AbortSignal }): Promise<readonly Document[]> {
    return this.vectorStore.similaritySearch(query, this.k, undefined, options);
  }

  '~shown'(example: Example): Example {
    const { exampleKeys } = this;
    if (exampleKeys === undefined) return example;
    return Object.fromEntries(Object.entries(example).filter(([key]) => exampleKeys.includes(key)));
  }
}

export function documentsOf(
  examples: readonly Example[],
  keys: readonly string[] | undefined,
): Document<Example>[] {
  return examples.map(
    (example) => new Document({ pageContent: comparable(example, keys), metadata: { ...example } }),
  );
}

/** The values by which examples and inputs are compared, in the order of their names. */
function comparable(values: VariableValues, keys: readonly string[] | undefined): string {
  return textsOf(values, (keys ?? Object.keys(values)).toSorted()).join(' ');
}
