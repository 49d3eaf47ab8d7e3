import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  BaseRetriever,
  ConfigError,
  Document,
  Embeddings,
  InMemoryVectorStore,
  type RunContext,
  type RunEvent,
  type Vector,
} from '../index.js';
import { FakeEmbeddings, runnableLaws } from '../testing/index.js';

const make = (pageContent: string, kind: string, id?: string) =>
  Object.freeze(new Document({ pageContent, metadata: Object.freeze({ kind }), id }));
const documents = Object.freeze([
  make('bears sleep in winter', 'animal', 'a'),
  make('bears sleep in winter and eat', 'animal', 'b'),
  make('roses bloom in summer', 'plant', 'c'),
  make('stones do nothing', 'thing'),
]);
const filled = () => InMemoryVectorStore.fromDocuments(documents, new FakeEmbeddings());
const texts = (found: readonly Document[]) => found.map(({ pageContent }) => pageContent);

/** Embeddings of texts that spell their vector. */
class Spelled extends Embeddings {
  async embedDocuments(given: readonly string[]): Promise<readonly Vector[]> {
    return given.map((text) => text.split(' ').map(Number));
  }
}

describe('a document', () => {
  test('is plain data', () => {
    expect(Object.fromEntries(Object.entries(new Document({ pageContent: 'x' })))).toEqual({
      pageContent: 'x',
      metadata: {},
    });
    expect(JSON.parse(JSON.stringify(make('x', 'y', 'z')))).toEqual({
      pageContent: 'x',
      metadata: { kind: 'y' },
      id: 'z',
    });
  });
});

describe('embeddings', () => {
  test('of a query are those of a document, unless it says otherwise', async () => {
    expect(await new Spelled().embedQuery('1 2')).toEqual([1, 2]);
  });

  test('made up for tests are similar where words are shared', async () => {
    const embeddings = new FakeEmbeddings({ dimensions: 64 });
    const [one, same] = await embeddings.embedDocuments(['A brown bear!', 'a BROWN bear']);
    expect(one).toEqual(same);
    expect(one).toHaveLength(64);
    expect(await embeddings.embedQuery('a brown bear')).toEqual(one);
    expect(embeddings.calls).toHaveLength(2);
  });
});

