import { expectTypeOf, test } from 'vitest';
import { type Runnable, RunnableBranch } from '../index.js';

test('takes what every condition and branch takes', () => {
  const named = RunnableBranch.from([
    [({ first }: { first: string }) => first !== '', ({ last }: { last: string }) => last],
    () => 0,
  ]);
  expectTypeOf(named).toExtend<Runnable<{ first: string; last: string }, string | number>>();
  // @ts-expect-error: the branch needs `last`
  void named.invoke({ first: 'x' });
  const mixed = RunnableBranch.from([[(x: number) => x > 1, (x: string) => x], () => 'other']);
  // @ts-expect-error: the branch takes text
  void mixed.invoke(1);
});

test('what functions take that do not say is left to the others', () => {
  const size = RunnableBranch.from([[(n: number) => n > 1, (n) => [n]], () => 'small']);
  void size.invoke(1);
  // @ts-expect-error: the condition takes a number
  void size.invoke('x');
});
