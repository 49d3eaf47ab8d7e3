import { ConfigError, LimitExceededError, OutputParserException } from '@pipewright/core';
import { runnableLaws } from '@pipewright/core/testing';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  BooleanOutputParser,
  BytesOutputParser,
  CombiningOutputParser,
  DatetimeOutputParser,
  EnumOutputParser,
  RegexParser,
  StringOutputParser,
  StructuredOutputParser,
} from '../index.js';
import { parserLaws } from '../testing/index.js';

const regex = { regex: /Score: (\d+)\nReason: (.*)/, outputKeys: ['score', 'reason'] } as const;
const combined = new CombiningOutputParser(
  new StructuredOutputParser(z.object({ answer: z.string().refine(async (text) => text !== '') })),
  new RegexParser(regex),
);
const parts = '-----Output 0-----\n{"answer": "Oslo"}\n-----Output 1-----\nScore: 9\nReason: known\n';

describe('laws', () => {
  const all = [
    ...parserLaws(() => new BooleanOutputParser(), ['Yes!', 'no', 'yes and no', 'neither', '']),
    ...parserLaws(() => new BytesOutputParser(), ['Grüße 👋😀', '', 'lone \ud83d', '\ude00']),
    ...parserLaws(() => new StringOutputParser(), ['Grüße 👋😀', '']),
    ...parserLaws(() => new DatetimeOutputParser(), ['2026-03-09T18:30:00Z', 'soon', '']),
    ...parserLaws(() => new EnumOutputParser({ values: ['red', 'blue'] }), [' Red. ', 'green', '']),
    ...parserLaws(() => new RegexParser(regex), ['Score: 7\nReason: short', 'no', '']),
    ...parserLaws(() => combined, [parts, '{"answer": "Oslo"} Score: 1\nReason: x', '{"answer": ""}']),
    ...runnableLaws(() => new BytesOutputParser(), ['Grüße', '']),
    ...runnableLaws(() => combined, [parts]),
  ];
  for (const [index, law] of all.entries()) test(`${index}: ${law.name}`, () => law.check());
});

test('111: bytes are UTF-8, and a cut character waits for its other half', async () => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of new BytesOutputParser().transform(['a\ud83d', '\ude00'])) chunks.push(chunk);
  expect(chunks.map((chunk) => [...chunk])).toEqual([[97], [0xf0, 0x9f, 0x98, 0x80]]);
});

test.each([
  ['YES', true],
  ['yes, of course', true],
  ['**No**', false],
  ['No, I know nothing', false],
])('boolean: %j', async (text, expected) => {
  expect(await new BooleanOutputParser().parse(text)).toBe(expected);
});

test('boolean: words of your own, and neither or both is an error', async () => {
  const parser = new BooleanOutputParser({ trueVal: 'wahr', falseVal: 'falsch' });
  expect(await parser.parse('Das ist wahr.')).toBe(true);
  for (const text of ['wahr oder falsch', 'unwahr', '']) {
    await expect(parser.parse(text)).rejects.toThrow(OutputParserException);
  }
});

test('boolean: several words count where they stand together', async () => {
  const parser = new BooleanOutputParser({ trueVal: 'strongly agree', falseVal: 'disagree' });
  expect(await parser.parse('I **strongly\nAgree**.')).toBe(true);
  expect(await parser.parse('I strongly disagree.')).toBe(false);
  for (const text of ['I agree, strongly.', 'agree', 'strongly agreeable', '']) {
    await expect(parser.parse(text)).rejects.toThrow(OutputParserException);
  }
  expect(() => new BooleanOutputParser({ trueVal: '+', falseVal: '-' })).toThrow(ConfigError);
});

test('enum: marks around a word may be its own', async () => {
  const countries = new EnumOutputParser({ values: ['U.S.', 'U.K.'] });
  for (const text of ['U.S.', '"U.S."', 'u.s.', ' **U.S** '])
    expect(await countries.parse(text)).toBe('U.S.');
  const marks = new EnumOutputParser({ values: ['a', 'a.', '*', '**'] });
  for (const text of ['a', 'a.', '*', '**']) expect(await marks.parse(text)).toBe(text);
  for (const text of ['A', '"a"', '""', ''])
    await expect(marks.parse(text)).rejects.toThrow(OutputParserException);
});

test('enum: bare, in other case, in quotes; refuses what it cannot tell', async () => {
  const parser = new EnumOutputParser({ values: ['red', 'Blue', 'BLUE'] });
  expect(await parser.parse(' **Red**.\n')).toBe('red');
  expect(await parser.parse('Blue')).toBe('Blue');
  await expect(parser.parse('blue')).rejects.toThrow(OutputParserException);
  await expect(parser.parse('reddish')).rejects.toThrow('Expected one of "red", "Blue", "BLUE"');
  expect(() => new EnumOutputParser({ values: [] })).toThrow(ConfigError);
});

test.each([
  ['2026-03-09', '2026-03-09T00:00:00.000Z'],
  ['2026-03-09T18:30:05.125Z', '2026-03-09T18:30:05.125Z'],
  ['2026-03-09 18:30', '2026-03-09T18:30:00.000Z'],
  ['"2026-03-09T18:30:00+01:00"', '2026-03-09T17:30:00.000Z'],
  ['2026-03-09T18:30:00 -0530', '2026-03-10T00:00:00.000Z'],
  ['0099-01-01', '0099-01-01T00:00:00.000Z'],
  ['2024-02-29 10:00:00 UTC', '2024-02-29T10:00:00.000Z'],
])('datetime: %j', async (text, expected) => {
  expect((await new DatetimeOutputParser().parse(text)).toISOString()).toBe(expected);
});

test.each([
  '2025-02-29',
  '2026-13-01',
  '2026-03-09T24:01:00Z',
  '2026-03-09T10:00+99:00',
  '09.03.2026',
  '2026',
  '',
])('datetime: %j is none', async (text) => {
  await expect(new DatetimeOutputParser().parse(text)).rejects.toThrow(OutputParserException);
});

describe('regex', () => {
  test('groups by name; no match is an error, or the default key', async () => {
    expect(await new RegexParser(regex).parse('Score: 7\nReason: short')).toEqual({
      score: '7',
      reason: 'short',
    });
    await expect(new RegexParser(regex).parse('none')).rejects.toThrow(OutputParserException);
    const lenient = new RegexParser({ ...regex, defaultOutputKey: 'reason' });
    expect(await lenient.parse('none')).toEqual({ score: '', reason: 'none' });
  });

  test('a global pattern gives the same every time', async () => {
    const parser = new RegexParser({ regex: /(\d)/g, outputKeys: ['digit'] });
    for (let time = 0; time < 3; time += 1) expect(await parser.parse('7')).toEqual({ digit: '7' });
  });

  test('P2: longer text than allowed never reaches the pattern', async () => {
    const parser = new RegexParser({ regex: /(a+)+$/, outputKeys: ['a'], maxLength: 20 });
    await expect(parser.parse(`${'a'.repeat(50)}b`)).rejects.toThrow(LimitExceededError);
  });
});

test('combining: parts by their lines, or each from the whole; one failure fails it', async () => {
  expect(await combined.invoke(parts)).toEqual({ answer: 'Oslo', score: '9', reason: 'known' });
  expect(await combined.invoke('{"answer": "x"}\nScore: 1\nReason: y')).toEqual({
    answer: 'x',
    score: '1',
    reason: 'y',
  });
  await expect(combined.invoke('{"answer": ""}\nScore: 1\nReason: y')).rejects.toThrow(OutputParserException);
  expect(combined.getFormatInstructions()).toContain('-----Output 1-----');
});