describe('a vector store in memory', () => {
  test('finds the most similar, the most similar first', async () => {
    const store = await filled();
    expect(texts(await store.similaritySearch('when do bears sleep in winter', 2))).toEqual([
      'bears sleep in winter',
      'bears sleep in winter and eat',
    ]);
    expect(await store.similaritySearch('anything')).toHaveLength(4);
    expect(await new InMemoryVectorStore(new FakeEmbeddings()).similaritySearch('x')).toEqual([]);
  });

  test('scores are cosines', async () => {
    const store = await InMemoryVectorStore.fromTexts(
      ['2 0', '0 3', '-1 0', '1 1', '0 0'],
      [{ n: 1 }],
      new Spelled(),
    );
    const found = await store.similaritySearchWithScore('5 0', 5);
    expect(found.map(([{ pageContent }, score]) => [pageContent, Math.round(score * 1e6) / 1e6])).toEqual([
      ['2 0', 1],
      ['1 1', 0.707107],
      ['0 3', 0],
      ['0 0', 0],
      ['-1 0', -1],
    ]);
    expect(found[0]?.[0].metadata).toEqual({ n: 1 });
  });

  test('filters by metadata, by fields or by a function', async () => {
    const store = await filled();
    expect(texts(await store.similaritySearch('bears', 4, { kind: 'plant' }))).toEqual([
      'roses bloom in summer',
    ]);
    expect(await store.similaritySearch('bears', 4, ({ id }) => id === undefined)).toEqual([documents[3]]);
    expect(await store.similaritySearch('bears', 4, { toString: 'x' })).toEqual([]);
    await expect(store.similaritySearch('bears', 4, 'kind' as never)).rejects.toThrow(ConfigError);
  });

  test('an id that is there already is replaced, and can be deleted', async () => {
    const store = await filled();
    await store.addDocuments([make('violets', 'plant', 'a')]);
    expect(store.size).toBe(4);
    expect(texts(await store.similaritySearch('violets', 1))).toEqual(['violets']);
    expect(store.delete({ ids: ['a', 'nobody', 'a'] })).toBe(1);
    expect(store.size).toBe(3);
    expect(texts(await store.similaritySearch('violets roses', 3))).not.toContain('violets');
    expect(store.delete({ ids: ['b', 'c'] })).toBe(2);
    expect(texts(await store.similaritySearch('stones', 3))).toEqual(['stones do nothing']);
  });

  test('vectors of another size, or with what is no number, are refused, and nothing is added', async () => {
    const store = await InMemoryVectorStore.fromTexts(['1 2'], [], new Spelled());
    const document = make('x', 'y');
    for (const vectors of [[[1]], [[1, Number.NaN]], [[Infinity, 1]], [[1, 2], [3]], [], [[]]]) {
      expect(() =>
        store.addVectors(vectors, vectors.length === 2 ? [document, document] : [document]),
      ).toThrow(ConfigError);
    }
    expect(store.size).toBe(1);
    await expect(store.similaritySearch('1')).rejects.toThrow(ConfigError);
    await expect(store.similaritySearch('1 2', 0)).rejects.toThrow('k is 0');
  });

  test('marginal relevance prefers what differs', async () => {
    const store = await filled();
    const search = (lambda?: number) =>
      store.maxMarginalRelevanceSearch('bears sleep in winter summer', {
        k: 2,
        ...(lambda !== undefined && { lambda }),
      });
    expect(texts(await search(1))).toEqual(['bears sleep in winter', 'bears sleep in winter and eat']);
    expect(texts(await search())).toEqual(['bears sleep in winter', 'roses bloom in summer']);
    await expect(search(2)).rejects.toThrow('lambda is 2');
  });

  test('agrees with sorting all cosines, for any vectors and filters', async () => {
    const number = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom(1e30, -1e-30, 0));
    const vector = fc.array(number, { minLength: 3, maxLength: 3 });
    const unit = (given: readonly number[]): number[] => {
      const largest = Math.max(...given.map(Math.abs)) || 1;
      const length = Math.hypot(...given.map((x) => x / largest)) || 1;
      return given.map((x) => Math.fround(x / largest / length));
    };
    await fc.assert(
      fc.asyncProperty(
        fc.array(vector, { maxLength: 30 }),
        vector,
        fc.integer({ min: 1, max: 40 }),
        async (rows, query, k) => {
          const store = new InMemoryVectorStore(new Spelled());
          const all = rows.map(
            (row, index) => new Document({ pageContent: String(index), metadata: { row } }),
          );
          store.addVectors(rows, all);
          const q = unit(query);
          const expected = rows
            .map((row, index) => ({
              index,
              score: unit(row).reduce((sum, x, at) => sum + x * (q[at] as number), 0),
            }))
            .filter(({ index }) => index % 3 !== 0)
            .toSorted((left, right) => right.score - left.score || left.index - right.index)
            .slice(0, k);
          const found = store.similaritySearchVectorWithScore(
            query,
            k,
            ({ pageContent }) => Number(pageContent) % 3 !== 0,
          );
          expect(found.map(([{ pageContent }]) => Number(pageContent))).toEqual(
            expected.map(({ index }) => index),
          );
        },
      ),
    );
  });
});

describe('a retriever', () => {
  test('keeps the laws, tells of its run as a retriever, and passes the signal on', async () => {
    const store = await filled();
    for (const law of runnableLaws(() => store.asRetriever(2), ['bears', 'roses'])) await law.check();
    const events: RunEvent[] = [];
    const retriever = store.asRetriever({ k: 1, filter: { kind: 'plant' } });
    const found = await retriever.invoke('bears', {
      callbacks: [(event: RunEvent) => void events.push(event)],
    });
    expect(texts(found)).toEqual(['roses bloom in summer']);
    expect(events[0]).toMatchObject({
      type: 'run-start',
      run: { type: 'retriever', name: 'VectorStoreRetriever' },
    });
    const different = store.asRetriever({ k: 2, searchType: 'mmr', searchKwargs: { lambda: 0.5 } });
    expect(texts(await different.invoke('bears sleep in winter summer'))).toContain('roses bloom in summer');
  });

  test('of one’s own implements one method', async () => {
    class Shelf extends BaseRetriever {
      readonly name = 'Shelf';
      getRelevantDocuments(query: string, context: RunContext) {
        context.signal.throwIfAborted();
        return [make(query, 'echo')];
      }
    }
    const chain = new Shelf().pipe((found) => found.length);
    expect(chain.invokeSync('x')).toBe(1);
  });

  test('gives an array that is the caller’s own, and may find one that nobody may change', async () => {
    class Shelf extends BaseRetriever {
      readonly name = 'Shelf';
      getRelevantDocuments() {
        return documents;
      }
    }
    const found: Document[] = new Shelf().invokeSync('x');
    found.length = 0;
    expect(await new Shelf().invoke('x')).toEqual([...documents]);
  });
});

test("a retriever with LangChain's name for its method is told which one to write", async () => {
  // @ts-expect-error -- which JavaScript does not say
  class Shelf extends BaseRetriever {
    readonly name = 'Shelf';
    async _getRelevantDocuments() {
      return documents;
    }
  }
  const refused = { name: 'ConfigError', option: 'getRelevantDocuments()' };
  await expect(new Shelf().invoke('bears')).rejects.toMatchObject(refused);
});
