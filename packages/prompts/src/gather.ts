import { collect, isPromise, type MaybePromise } from '@pipewright/core';

/** Makes something of each item, side by side where it takes time. No promise is made unless one of them is a promise. */
export function gather<Item, Made>(
  items: readonly Item[],
  make: (item: Item, index: number) => MaybePromise<Made>,
): MaybePromise<readonly Made[]> {
  const results = collect(items.length, (index) => make(items[index] as Item, index));
  return results.some(isPromise) ? Promise.all(results) : (results as Made[]);
}
