import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expectGrowthBelow } from '../../../../test/cost.js';
import { ToolCallFragments } from './tool-calls.js';

interface Given {
  index?: number | null;
  id?: string | null;
  name?: string;
  args?: unknown;
}

/** The calls that fragments add up to, each as name(arguments), in the order of their index. */
function calls(...fragments: Given[]): string[] {
  const found = new ToolCallFragments();
  const sums: { name: string; args: string; ids: string[] }[] = [];
  const add = (raw: unknown, last = false): void => {
    for (const piece of last ? found.missingIds() : found.push(raw)) {
      const sum = (sums[piece.index as number] ??= { name: '', args: '', ids: [] });
      sum.name += piece.name ?? '';
      sum.args += piece.args ?? '';
      if (piece.id !== undefined) sum.ids.push(piece.id);
    }
  };
  for (const { index, id, name, args } of fragments)
    add([{ index, id, function: { name, arguments: args } }]);
  add(undefined, true);
  expect(sums.every(({ ids }) => ids.length === 1)).toBe(true);
  expect(new Set(sums.map(({ ids }) => ids[0])).size).toBe(sums.length);
  return sums.map(({ name, args }) => `${name}(${args})`);
}

describe('what servers do with tool calls', () => {
  test.each<[string, Given[], string[]]>([
    [
      'an index for each call',
      [
        { index: 0, id: 'a', name: 'f', args: '{"x"' },
        { index: 0, args: ':1}' },
        { index: 1, id: 'b', name: 'g', args: '{}' },
      ],
      ['f({"x":1})', 'g({})'],
    ],
    [
      'no index, but ids',
      [
        { id: 'a', name: 'f', args: '{}' },
        { id: 'b', name: 'f', args: '{}' },
      ],
      ['f({})', 'f({})'],
    ],
    [
      'no index and no id',
      [
        { name: 'f', args: '{"x":1}' },
        { name: 'f', args: '{"x":2}' },
      ],
      ['f({"x":1})', 'f({"x":2})'],
    ],
    [
      'index 0 for every call',
      [
        { index: 0, id: 'a', name: 'f', args: '{}' },
        { index: 0, id: 'b', name: 'g', args: '{}' },
      ],
      ['f({})', 'g({})'],
    ],
    [
      'index 0 for every call, without ids',
      [
        { index: 0, name: 'f', args: '{}' },
        { index: 0, name: 'f', args: '{}' },
      ],
      ['f({})', 'f({})'],
    ],
    [
      'a wrong index on later fragments, with the id',
      [
        { index: 0, id: 'a', name: 'f', args: '{' },
        { index: 1, id: 'b', name: 'g', args: '{' },
        { index: 0, id: 'b', args: '}' },
        { index: 5, id: 'a', args: '}' },
      ],
      ['f({})', 'g({})'],
    ],
    ['no index on later fragments', [{ index: 0, id: 'a', name: 'f', args: '{' }, { args: '}' }], ['f({})']],
    [
      'indexes that begin at 1',
      [
        { index: 1, id: 'a', name: 'f', args: '{' },
        { index: 1, args: '}' },
      ],
      ['f({})'],
    ],
    [
      'the name after the arguments',
      [
        { index: 0, id: 'a', args: '{}' },
        { index: 0, name: 'f' },
      ],
      ['f({})'],
    ],
    [
      'the id after the name',
      [
        { index: 0, name: 'f' },
        { index: 0, id: 'a', args: '{}' },
      ],
      ['f({})'],
    ],
    [
      'the name again with each fragment',
      [
        { index: 0, id: 'a', name: 'f', args: '{"x"' },
        { index: 0, name: 'f', args: ':1}' },
      ],
      ['f({"x":1})'],
    ],
    [
      'the id again with each fragment',
      [
        { index: 0, id: 'a', name: 'f', args: '{' },
        { index: 0, id: 'a', args: '}' },
      ],
      ['f({})'],
    ],
    ['arguments as an object', [{ index: 0, id: 'a', name: 'f', args: { x: 1 } }], ['f({"x":1})']],
    [
      'a new id before the arguments of the last call began',
      [
        { index: 0, id: 'a', name: 'f', args: '' },
        { index: 0, id: 'b', name: 'f', args: '{}' },
      ],
      ['f()', 'f({})'],
    ],
    [
      'empty ids',
      [
        { index: 0, id: '', name: 'f', args: '{' },
        { index: 0, id: '', args: '}' },
      ],
      ['f({})'],
    ],
    [
      'null for everything',
      [
        { index: null, id: null, name: 'f', args: null },
        { index: null, id: null, args: '{}' },
      ],
      ['f({})'],
    ],
    ['other names without arguments', [{ name: 'f' }, { name: 'g' }], ['f()', 'g()']],
    [
      'an id only from the second call on',
      [
        { name: 'f', args: '{}' },
        { id: 'b', name: 'g', args: '{}' },
      ],
      ['f({})', 'g({})'],
    ],
    [
      'another index on later fragments, without the id',
      [
        { index: 0, id: 'a', name: 'f', args: '{"x"' },
        { index: 1, args: ':1}' },
        { index: 1, id: 'b', name: 'g', args: '{' },
        { index: 2, args: '}' },
      ],
      ['f({"x":1})', 'g({})'],
    ],
    [
      'a name without arguments after those of its call',
      [
        { index: 0, id: 'a', name: 'f', args: '' },
        { index: 0, name: 'f', args: '{"x":1}' },
        { index: 0, name: 'f', args: '' },
        { index: 0, name: 'f', args: '\n' },
      ],
      ['f({"x":1}\n)'],
    ],
    [
      'an index of its own for the arguments of a call whose name comes later',
      [
        { index: 0, id: 'a', name: 'f', args: '{}' },
        { index: 1, args: '{}' },
        { index: 1, name: 'g' },
      ],
      ['f({})', 'g({})'],
    ],
    [
      'braces inside texts',
      [
        { name: 'f', args: '{"x":"}' },
        { name: 'f', args: '\\"}"}' },
        { name: 'g', args: '{}' },
      ],
      ['f({"x":"}\\"}"})', 'g({})'],
    ],
  ])('%s', (_name, fragments, expected) => {
    expect(calls(...fragments)).toEqual(expected);
  });

  test('calls with index and id come out whole, however their arguments are cut and interleaved', () => {
    const call = fc.record({
      name: fc.constantFrom('f', 'g'),
      args: fc.dictionary(fc.string(), fc.jsonValue()),
    });
    const property = fc.property(
      fc.array(call, { minLength: 1, maxLength: 4 }),
      fc.infiniteStream(fc.nat()),
      (wanted, random) => {
        const pick = (limit: number): number => random.next().value % limit;
        const rests = wanted.map(({ args }) => JSON.stringify(args));
        const fragments: Given[] = wanted.map(({ name }, index) => ({
          index,
          id: `id${index}`,
          name,
          args: '',
        }));
        while (rests.some((rest) => rest !== '')) {
          const index = pick(rests.length);
          const rest = rests[index] as string;
          if (rest === '') continue;
          const length = 1 + pick(rest.length);
          fragments.push({ index, args: rest.slice(0, length) });
          rests[index] = rest.slice(length);
        }
        expect(calls(...fragments)).toEqual(
          wanted.map(({ name, args }) => `${name}(${JSON.stringify(args)})`),
        );
      },
    );
    fc.assert(property);
  });

  test('more calls than any model makes are a fault', () => {
    const found = new ToolCallFragments();
    const push = (): unknown => found.push([{ function: { name: `f`, arguments: '{}' } }]);
    expect(() => {
      for (let count = 0; count < 2000; count += 1) push();
    }).toThrow(/1024/);
  });

  test('repeated names cost time linear in the arguments', () => {
    const adding = (count: number) => (): void => {
      const found = new ToolCallFragments();
      const fragment = [{ index: 0, function: { name: 'f', arguments: '{"}}}}' } }];
      for (let done = 0; done < count; done += 1) found.push(fragment);
    };
    // Reading the arguments anew with each fragment would take 256 times as long for 16 times as many.
    expectGrowthBelow(100, adding(2000), adding(32_000));
  });
});
