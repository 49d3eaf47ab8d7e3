import { describe, expect, test } from 'vitest';
import { all } from '../../test/conversation.js';
import { storedText } from '../../test/holder.js';
import { expectRoundTrip, type Made } from '../../test/round-trip.js';
import {
  type BaseMessage,
  coreRegistry,
  DeserializationError,
  dumps,
  filterMessages,
  HumanMessage,
  loads,
  mergeMessageRuns,
  trimMessages,
} from '../index.js';
import { runnableLaws } from '../testing/index.js';

const count = (messages: readonly BaseMessage[]): number => messages.length;
const letters = (text: string): string[] => text.split('');
const registry = [coreRegistry, { functions: { count, letters, HumanMessage: HumanMessage as never } }];

const makers: Record<string, Made> = {
  'trimming by default': [() => trimMessages({ maxTokens: 12 }), [all]],
  'trimming with options': [
    () =>
      trimMessages({
        maxTokens: 20,
        tokenCounter: 'approximate',
        strategy: 'last',
        includeSystem: true,
        startOn: 'human',
        endOn: ['human', 'tool'],
      }),
    [all, []],
  ],
  'trimming with functions': [
    () =>
      trimMessages({
        maxTokens: 2,
        tokenCounter: count,
        strategy: 'first',
        allowPartial: true,
        endOn: HumanMessage,
        textSplitter: letters,
      }),
    [all],
  ],
  filtering: [() => filterMessages(), [all]],
  'filtering with options': [
    () => filterMessages({ includeTypes: ['human', 'ai'], excludeNames: ['Bo'], excludeToolCalls: ['c1'] }),
    [all],
  ],
  'filtering by class': [
    () => filterMessages({ excludeTypes: [HumanMessage], excludeToolCalls: true }),
    [all],
  ],
  merging: [() => mergeMessageRuns(), [[new HumanMessage('Hi.'), new HumanMessage('Ho.')]]],
  'all in a chain, two of a kind': [
    () =>
      filterMessages({ excludeTypes: ['system'] })
        .pipe(filterMessages({ excludeIds: ['2'] }))
        .pipe(mergeMessageRuns())
        .pipe(trimMessages({ maxTokens: 100 })),
    [all],
  ],
};

test.each(Object.entries(makers))('%s', (_name, made) => expectRoundTrip(made, registry));

test('functions and classes load only if the registry has them, options need nothing', () => {
  const textOf = (name: string) => dumps((makers[name] as Made)[0]());
  const load = (name: string) => () => loads(textOf(name), { registry: coreRegistry });
  expect(load('trimming with options')).not.toThrow();
  expect(load('filtering with options')).not.toThrow();
  expect(load('filtering by class')).toThrow(/excludeTypes\[0\]: .* no "HumanMessage" among its functions/);
  const counting = dumps(trimMessages({ maxTokens: 2, tokenCounter: count }));
  expect(() => loads(counting, { registry: coreRegistry })).toThrow(/tokenCounter: .* no "count" among/);
});

test.each<[what: string, root: string, values?: string]>([
  ['no number of tokens', '{"kind":"trimMessages"}'],
  ['another strategy', '{"kind":"trimMessages","options":{"maxTokens":0,"strategy":1}}', '[1,"middle"]'],
  [
    'a counter that is a text',
    '{"kind":"trimMessages","options":{"maxTokens":0,"tokenCounter":1}}',
    '[1,"x"]',
  ],
  [
    'a kind of message that is none',
    '{"kind":"filterMessages","options":{"includeTypes":0}}',
    '[["wizard"]]',
  ],
  ['calls that are no ids', '{"kind":"filterMessages","options":{"excludeToolCalls":0}}', '["c1"]'],
  ['an option that is none', '{"kind":"mergeMessageRuns","options":{"name":0}}', '["x"]'],
])('S9: %s is refused', (_what, root, values) => {
  expect(() => loads(storedText(root, values), { registry })).toThrow(DeserializationError);
});

describe.each(Object.entries(makers))('the laws for %s', (_name, [make, inputs]) => {
  for (const law of runnableLaws(make, inputs as never[])) test(law.name, () => law.check());
});
