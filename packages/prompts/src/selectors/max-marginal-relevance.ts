import { ConfigError, type Document, type Embeddings } from '@pipewright/core';
import type { Example } from '../example-source.js';
import {
  documentsOf,
  SemanticSimilarityExampleSelector,
  type ExampleStore,
  type ExampleStoreClass,
  type SemanticSimilarityExampleSelectorFields,
  type SimilarityOptions,
} from './semantic-similarity.js';

interface RelevanceOptions {
  /** Among how many of the most similar to choose. Default 20. */
  readonly fetchK?: number;
  /** From 1, similarity to the input alone, to 0, difference alone. Default 0.5. */
  readonly lambda?: number;
}

export type MaxMarginalRelevanceOptions = SimilarityOptions & RelevanceOptions;

export interface MaxMarginalRelevanceExampleSelectorFields
  extends SemanticSimilarityExampleSelectorFields,
    RelevanceOptions {}

const DEFAULT_FETCH_K = 20;

/**
 * Chooses examples that are similar to the input and differ from one another.
 *
 * @throws ConfigError when the store cannot search for that
 *
 * @example
 * ```ts
 * import { InMemoryVectorStore } from '@pipewright/core';
 * import { FakeEmbeddings } from '@pipewright/core/testing';
 * import { MaxMarginalRelevanceExampleSelector } from '@pipewright/prompts';
 *
 * const examples = ['Do bears sleep?', 'Do bears sleep well?', 'Do bees sleep?'].map((question) => ({ question }));
 * const selector = await MaxMarginalRelevanceExampleSelector.fromExamples(
 *   examples,
 *   new FakeEmbeddings(),
 *   InMemoryVectorStore,
 *   { k: 2 },
 * );
 * const chosen = await selector.invoke({ question: 'Do bears sleep?' });
 * ```
 */
export class MaxMarginalRelevanceExampleSelector extends SemanticSimilarityExampleSelector {
  override readonly name = 'MaxMarginalRelevanceExampleSelector';
  readonly fetchK: number;
  readonly lambda: number | undefined;

  constructor(fields: MaxMarginalRelevanceExampleSelectorFields) {
    super(fields);
    if (typeof fields.vectorStore.maxMarginalRelevanceSearch !== 'function') {
      throw new ConfigError('vectorStore', 'This vector store has no maxMarginalRelevanceSearch().');
    }
    this.fetchK = fields.fetchK ?? DEFAULT_FETCH_K;
    this.lambda = fields.lambda;
  }

  static override async fromExamples(
    examples: readonly Example[],
    embeddings: Embeddings,
    vectorStoreClass: ExampleStoreClass,
    options: MaxMarginalRelevanceOptions = {},
  ): Promise<MaxMarginalRelevanceExampleSelector> {
    const vectorStore = new vectorStoreClass(embeddings);
    await vectorStore.addDocuments(documentsOf(examples, options.inputKeys));
    return new MaxMarginalRelevanceExampleSelector({ ...options, vectorStore });
  }

  override '~search'(
    query: string,
    options: { readonly signal?: AbortSignal },
  ): Promise<readonly Document[]> {
    const { k, fetchK, lambda } = this;
    const store = this.vectorStore as Required<ExampleStore>;
    const relevance = { k, fetchK, ...(lambda !== undefined && { lambda }) };
    return store.maxMarginalRelevanceSearch(query, relevance, options);
  }
}
