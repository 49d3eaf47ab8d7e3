import { isPromise, type MaybePromise } from '@pipewright/core';

/** Makes something of each item, side by side where it takes time. No promise is made unless one of them is a promise. */
export function gather<Item, Made>(
  items: readonly Item[],
  make: (item: Item) => MaybePromise<Made>,
): MaybePromise<readonly Made[]> {
  const results: MaybePromise<Made>[] = [];
  try {
    for (const item of items) results.push(make(item));
  } catch (error) {
    // The promises that are under way have lost their reader: a failure of theirs must not end the process.
    void Promise.allSettled(results);
    throw error;
  }
  return results.some(isPromise) ? Promise.all(results) : (results as Made[]);
}
