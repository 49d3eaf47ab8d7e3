/** How many times longer the second takes; the best of several runs, so that a pause of the machine does not count. */
export function growth(small: () => unknown, large: () => unknown): number {
  const best = (work: () => unknown): number => {
    const times = Array.from({ length: 7 }, () => {
      const start = performance.now();
      work();
      return performance.now() - start;
    });
    return Math.min(...times);
  };
  return best(large) / Math.max(best(small), 0.01);
}
