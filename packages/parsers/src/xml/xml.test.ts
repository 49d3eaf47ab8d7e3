import { LimitExceededError, OutputParserException } from '@pipewright/core';
import { runnableLaws } from '@pipewright/core/testing';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { XMLOutputParser, type XmlElement } from '../index.js';
import { parserLaws } from '../testing/index.js';

const samples = [
  'Sure: <a id="1" b=\'x > "y"\' c d=e>\n  one &amp; two <b>x &lt; y</b> tail <c/> <!-- a - comment -- --> </a> bye <z>',
  '```xml\n<?xml version="1.0"?>\n<films><film year="1979">Alien 😀</film><film/></films>\n```',
  '<a>x < 3 && y & z &unknown; &#65;&#x1F600; <![CDATA[<b>&amp;]] ]]></a>',
  '<a><b>open<c>both</a>',
  '<a><b></x></b></a>',
  '<__proto__><constructor>x</constructor></__proto__>',
  '<a>cut off',
  '<a href="cut',
  'no element, 1 < 2',
  '<a><!DOCTYPE x></a>',
  '<!ENTITY a "b"><a/>',
  '<!x><a>y</a>',
  '',
];
const parse = (text: string): Promise<XmlElement> => new XMLOutputParser().parse(text);

describe('laws', () => {
  for (const law of parserLaws(() => new XMLOutputParser(), samples)) test(law.name, () => law.check());
  for (const law of runnableLaws(() => new XMLOutputParser(), samples.slice(0, 6)))
    test(law.name, () => law.check());
});

async function streamed(pieces: readonly string[]): Promise<XmlElement[]> {
  const chunks: XmlElement[] = [];
  for await (const chunk of new XMLOutputParser().transform(pieces)) chunks.push(chunk);
  return chunks;
}

test('113: nested arrays of one-key objects, with or without a fence, partial while streaming', async () => {
  const expected = { user: [{ name: 'Ann' }, { films: [{ film: 'Alien' }, { film: 'Brazil' }] }] };
  const text = '<user><name>Ann</name><films><film>Alien</film><film>Brazil</film></films></user>';
  expect(await parse(text)).toEqual(expected);
  expect(await parse(`\`\`\`xml\n${text}\n\`\`\``)).toEqual(expected);
  expect(
    await streamed(['<user><name>A', 'nn</na', 'me><films><film>Al', 'ien</film></films></user>']),
  ).toEqual([
    { user: [{ name: 'A' }] },
    { user: [{ name: 'Ann' }] },
    { user: [{ name: 'Ann' }, { films: [{ film: 'Al' }] }] },
    { user: [{ name: 'Ann' }, { films: [{ film: 'Alien' }] }] },
  ]);
});

describe('D43: leading prose, and attributes', () => {
  test.each([
    ['Of course! Here: <a>x</a>', { a: 'x' }],
    ['1 < 2 and a <= b: <a>x</a>', { a: 'x' }],
    ['<a id="1">x</a>', { a: [{ '@id': '1' }, { '#text': 'x' }] }],
    ["<a id='1' on/>", { a: [{ '@id': '1' }, { '@on': '' }] }],
    ['<a>one<b/>two</a>', { a: [{ '#text': 'one' }, { b: '' }, { '#text': 'two' }] }],
    ['<a>x &lt; 3 &amp;amp; &#65;&#x42;&apos;&quot;&gt;</a>', { a: 'x < 3 &amp; AB\'">' }],
    ['<a><b>open</a>', { a: [{ b: 'open' }] }],
    ['<ns:a-b.c_d>x</ns:a-b.c_d>', { 'ns:a-b.c_d': 'x' }],
  ])('%s', async (text, expected) => {
    expect(await parse(text)).toEqual(expected);
  });
});

describe('P1: document types and entities', () => {
  const bombs = {
    'billion laughs': `<!DOCTYPE a [${Array.from({ length: 9 }, (_, i) => `<!ENTITY e${i + 1} "${`&e${i};`.repeat(10)}">`).join('')}]><a>&e9;</a>`,
    'quadratic blow-up': `<!doctype a [<!ENTITY x "${'x'.repeat(50_000)}">]><a>${'&x;'.repeat(50_000)}</a>`,
    'external entity': '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    'parameter entity': '<!DOCTYPE a [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x">%p;]><a/>',
    'inside the element': '<a><!ENTITY x "y">&x;</a>',
  };
  test.each(Object.entries(bombs))('%s is an error, and asks no server', async (_name, text) => {
    const fetching = vi.spyOn(globalThis, 'fetch');
    await expect(parse(text)).rejects.toThrow(OutputParserException);
    await expect(parse(text)).rejects.toThrow('document type');
    expect(fetching).not.toHaveBeenCalled();
    fetching.mockRestore();
  });

  test('1,000,000 references by number take linear time, and give no more than they are', async () => {
    const start = performance.now();
    const { a } = await parse(`<a>${'&#65;'.repeat(1_000_000)}</a>`);
    expect(a).toHaveLength(1_000_000);
    expect(performance.now() - start).toBeLessThan(5_000);
  });

  test('what comes out is never longer than what went in', async () => {
    const part = fc.constantFrom(
      '&amp;',
      '&#65;',
      '&#x1F600;',
      '&lt;',
      '&x;',
      '&',
      ';',
      'x',
      ' ',
      '<b>',
      '</b>',
      '<c d="&gt;"/>',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(part), async (parts) => {
        const text = `<a>${parts.join('')}</a>`;
        const strings: string[] = [];
        JSON.stringify(await parse(text), (_key, value: unknown) => {
          if (typeof value === 'string') strings.push(value);
          return value;
        });
        expect(strings.join('').length).toBeLessThanOrEqual(text.length);
      }),
    );
  });
});

test('P2: long runs of what could be markup take linear time', async () => {
  const families = [
    '<',
    '&',
    '<a ',
    '<a b="',
    ' ',
    '<!--',
    ']]>',
    '<a>',
    '</a>',
    '&#65',
    '"',
    '<![CDATA[',
    '<?',
  ];
  for (const unit of families) {
    for (const text of [unit.repeat(100_000), `<r>${unit.repeat(100_000)}`]) {
      const machine = new XMLOutputParser().machine();
      const start = performance.now();
      try {
        for (let at = 0; at < text.length; at += 4) machine.push(text.slice(at, at + 4));
        machine.end();
      } catch (error) {
        expect(error).toSatisfy((e) => e instanceof OutputParserException || e instanceof LimitExceededError);
      }
      // Quadratic would be minutes.
      expect(performance.now() - start, unit).toBeLessThan(3_000);
    }
  }
});

test('P4: 1,000,000 tags in one another', async () => {
  await expect(parse('<a>'.repeat(1_000_000))).rejects.toThrow(LimitExceededError);
  await expect(parse('<a b="1">'.repeat(1_000_000))).rejects.toThrow(LimitExceededError);
});

test('P5: names of prototypes are data', async () => {
  const value = await parse('<__proto__ toString="x"><isAdmin>true</isAdmin></__proto__>');
  expect(Object.keys(value)).toEqual(['__proto__']);
  expect(({} as { isAdmin?: unknown }).isAdmin).toBeUndefined();
});

test('limits', async () => {
  await expect(parse(`<a>${'<b/>'.repeat(100_001)}</a>`)).rejects.toThrow(LimitExceededError);
  await expect(parse(`<a>${'x'.repeat(9_000_000)}</a>`)).rejects.toThrow('characters long');
  expect(new XMLOutputParser({ tags: ['film', 'year'] }).getFormatInstructions()).toContain('film, year');
});
