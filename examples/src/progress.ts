import { INDENT, interactive, print } from './terminal.js';

const BAR_WIDTH = 24;

/** A bar that fills as items are done. Where lines cannot be drawn over, only its end is shown. */
export class Progress {
  readonly #elapsed = stopwatch();
  #done = 0;

  constructor(
    readonly name: string,
    readonly total: number,
  ) {
    if (interactive) print(this.#bar());
  }

  step(): void {
    this.#done += 1;
    if (interactive) print(`\r${this.#bar()}`);
  }

  /** Ends the line; gives the time since the start, in milliseconds. */
  end(): number {
    const elapsed = this.#elapsed();
    print(`${interactive ? '\r' : ''}${this.#bar()}  ${duration(elapsed)}\n`);
    return elapsed;
  }

  #bar(): string {
    const filled = Math.round((BAR_WIDTH * this.#done) / this.total);
    const bar = '#'.repeat(filled).padEnd(BAR_WIDTH, '.');
    return `${INDENT}${this.name.padEnd(16)}[${bar}] ${this.#done}/${this.total}`;
  }
}

/** Starts measuring; the function it gives tells the milliseconds since then. */
export function stopwatch(): () => number {
  const started = performance.now();
  return () => performance.now() - started;
}

export function duration(milliseconds: number): string {
  return milliseconds < 100 ? `${milliseconds.toFixed(1)} ms` : `${(milliseconds / 1000).toFixed(2)} s`;
}
