import { ConfigError } from '../errors.js';
import { Best, type Scored } from './best.js';
import { Document, type DocumentMetadata } from './document.js';
import type { Embeddings, EmbeddingsCallOptions, Vector } from './embeddings.js';
import { marginallyRelevant } from './marginal-relevance.js';
import { filterOf, type MetadataFilter } from './metadata-filter.js';
import { UnitVectors } from './unit-vectors.js';
import { VectorStoreRetriever, type VectorStoreRetrieverFields } from './vector-store-retriever.js';

export type SearchOptions = EmbeddingsCallOptions;

export interface MarginalRelevanceOptions<Found extends Document = Document> {
  /** How many documents to give. Default 4. */
  readonly k?: number | undefined;
  /** Among how many of the most similar to choose. Default 20. */
  readonly fetchK?: number | undefined;
  /** From 1, relevance alone, to 0, difference alone. Default 0.5. */
  readonly lambda?: number | undefined;
  readonly filter?: MetadataFilter<Found> | undefined;
}

const DEFAULT_K = 4;
const DEFAULT_FETCH_K = 20;
const DEFAULT_LAMBDA = 0.5;

/**
 * Documents found by similarity of their vectors, all in memory. The search is exact: it looks at every vector, which takes
 * a few milliseconds for ten thousand of them.
 *
 * @throws ConfigError when vectors are of different sizes or hold what is no finite number
 *
 * @example
 * ```ts
 * import { Document, InMemoryVectorStore } from '@pipewright/core';
 * import { FakeEmbeddings } from '@pipewright/core/testing';
 *
 * const store = new InMemoryVectorStore(new FakeEmbeddings());
 * await store.addDocuments([
 *   new Document({ pageContent: 'Bears sleep in winter.', metadata: { kind: 'animal' } }),
 *   new Document({ pageContent: 'Roses bloom in summer.', metadata: { kind: 'plant' } }),
 * ]);
 * const [best] = await store.similaritySearch('When do bears sleep?', 1, { kind: 'animal' });
 * const retriever = store.asRetriever({ k: 1 });
 * const found = await retriever.invoke('roses in summer');
 * ```
 */
export class InMemoryVectorStore<Found extends Document = Document> {
  readonly embeddings: Embeddings;
  readonly '~documents': Found[] = [];
  readonly '~vectors' = new UnitVectors();
  readonly '~places' = new Map<string, number>();

  constructor(embeddings: Embeddings) {
    this.embeddings = embeddings;
  }

  /** Makes a store of texts, each with the metadata at its index. */
  static async fromTexts(
    texts: readonly string[],
    metadatas: readonly DocumentMetadata[],
    embeddings: Embeddings,
  ): Promise<InMemoryVectorStore> {
    const documents = texts.map(
      (pageContent, index) => new Document({ pageContent, metadata: metadatas[index] ?? {} }),
    );
    return InMemoryVectorStore.fromDocuments(documents, embeddings);
  }

  static async fromDocuments<Found extends Document>(
    documents: readonly Found[],
    embeddings: Embeddings,
  ): Promise<InMemoryVectorStore<Found>> {
    const store = new InMemoryVectorStore<Found>(embeddings);
    await store.addDocuments(documents);
    return store;
  }

  /** How many documents it holds. */
  get size(): number {
    return this['~documents'].length;
  }

  /** Adds documents; one whose `id` is there already takes that one's place. */
  async addDocuments(documents: readonly Found[], options?: SearchOptions): Promise<void> {
    if (documents.length === 0) return;
    const texts = documents.map(({ pageContent }) => pageContent);
    this.addVectors(await this.embeddings.embedDocuments(texts, options), documents);
  }

  /** Adds documents whose vectors are known: all of them, or, where one is refused, none. */
  addVectors(vectors: readonly Vector[], documents: readonly Found[]): void {
    if (vectors.length !== documents.length) {
      throw new ConfigError(
        'embeddings',
        `There are ${vectors.length} vectors for ${documents.length} documents; give one for each.`,
      );
    }
    const checked = new UnitVectors();
    if (this.size > 0) checked.add(this['~vectors'].row(0));
    for (const vector of vectors) checked.add(vector);
    for (const [index, document] of documents.entries()) this['~put'](document, vectors[index] as Vector);
  }

