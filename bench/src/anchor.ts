// The same chains in Pipewright and in @langchain/core, in one process. Fails where they are not far enough apart.
import { RunnableLambda as TheirLambda, RunnableSequence as TheirSequence } from '@langchain/core/runnables';
import { type Runnable, RunnableGenerator, RunnableLambda } from '@pipewright/core';
import { compare, demand, print, type Contender } from './ratio.js';

/** How many times cheaper than in @langchain/core a chain has to be, with listeners too. */
const LANGCHAIN_FACTOR = 10;
/** What a user's own generators may cost as runnables, in the time that they take by hand. */
const STREAM_FACTOR = 3;

const increment = (x: number): number => x + 1;
const LENGTH = 10;

function ours(): Runnable<number, number> {
  let chain: Runnable<number, number> = RunnableLambda.from(increment);
  for (let index = 1; index < LENGTH; index += 1) chain = chain.pipe(increment);
  return chain;
}

const theirs = TheirSequence.from(
  Array.from({ length: LENGTH }, () => TheirLambda.from(increment)) as never,
) as unknown as { invoke(x: number, config?: object): Promise<number> };

async function repeat(count: number, work: (index: number) => Promise<unknown>): Promise<void> {
  for (let index = 0; index < count; index += 1) await work(index);
}

async function invoking(title: string, config: () => { readonly ours: object; readonly theirs: object }) {
  const chain = ours();
  const configs = config();
  const contenders: Contender[] = [
    { name: 'Pipewright', run: (count) => repeat(count, (index) => chain.invoke(index, configs.ours)) },
    {
      name: '@langchain/core',
      run: (count) => repeat(count, (index) => theirs.invoke(index, configs.theirs)),
    },
  ];
  const comparison = await compare(contenders, 300);
  print(title, contenders, comparison);
  demand((comparison.ratios[1] as number) >= LANGCHAIN_FACTOR, `it is to be ${LANGCHAIN_FACTOR}x cheaper.`);
}

await invoking(`${LENGTH} steps, nobody listens`, () => ({ ours: {}, theirs: {} }));
await invoking(`${LENGTH} steps, one listener`, () => ({
  ours: { callbacks: [() => {}] },
  theirs: { callbacks: [{ handleChainStart: () => {}, handleChainEnd: () => {} }] },
}));

const CHUNKS = 1_000;
const STEPS = 5;

async function* source(): AsyncGenerator<string> {
  for (let index = 0; index < CHUNKS; index += 1) yield 'token';
}

async function* suffixed(input: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const text of input) yield `${text}.`;
}

async function read(chunks: AsyncIterable<unknown>): Promise<void> {
  for await (const _chunk of chunks);
}

let streaming: Runnable<number, string, string> = RunnableLambda.from((_: number) => source());
for (let index = 0; index < STEPS; index += 1) streaming = streaming.pipe(RunnableGenerator.from(suffixed));
const contenders: Contender[] = [
  {
    name: `${STEPS} async generators, by hand`,
    run: (count) =>
      repeat(count, () => {
        let chunks = source();
        for (let index = 0; index < STEPS; index += 1) chunks = suffixed(chunks);
        return read(chunks);
      }),
  },
  {
    name: 'the same generators as runnables',
    run: (count) => repeat(count, () => read(streaming.stream(0))),
  },
];
const comparison = await compare(contenders, 5);
print(`${CHUNKS} chunks through ${STEPS} generators of a user's`, contenders, comparison);
demand((comparison.ratios[1] as number) <= STREAM_FACTOR, `runnables are to cost ${STREAM_FACTOR}x at most.`);
