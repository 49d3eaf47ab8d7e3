import { andThen, type MaybePromise } from '../flow/promise.js';

/**
 * The largest number from 0 to `most` that fits, where whatever is smaller than one that fits, fits too. 0 is taken to fit.
 * Asks about log(most) numbers, and waits only if an answer is a promise.
 */
export function mostThatFits(
  most: number,
  fits: (count: number) => MaybePromise<boolean>,
): MaybePromise<number> {
  const between = (low: number, high: number): MaybePromise<number> => {
    if (low === high) return low;
    const middle = Math.ceil((low + high) / 2);
    return andThen(fits(middle), (yes) => (yes ? between(middle, high) : between(low, middle - 1)));
  };
  // Mostly everything fits: asked first.
  return most === 0 ? 0 : andThen(fits(most), (all) => (all ? most : between(0, most - 1)));
}