  /** Forgets the documents of these ids; says how many there were. */
  delete({ ids }: { readonly ids: readonly string[] }): number {
    let count = 0;
    for (const id of ids) if (this['~remove'](id)) count += 1;
    return count;
  }

  /** The `k` most similar documents, the most similar first. */
  async similaritySearch(
    query: string,
    k = DEFAULT_K,
    filter?: MetadataFilter<Found>,
    options?: SearchOptions,
  ): Promise<Found[]> {
    const found = await this.similaritySearchWithScore(query, k, filter, options);
    return found.map(([document]) => document);
  }

  /** As `similaritySearch`, with the cosine of each: 1 for the same direction, -1 for the opposite. */
  async similaritySearchWithScore(
    query: string,
    k = DEFAULT_K,
    filter?: MetadataFilter<Found>,
    options?: SearchOptions,
  ): Promise<[document: Found, score: number][]> {
    const matches = filterOf(filter);
    const vector = await this.embeddings.embedQuery(query, options);
    return this.similaritySearchVectorWithScore(vector, k, matches);
  }

  similaritySearchVectorWithScore(
    vector: Vector,
    k = DEFAULT_K,
    filter?: MetadataFilter<Found>,
  ): [document: Found, score: number][] {
    return this['~nearest'](vector, k, filter).map(({ index, score }) => [
      this['~documents'][index] as Found,
      score,
    ]);
  }

  /** Documents that fit and differ from one another. */
  async maxMarginalRelevanceSearch(
    query: string,
    {
      k = DEFAULT_K,
      fetchK = DEFAULT_FETCH_K,
      lambda = DEFAULT_LAMBDA,
      filter,
    }: MarginalRelevanceOptions<Found>,
    options?: SearchOptions,
  ): Promise<Found[]> {
    if (!(lambda >= 0 && lambda <= 1)) {
      throw new ConfigError('lambda', `lambda is ${String(lambda)}; give a number from 0 to 1.`);
    }
    const vector = await this.embeddings.embedQuery(query, options);
    const candidates = this['~nearest'](vector, Math.max(fetchK, k), filter);
    const vectors = this['~vectors'];
    const picked = marginallyRelevant(candidates, k, lambda, (left, right) =>
      vectors.similarity(left.index, vectors.row(right.index)),
    );
    return picked.map(({ index }) => this['~documents'][index] as Found);
  }

  /** Its search as a runnable from a text to documents. */
  asRetriever(fields: VectorStoreRetrieverFields<Found> | number = {}): VectorStoreRetriever<Found> {
    return new VectorStoreRetriever({
      ...(typeof fields === 'number' ? { k: fields } : fields),
      vectorStore: this,
    });
  }

  '~nearest'(vector: Vector, k: number, filter: MetadataFilter<Found> | undefined): readonly Scored[] {
    if (!Number.isInteger(k) || k < 1) {
      throw new ConfigError('k', `k is ${String(k)}; give a whole number of at least 1.`);
    }
    const matches = filterOf(filter);
    const documents = this['~documents'];
    if (documents.length === 0) return [];
    const vectors = this['~vectors'];
    const unit = vectors.unit(vector);
    const best = new Best(k);
    for (const [index, document] of documents.entries()) {
      if (matches === undefined || matches(document)) best.offer(index, vectors.similarity(index, unit));
    }
    return best.inOrder();
  }

  '~put'(document: Found, vector: Vector): void {
    const known = document.id === undefined ? undefined : this['~places'].get(document.id);
    const place = known ?? this['~documents'].length;
    this['~vectors'].set(place, vector);
    this['~documents'][place] = document;
    if (document.id !== undefined) this['~places'].set(document.id, place);
  }

  '~remove'(id: string): boolean {
    const place = this['~places'].get(id);
    if (place === undefined) return false;
    this['~places'].delete(id);
    this['~vectors'].dropInto(place);
    const last = this['~documents'].pop() as Found;
    if (place < this['~documents'].length) {
      this['~documents'][place] = last;
      if (last.id !== undefined) this['~places'].set(last.id, place);
    }
    return true;
  }
}
