// Many items: how long, how much memory, in what order.
import { RunnableLambda } from '@pipewright/core';

const MIB = 1024 * 1024;
const step = RunnableLambda.from((x: number) => x).pipe((x) => x);

function* range(count: number): Generator<number> {
  for (let index = 0; index < count; index += 1) yield index;
}

const before = process.memoryUsage().rss;
const started = performance.now();
const outputs = await step.batch([...range(100_000)]);
const seconds = (performance.now() - started) / 1000;
const ordered = outputs.every((output, index) => output === index);
const grown = (process.memoryUsage().rss - before) / MIB;
console.log(`batch of 100,000: ${seconds.toFixed(2)} s, ${grown.toFixed(0)} MB more, order kept: ${ordered}`);

const samples: number[] = [];
let count = 0;
const begun = performance.now();
for await (const _result of step.batchAsCompleted(range(1_000_000))) {
  count += 1;
  if (count % 100_000 === 0) {
    globalThis.gc?.();
    samples.push(process.memoryUsage().heapUsed / MIB);
  }
}
const taken = (performance.now() - begun) / 1000;
console.log(
  `batchAsCompleted of ${count.toLocaleString('en')}: ${taken.toFixed(1)} s, ` +
    `heap ${samples.map((sample) => sample.toFixed(0)).join(' ')} MB`,
);
