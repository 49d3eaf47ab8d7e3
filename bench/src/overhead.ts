// What the engine costs beside the same work written by hand, in one process. Fails where it costs too much.
import { folds, Runnable, RunnableLambda, transduce, type Ready, type RunContext } from '@pipewright/core';
import { compare, demand, print, type Contender } from './ratio.js';

/** What a chain's invoke may cost, in the time that its functions take when awaited by hand. */
const INVOKE_FACTOR = 2;
/** What streaming may cost per chunk, in the time that async generators take. */
const STREAM_FACTOR = 3;

const increment = (x: number): number => x + 1;
const incrementLater = async (x: number): Promise<number> => x + 1;

function chainOf(step: (x: number) => number | Promise<number>, length: number): Runnable<number, number> {
  let chain: Runnable<number, number> = RunnableLambda.from(step);
  for (let index = 1; index < length; index += 1) chain = chain.pipe(step);
  return chain;
}

async function invoking(title: string, step: (x: number) => number | Promise<number>, length: number) {
  const chain = chainOf(step, length);
  const contenders: Contender[] = [
    {
      name: `${length} awaited functions, by hand`,
      run: async (count) => {
        // One function per call of a chain, as a person would write it.
        const byHand = async (input: number): Promise<number> => {
          let x = input;
          for (let index = 0; index < length; index += 1) x = await step(x);
          return x;
        };
        for (let index = 0; index < count; index += 1) await byHand(index);
      },
    },
    {
      name: 'invoke()',
      run: async (count) => {
        for (let index = 0; index < count; index += 1) await chain.invoke(index);
      },
    },
  ];
  if (step === increment) {
    contenders.push({
      name: 'invokeSync()',
      run: async (count) => {
        for (let index = 0; index < count; index += 1) chain.invokeSync(index);
      },
    });
  }
  const comparison = await compare(contenders, 20_000);
  print(title, contenders, comparison);
  demand((comparison.ratios[1] as number) <= INVOKE_FACTOR, `invoke() is to cost ${INVOKE_FACTOR}x at most.`);
}

/** A step over chunks of text. */
class Suffix extends Runnable<string, string> {
  readonly name = 'Suffix';
  override readonly consumes = 'chunks';
  run(input: Ready<string, unknown>, { wants }: RunContext): Ready<string> {
    const machine = { push: (text: string) => [`${text}.`], end: () => [] };
    return transduce(input as Ready<string>, machine, folds.text, wants);
  }
}

const CHUNKS = 1_000;
const STEPS = 5;

async function* source(): AsyncGenerator<string> {
  for (let index = 0; index < CHUNKS; index += 1) yield 'token';
}

async function* suffixed(input: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const text of input) yield `${text}.`;
}

async function streaming(): Promise<void> {
  const from = RunnableLambda.from((_: number) => source());
  let chain: Runnable<number, string, string> = from;
  for (let index = 0; index < STEPS; index += 1) chain = chain.pipe(new Suffix());
  const read = async (chunks: AsyncIterable<string>): Promise<void> => {
    for await (const _chunk of chunks);
  };
  const contenders: Contender[] = [
    {
      name: `${STEPS} async generators, by hand`,
      run: async (count) => {
        for (let run = 0; run < count; run += 1) {
          let chunks = source();
          for (let index = 0; index < STEPS; index += 1) chunks = suffixed(chunks);
          await read(chunks);
        }
      },
    },
    {
      name: 'stream()',
      run: async (count) => {
        for (let run = 0; run < count; run += 1) await read(chain.stream(run));
      },
    },
  ];
  const comparison = await compare(contenders, 10);
  print(`${CHUNKS} chunks through ${STEPS} streaming steps`, contenders, comparison);
  demand((comparison.ratios[1] as number) <= STREAM_FACTOR, `stream() is to cost ${STREAM_FACTOR}x at most.`);
  const perChunk = (comparison.micros[1] as number) / (CHUNKS * STEPS);
  console.log(`  ${'stream(), per chunk and step'.padEnd(44)} ${perChunk.toFixed(3).padStart(10)} µs`);
}

await invoking('5 synchronous steps', increment, 5);
await invoking('10 synchronous steps', increment, 10);
await invoking('5 asynchronous steps', incrementLater, 5);
await invoking('10 asynchronous steps', incrementLater, 10);
await streaming();
