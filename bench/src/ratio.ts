/** One way of doing a piece of work. */
export interface Contender {
  readonly name: string;
  /** Does the work `count` times. */
  run(count: number): Promise<void>;
}

/** Median cost per operation of each contender, in microseconds. */
export interface Comparison {
  readonly micros: readonly number[];
  /** Median of the ratios to the first contender, taken round by round. */
  readonly ratios: readonly number[];
}

const ROUNDS = 15;

/**
 * Runs the contenders in turn, round after round, in this process. What slows one round down slows all of its runs down,
 * so ratios taken within rounds hold where times do not.
 */
export async function compare(contenders: readonly Contender[], count: number): Promise<Comparison> {
  const rounds: number[][] = [];
  for (let round = -3; round < ROUNDS; round += 1) {
    const times: number[] = [];
    for (const contender of contenders) {
      const start = performance.now();
      await contender.run(count);
      times.push(((performance.now() - start) * 1000) / count);
    }
    // The first rounds are for the compiler to warm up on.
    if (round >= 0) rounds.push(times);
  }
  return {
    micros: contenders.map((_, index) => median(rounds.map((times) => times[index] as number))),
    ratios: contenders.map((_, index) =>
      median(rounds.map((times) => (times[index] as number) / (times[0] as number))),
    ),
  };
}

export function print(title: string, contenders: readonly Contender[], { micros, ratios }: Comparison): void {
  console.log(`\n${title}`);
  for (const [index, { name }] of contenders.entries()) {
    const time = (micros[index] as number).toFixed(3).padStart(10);
    const ratio = index === 0 ? '' : `${(ratios[index] as number).toFixed(2)}x`.padStart(9);
    console.log(`  ${name.padEnd(44)} ${time} µs ${ratio}`);
  }
}

/** Fails the benchmark unless it holds. */
export function demand(holds: boolean, what: string): void {
  if (holds) return;
  console.log(`  does not hold: ${what}`);
  process.exitCode = 1;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] as number;
}
