import { createHook } from 'node:async_hooks';
import { expect, test } from 'vitest';
import { RunnableLambda, RunnableParallel, RunnablePassthrough } from '../index.js';
import { FakeListChatModel } from '../testing/index.js';

/** How many promises the work makes. */
function promisesMadeBy(work: () => void): number {
  let made = 0;
  const hook = createHook({
    init: (_id, type) => {
      if (type === 'PROMISE') made += 1;
    },
  }).enable();
  try {
    work();
  } finally {
    hook.disable();
  }
  return made;
}

const increment = RunnableLambda.from((x: number) => x + 1);
const five = increment.pipe(increment).pipe(increment).pipe(increment).pipe(increment);

test('a hook sees the promises that are made', () => {
  expect(promisesMadeBy(() => void Promise.resolve())).toBe(1);
});

test('invokeSync, batchSync and streamSync make none', () => {
  const parallel = RunnableParallel.from({ a: increment, b: new RunnablePassthrough<number>() });
  const model = new FakeListChatModel({ responses: ['hi'] }).pipe((message) => message.text);
  expect(
    promisesMadeBy(() => {
      five.invokeSync(1);
      five.batchSync([1, 2, 3]);
      for (const chunk of five.streamSync(1)) void chunk;
      parallel.invokeSync(1);
      parallel
        .withRetry()
        .withConfig({ tags: ['t'] })
        .invokeSync(1);
      for (const chunk of model.streamSync('hello')) void chunk;
    }),
  ).toBe(0);
});

test('invoke on synchronous steps makes one promise, however many steps there are', () => {
  expect(promisesMadeBy(() => void five.invoke(1))).toBe(1);
  expect(promisesMadeBy(() => void five.pipe(five).invoke(1))).toBe(1);
});
