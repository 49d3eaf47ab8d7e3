// What reading JSON costs while it streams: beside parsing all of it anew at every chunk, and beside a streaming parser.
// Each contender has to end with the same value; the first two give a partial value whenever there is something new.
import { JsonOutputParser as LangChainJsonOutputParser } from '@langchain/core/output_parsers';
import { JsonOutputParser } from '@pipewright/parsers';
import { JSONParser } from '@streamparser/json';
import { compare, print, type Contender } from './ratio.js';

function document(length: number): string {
  const records: unknown[] = [];
  for (let size = 0; size < length; size = JSON.stringify(records).length) {
    for (let more = Math.max(1, Math.floor((length - size) / 250)); more > 0; more -= 1) {
      const id = records.length;
      records.push({
        id,
        title: `Record ${id}: a line of text with "quotes", an é and a 😀`,
        score: id * 1.25e-3,
        tags: ['streaming', 'json', `tag-${id % 7}`],
        author: { name: `Name ${id}`, verified: id % 2 === 0, manager: null },
      });
    }
  }
  return JSON.stringify({ records });
}

function cut(text: string, size: number): string[] {
  const pieces: string[] = [];
  for (let at = 0; at < text.length; at += size) pieces.push(text.slice(at, at + size));
  return pieces;
}

async function* arriving(pieces: readonly string[]): AsyncGenerator<string> {
  yield* pieces;
}

async function lastOf(chunks: AsyncIterable<unknown>): Promise<unknown> {
  let last: unknown;
  for await (const chunk of chunks) last = chunk;
  return last;
}

type Way = (pieces: readonly string[]) => Promise<unknown>;

const ways: Readonly<Record<string, Way>> = {
  'Pipewright, parser in a stream': (pieces) => lastOf(new JsonOutputParser().transform(arriving(pieces))),
  'Pipewright, machine alone': async (pieces) => {
    const machine = new JsonOutputParser({ maxMembers: Infinity }).machine();
    let last: unknown;
    for (const piece of pieces) for (const snapshot of machine.push(piece)) last = snapshot;
    for (const snapshot of machine.end()) last = snapshot;
    return last;
  },
  '@langchain/core 1.2.13': (pieces) =>
    lastOf(new LangChainJsonOutputParser().transform(arriving(pieces), {})),
  '@streamparser/json 0.0.26, values when whole': async (pieces) => {
    let last: unknown;
    const parser = new JSONParser({ paths: ['$'] });
    parser.onValue = ({ value }) => (last = value);
    for (const piece of pieces) parser.write(piece);
    return last;
  },
  '@streamparser/json 0.0.26, partial values': async (pieces) => {
    let last: unknown;
    const parser = new JSONParser({ emitPartialTokens: true, emitPartialValues: true });
    parser.onValue = ({ value }) => (last = value);
    for (const piece of pieces) parser.write(piece);
    return last;
  },
};

/** Compares the named ways, each checked for its result first, on one document. */
async function run(title: string, pieces: readonly string[], names: readonly string[], count: number) {
  const expected = pieces.join('');
  const contenders: Contender[] = [];
  for (const name of names) {
    const way = ways[name] as Way;
    const got = JSON.stringify(await way(pieces));
    if (got !== expected) throw new Error(`${name} ended with ${got.slice(0, 200)}`);
    contenders.push({
      name,
      run: async (times) => {
        for (let time = 0; time < times; time += 1) await way(pieces);
      },
    });
  }
  print(title, contenders, await compare(contenders, count));
}

const all = Object.keys(ways);
const [stream, machine, langchain, whole, partial] = all as [string, string, string, string, string];
const small = cut(document(14_000), 5);
await run(`14 KB in ${small.length} chunks of 5 characters: in a stream`, small, [stream, langchain], 1);
await run('the same: parsers alone', small, [machine, whole, partial], 20);

for (const megabytes of [0.5, 1, 2]) {
  const pieces = cut(document(megabytes * 1024 * 1024), 4);
  await run(`${megabytes} MiB in chunks of 4 characters`, pieces, [machine, whole], 1);
}
