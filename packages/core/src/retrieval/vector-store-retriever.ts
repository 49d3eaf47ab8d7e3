import type { RunContext } from '../engine/run-context.js';
import type { Document } from './document.js';
import type { InMemoryVectorStore, SearchOptions } from './in-memory-vector-store.js';
import type { MetadataFilter } from './metadata-filter.js';
import { BaseRetriever } from './retriever.js';

export interface VectorStoreRetrieverFields<Found extends Document = Document> {
  /** How many documents to give. Default 4. */
  readonly k?: number;
  readonly filter?: MetadataFilter<Found>;
  /** `mmr` looks for documents that differ from one another. Default `similarity`. */
  readonly searchType?: 'similarity' | 'mmr';
  /** For `mmr`: among how many of the most similar to choose, and how much relevance counts. */
  readonly searchKwargs?: { readonly fetchK?: number; readonly lambda?: number };
}

/** A store's search as a runnable, as `asRetriever` makes it. */
export class VectorStoreRetriever<Found extends Document = Document> extends BaseRetriever<Found> {
  readonly name = 'VectorStoreRetriever';
  readonly vectorStore: InMemoryVectorStore<Found>;
  readonly fields: VectorStoreRetrieverFields<Found>;

  constructor({
    vectorStore,
    ...fields
  }: VectorStoreRetrieverFields<Found> & { readonly vectorStore: InMemoryVectorStore<Found> }) {
    super();
    this.vectorStore = vectorStore;
    this.fields = fields;
  }

  async getRelevantDocuments(query: string, { signal }: RunContext): Promise<Found[]> {
    const { k, filter, searchType, searchKwargs } = this.fields;
    const options: SearchOptions = { signal };
    if (searchType !== 'mmr') return this.vectorStore.similaritySearch(query, k, filter, options);
    return this.vectorStore.maxMarginalRelevanceSearch(query, { k, filter, ...searchKwargs }, options);
  }
}
