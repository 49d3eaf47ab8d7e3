import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { expectGrowthBelow } from '../../../test/cost.js';
import { ServerEvents } from './sse.js';

// Bodies of many megabytes: slow where the machine is busy.
vi.setConfig({ testTimeout: 60_000 });

const encoder = new TextEncoder();

function read(body: string | Uint8Array, size = Number.POSITIVE_INFINITY) {
  const bytes = typeof body === 'string' ? encoder.encode(body) : body;
  const events = new ServerEvents();
  const batches = [];
  for (let at = 0; at < bytes.length; at += size) batches.push(events.push(bytes.subarray(at, at + size)));
  const found = [...batches, events.end()].flat();
  return { found, data: found.map(({ data }) => data), events };
}

/** What the specification says of lines that are no comments and hold no surprises. */
const line = fc.oneof(
  fc
    .tuple(fc.constantFrom('data: ', 'data:'), fc.string({ unit: 'grapheme' }))
    .map((parts) => parts.join('')),
  fc.constantFrom(
    '',
    '',
    'data',
    ': ping',
    ':',
    'id: 1',
    'retry: 5',
    'retry: x',
    'event: e',
    'event',
    'odd: 1',
    'odd',
  ),
);
const ends = fc.constantFrom('\n', '\r', '\r\n');

/** The specification's algorithm, word by word; except that the last event needs no blank line. */
function oracle(body: string): string[] {
  const events: string[] = [];
  let data: string[] = [];
  for (const one of [...body.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/), '']) {
    if (one === '') {
      if (data.length > 0) events.push(data.join('\n'));
      data = [];
    } else if (one === 'data') data.push('');
    else if (one.startsWith('data:')) data.push(one.slice('data:'.length).replace(/^ /, ''));
  }
  return events;
}

test('F048: reads what the specification says, however the bytes are cut', () => {
  const body = fc
    .tuple(
      fc.constantFrom('', '\uFEFF'),
      fc.array(
        fc.tuple(
          line.filter((text) => !/[\r\n]/.test(text)),
          ends,
        ),
      ),
    )
    .map(([mark, lines]) => mark + lines.flat().join(''));
  fc.assert(
    fc.property(body, fc.integer({ min: 1, max: 9 }), (text, size) => {
      expect(read(text, size).data).toEqual(oracle(text));
      expect(read(text).data).toEqual(oracle(text));
    }),
    { numRuns: 1000 },
  );
});

describe('an event', () => {
  test.each(['\n', '\r', '\r\n'])('is handed out as soon as it is complete, with %j', (end) => {
    const events = new ServerEvents();
    expect(events.push(encoder.encode(`data: 1${end}${end}`))).toMatchObject([
      { data: '1', unfinished: false },
    ]);
    expect(events.push(encoder.encode(`data: 2${end}`))).toEqual([]);
    expect(events.push(encoder.encode(end))).toMatchObject([{ data: '2' }]);
  });

  test('without its blank line is handed out at the end, marked', () => {
    expect(read('data: 1\n\ndata: 2\n').found).toMatchObject([
      { data: '1', unfinished: false },
      { data: '2', unfinished: true },
    ]);
    expect(read('data: 2\r').data).toEqual(['2']);
  });

  test('keeps its name', () => {
    expect(read('event: error\ndata: 1\n\ndata: 2\n\n').found).toEqual([
      { data: '1', name: 'error', unfinished: false },
      { data: '2', unfinished: false },
    ]);
  });
});

describe('a body that is no event stream', () => {
  test('is kept as text', () => {
    expect(read('{\n  "error": "x"\n}').events.stray).toBe('{\n  "error": "x"\n}\n');
  });

  test('is not kept once there was an event', () => {
    expect(read('data: 1\n\nwhat\n').events.stray).toBe('');
  });

  test('is not what a cut line leaves', () => {
    for (const rest of ['d', 'dat', 'even', 'r', 'i']) expect(read(`: hi\n\n${rest}`).events.stray).toBe('');
  });

  test('is kept up to a limit', () => {
    expect(read('x'.repeat(1000).concat('\n').repeat(3000)).events.stray.length).toBeLessThan(1.1 * 2 ** 20);
  });
});

describe('a limit', () => {
  const failure = (body: string, size?: number) => {
    const { data, events } = read(body, size);
    return { data, limit: events.failure?.limit };
  };

  test.each([undefined, 5000])(
    'F049: of a line holds, and events before it are handed out (pieces of %s)',
    (size) => {
      const most = 2 ** 20 - 'data: '.length;
      expect(failure(`data: ${'x'.repeat(most)}\n\n`, size).limit).toBeUndefined();
      expect(failure(`data: 1\n\ndata: ${'x'.repeat(most + 1)}\n\ndata: 2\n\n`, size)).toEqual({
        data: ['1'],
        limit: 'line',
      });
    },
  );

  test.each([undefined, 5000])(
    'F049: of an event holds, and events before it are handed out (pieces of %s)',
    (size) => {
      const data = `data: ${'x'.repeat(1000)}\n`;
      expect(failure(`${data.repeat(4100)}\n`, size).limit).toBeUndefined();
      expect(failure(`data: 1\n\n${data.repeat(4300)}\n\ndata: 2\n\n`, size)).toEqual({
        data: ['1'],
        limit: 'event',
      });
    },
  );

  test('F050: of events holds', () => {
    expect(failure('data:\n\n'.repeat(1_000_000)).limit).toBeUndefined();
    const { data, limit } = failure('data:\n\n'.repeat(1_000_001));
    expect(data).toHaveLength(1_000_000);
    expect(limit).toBe('events');
  });
});

test('F054: tells of bytes that are no UTF-8', () => {
  expect(read(Uint8Array.from([...encoder.encode('data: a'), 0xff, 0x0a, 0x0a])).events.replaced).toBe(true);
  expect(read('data: é😀\n\n', 1).events.replaced).toBe(false);
});

test('any line ends cost time linear in the body', () => {
  const reading = (lineEnd: string) => {
    const body = lineEnd.repeat(2 ** 21);
    return () => read(body, 64 * 1024);
  };
  // Looking for a line feed from each of the others would take a hundred times as long.
  expectGrowthBelow(15, reading('\n'), reading('\r'));
});
