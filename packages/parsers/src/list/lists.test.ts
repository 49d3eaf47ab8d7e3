import { LimitExceededError, OutputParserException } from '@pipewright/core';
import { runnableLaws } from '@pipewright/core/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  CommaSeparatedListOutputParser,
  CustomListOutputParser,
  MarkdownListOutputParser,
  NumberedListOutputParser,
  type ListOutputParser,
} from '../index.js';
import { parserLaws } from '../testing/index.js';

const numbered =
  'Items:\n\n1. apple\n  2) banana split \r\n10.\tcherry\n3.no\n4. \nnot 5. this\n1.5 litres\n6. last';
const parsers: Readonly<Record<string, { make: () => ListOutputParser; samples: string[] }>> = {
  comma: {
    make: () => new CommaSeparatedListOutputParser(),
    samples: [' a, b ,c', '', 'a,"b, ""c""\nd" x , e,,f,\ng', '"open, end', 'a "b" c', '""', ',', '  \n '],
  },
  custom: {
    make: () => new CustomListOutputParser({ separator: '--' }),
    samples: ['a-b -- c--- d', '', 'x', '--'],
  },
  'custom of length 2': {
    make: () => new CustomListOutputParser({ length: 2 }),
    samples: ['a,b', 'a', 'a,b,c', ''],
  },
  numbered: { make: () => new NumberedListOutputParser(), samples: [numbered, '', 'none here'] },
  markdown: {
    make: () => new MarkdownListOutputParser(),
    samples: ['Items:\n- one\n * two\n+ three\r\n-no\n**bold**\n- \n-\tlast', '', 'none'],
  },
};

for (const [name, { make, samples }] of Object.entries(parsers)) {
  describe(`laws: ${name}`, () => {
    for (const law of parserLaws(make, samples)) test(law.name, () => law.check());
  });
}
describe('laws of runnables', () => {
  for (const law of runnableLaws(() => new CommaSeparatedListOutputParser(), ['a, b', ''])) {
    test(law.name, () => law.check());
  }
});

async function streamed(parser: ListOutputParser, pieces: readonly string[]): Promise<string[][]> {
  const chunks: string[][] = [];
  for await (const chunk of parser.transform(pieces)) chunks.push(chunk);
  return chunks;
}

describe('what LangChain users rely on', () => {
  test('106: trimmed items, numbered ones in order, none is an empty list', async () => {
    expect(await new CommaSeparatedListOutputParser().parse(' a, b ,c')).toEqual(['a', 'b', 'c']);
    expect(await new NumberedListOutputParser().parse(numbered)).toEqual([
      'apple',
      'banana split',
      'cherry',
      'last',
    ]);
    expect(await new NumberedListOutputParser().parse('I have none.')).toEqual([]);
    expect(await new MarkdownListOutputParser().parse('- a\n* b\ntext\n  - c')).toEqual(['a', 'b', 'c']);
  });

  test('107: streamed as arrays of one item, each as soon as it is whole', async () => {
    expect(await streamed(new CommaSeparatedListOutputParser(), ['a, ', 'b', 'c,d', ''])).toEqual([
      ['a'],
      ['bc'],
      ['d'],
    ]);
    expect(await streamed(new MarkdownListOutputParser(), ['- a\n', '- ', 'b'])).toEqual([['a'], ['b']]);
  });

  test('117: a list of the wrong length is a parsing error', async () => {
    const parser = new CustomListOutputParser({ separator: ';', length: 2 });
    expect(await parser.parse('a; b')).toEqual(['a', 'b']);
    for (const text of ['a', 'a;b;c', '']) {
      await expect(parser.parse(text)).rejects.toThrow(OutputParserException);
    }
  });
});

test('D40: no item is lost when several arrive in one chunk', async () => {
  const pieces = ['1. a\n2. b\n3. c\n4', '. d\n'];
  expect(await streamed(new NumberedListOutputParser(), pieces)).toEqual([['a'], ['b'], ['c'], ['d']]);
});

test('D41: each parser has its own name', () => {
  expect(new MarkdownListOutputParser().getName()).toBe('MarkdownListOutputParser');
  expect(new NumberedListOutputParser().getName()).toBe('NumberedListOutputParser');
});

describe('D44: comma lists', () => {
  test.each([
    ['', []],
    ['   ', []],
    ['a,', ['a']],
    ['a, b,\nc,\n', ['a', 'b', 'c']],
    ['a,,b', ['a', '', 'b']],
    ['"a, b", c', ['a, b', 'c']],
    ['"say ""hi""", x', ['say "hi"', 'x']],
    ['"two\nlines"', ['two\nlines']],
    ['5" screen, x', ['5" screen', 'x']],
    ['"", x', ['', 'x']],
  ])('%j', async (text, expected) => {
    expect(await new CommaSeparatedListOutputParser().parse(text)).toEqual(expected);
  });

  test('items that are written as CSV come back', async () => {
    const items = fc.array(fc.string(), { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(items, async (list) => {
        const text = list.map((item) => `"${item.replaceAll('"', '""')}"`).join(', ');
        expect(await new CommaSeparatedListOutputParser().parse(text)).toEqual(list);
      }),
    );
  });
});

test('P2: long runs of separators, quotes and digits take linear time', async () => {
  const texts = [
    ','.repeat(200_000),
    '"'.repeat(200_000),
    '1'.repeat(200_000),
    ' '.repeat(200_000),
    '- '.repeat(100_000),
  ];
  for (const { make } of Object.values(parsers)) {
    for (const text of texts) {
      const machine = make().machine();
      const start = performance.now();
      try {
        for (let at = 0; at < text.length; at += 4) machine.push(text.slice(at, at + 4));
        await machine.end();
      } catch (error) {
        expect(error).toSatisfy((e) => e instanceof OutputParserException || e instanceof LimitExceededError);
      }
      // Quadratic would be minutes.
      expect(performance.now() - start).toBeLessThan(2_000);
    }
  }
});
