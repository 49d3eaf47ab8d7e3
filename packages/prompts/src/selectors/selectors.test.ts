import '../../test/frozen-inputs.js';
import { ConfigError, InMemoryVectorStore, tokenCounter, type Document } from '@pipewright/core';
import { FakeEmbeddings, runnableLaws } from '@pipewright/core/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { deepFreeze } from '../../test/deep-freeze.js';
import {
  FewShotPromptTemplate,
  LengthBasedExampleSelector,
  MaxMarginalRelevanceExampleSelector,
  NGramOverlapExampleSelector,
  PromptTemplate,
  SemanticSimilarityExampleSelector,
} from '../index.js';
import { nGramOverlap } from './n-gram-overlap.js';

const examplePrompt = PromptTemplate.fromTemplate('{q} {a}');
const examples = deepFreeze([
  { q: 'one two', a: 'three' },
  { q: 'four', a: 'five' },
  { q: 'six seven', a: 'eight nine' },
]);

describe('by length', () => {
  const build = (maxLength?: number) =>
    new LengthBasedExampleSelector({
      examples,
      examplePrompt,
      ...(maxLength !== undefined && { maxLength }),
    });
  for (const law of runnableLaws(() => build(7), [Object.freeze({ input: 'x' }), {}])) {
    test(law.name, () => law.check());
  }

  test('behaviour 105: examples are taken in order until the next one does not fit; a longer input gets fewer', () => {
    const counts = [0, 1, 2, 3, 4, 5, 6].map(
      (words) => build(6).invokeSync({ input: 'w '.repeat(words) }).length,
    );
    expect(counts).toEqual([2, 2, 1, 1, 0, 0, 0]);
    expect(build().invokeSync({ input: 'w' })).toEqual(examples);
    // The third would fit where the second does not: order counts.
    const gap = new LengthBasedExampleSelector({
      examples: [
        { q: 'a', a: 'b' },
        { q: 'a b c', a: 'd' },
        { q: 'a', a: 'b' },
      ],
      examplePrompt,
      maxLength: 4,
    });
    expect(gap.invokeSync({})).toHaveLength(1);
  });

  test('counts tokens instead of words, and waits for prompts that need time', async () => {
    const selector = LengthBasedExampleSelector.fromExamples(examples, {
      examplePrompt: PromptTemplate.fromTemplate('{q} {a} {more}').partial({ more: async () => 'more' }),
      maxLength: 40,
      getTextLength: tokenCounter((text) => text.length),
    });
    expect(await selector.selectExamples({ input: 'x' })).toEqual(examples.slice(0, 2));
    expect(await selector.invoke({ input: 'x' })).toEqual(examples.slice(0, 2));
    expect(() => build(-1)).toThrow(ConfigError);
  });

  test('takes further examples, and leaves the list it was given alone', async () => {
    const selector = build();
    selector.addExample({ q: 'new', a: 'one' });
    expect(await selector.invoke({})).toHaveLength(4);
    expect(examples).toHaveLength(3);
  });

  test('feeds a few-shot prompt', async () => {
    const prompt = new FewShotPromptTemplate({ exampleSelector: build(6), examplePrompt, suffix: '{input}' });
    expect(await prompt.format({ input: 'a' })).toBe('one two three\n\nfour five\n\na');
    expect(await prompt.format({ input: 'a b c' })).toBe('one two three\n\na b c');
  });
});

const animals = deepFreeze([
  { question: 'do bears sleep', answer: 'yes' },
  { question: 'do bears sleep now', answer: 'yes' },
  { question: 'do roses sing', answer: 'no' },
  { question: 'can stones swim', answer: 'no' },
]);

describe('by similarity', () => {
  const build = (options = {}) =>
    SemanticSimilarityExampleSelector.fromExamples(animals, new FakeEmbeddings(), InMemoryVectorStore, {
      inputKeys: ['question'],
      ...options,
    });

  test('keeps the laws of runnables', async () => {
    const selector = await build({ k: 1 });
    for (const law of runnableLaws(() => selector, [Object.freeze({ question: 'bears' })])) await law.check();
  });

  test('gives the k nearest, whole or some of their keys', async () => {
    const selector = await build({ k: 2 });
    expect(await selector.invoke({ question: 'do bears sleep', other: 'roses sing' })).toEqual(
      animals.slice(0, 2),
    );
    const answers = await build({ k: 1, exampleKeys: ['answer'] });
    expect(await answers.invoke({ question: 'roses sing' })).toEqual([{ answer: 'no' }]);
    expect(() => new SemanticSimilarityExampleSelector({ vectorStore: selector.vectorStore, k: 0 })).toThrow(
      ConfigError,
    );
  });

  test('compares by all values in the order of their names, embedded in one call', async () => {
    const embeddings = new FakeEmbeddings();
    const selector = await SemanticSimilarityExampleSelector.fromExamples(
      [{ b: 2, a: 'one' }, { b: 'x' }],
      embeddings,
      InMemoryVectorStore,
    );
    await selector.addExample({ c: ['list'], a: null });
    await selector.invoke({ z: 'last', a: 'first' });
    expect(embeddings.calls).toEqual([['one 2', 'x'], ['null ["list"]'], ['first last']]);
  });

  test('stops the embeddings when the run is stopped', async () => {
    let signal: AbortSignal | undefined;
    const abort = new AbortController();
    const store = {
      addDocuments: async () => undefined,
      similaritySearch: async (
        _query: string,
        _k?: number,
        _filter?: never,
        options?: { signal?: AbortSignal },
      ) => {
        signal = options?.signal;
        abort.abort(new Error('stopped'));
        return [] as Document[];
      },
    };
    const selector = new SemanticSimilarityExampleSelector({ vectorStore: store });
    await expect(selector.invoke({ a: 1 }, { signal: abort.signal })).rejects.toThrow('stopped');
    expect(signal?.aborted).toBe(true);
  });
});

describe('by marginal relevance', () => {
  test('prefers what differs from what has been chosen', async () => {
    const build = (lambda?: number) =>
      MaxMarginalRelevanceExampleSelector.fromExamples(animals, new FakeEmbeddings(), InMemoryVectorStore, {
        k: 2,
        inputKeys: ['question'],
        ...(lambda !== undefined && { lambda }),
      });
    const questions = async (lambda?: number) =>
      (await (await build(lambda)).invoke({ question: 'do bears sleep now or do roses' })).map(
        ({ question }) => question,
      );
    expect(await questions(1)).toEqual(['do bears sleep now', 'do bears sleep']);
    expect(await questions()).toEqual(['do bears sleep now', 'do roses sing']);
    const selector = await build();
    for (const law of runnableLaws(() => selector, [Object.freeze({ question: 'bears' })])) await law.check();
  });

  test('needs a store that can search so', () => {
    const vectorStore = { addDocuments: async () => undefined, similaritySearch: async () => [] };
    expect(() => new MaxMarginalRelevanceExampleSelector({ vectorStore })).toThrow(ConfigError);
  });
});

describe('by runs of words', () => {
  const spanish = deepFreeze([
    { input: 'See Spot run.', output: 'Ver correr a Spot.' },
    { input: 'My dog barks.', output: 'Mi perro ladra.' },
    { input: 'Spot can run.', output: 'Spot puede correr.' },
  ]);
  const prompt = PromptTemplate.fromTemplate('Input: {input}\nOutput: {output}');
  const build = (threshold?: number) =>
    new NGramOverlapExampleSelector({
      examples: spanish,
      examplePrompt: prompt,
      ...(threshold !== undefined && { threshold }),
    });
  for (const law of runnableLaws(() => build(), [Object.freeze({ sentence: 'Spot can run.' })])) {
    test(law.name, () => law.check());
  }

  test('orders examples by what they share with the input, and leaves out what shares too little', () => {
    const order = (threshold?: number) =>
      build(threshold)
        .selectExamples({ sentence: 'Spot can run fast.' })
        .map((example) => spanish.indexOf(example as never));
    expect(order()).toEqual([2, 0, 1]);
    expect(order(0)).toEqual([2, 0]);
    expect(order(0.09)).toEqual([2]);
    expect(order(1)).toEqual([]);
    expect(() => new NGramOverlapExampleSelector({ examplePrompt: PromptTemplate.fromTemplate('') })).toThrow(
      ConfigError,
    );
  });

  // Computed by hand: of four words three are in the reference, of three pairs two, of two triples one, of one four none.
  test('scores as BLEU does, with 0.1 in the place of no match', () => {
    const expected = ((3 / 4) * (2 / 3) * (1 / 2) * 0.1) ** (1 / 4);
    expect(nGramOverlap('a b c x', 'a b c y')).toBeCloseTo(expected, 12);
    expect(nGramOverlap('a b', 'a b c d')).toBeCloseTo(Math.exp(-1), 12);
    expect(nGramOverlap('a a a', 'a')).toBeCloseTo(((1 / 3) * (0.1 / 2) * 0.1) ** (1 / 3), 12);
    expect(nGramOverlap('x', 'y')).toBe(0);
    expect(nGramOverlap('', 'y')).toBe(0);
  });

  test('scores lie between 0 and 1, and a text fits itself best', () => {
    const text = fc
      .array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 8 })
      .map((all) => all.join(' '));
    fc.assert(
      fc.property(text, text, (left, right) => {
        const score = nGramOverlap(left, right);
        expect(score).toBeGreaterThanOrEqual(0);
        expect(score).toBeLessThanOrEqual(1 + 1e-12);
        expect(nGramOverlap(left, left)).toBeCloseTo(1, 9);
      }),
    );
  });
});
