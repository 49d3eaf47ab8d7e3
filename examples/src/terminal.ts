// How the examples print: at most 80 columns, and plain text where nobody looks at a terminal.
import { PipewrightError } from '@pipewright/core';

export const INDENT = '   ';

const { stdout } = process;
// `npm start | head` closes the pipe early, which is no failure of the program.
stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

/** True where a line may be drawn over and text may be styled. */
export const interactive = stdout.isTTY && process.env.TERM !== 'dumb';

export function print(text: string): void {
  stdout.write(text);
}

export function heading(text: string): void {
  const bold = interactive && stdout.hasColors();
  print(`\n${bold ? `\u001b[1m${text}\u001b[22m` : text}\n`);
}

/** A line with a name and its values, in columns. */
export function row(name: string, ...values: readonly string[]): void {
  print(`${INDENT}${name.padEnd(16)}${values.join('   ')}\n`);
}

/** Reports a failure that the library explains in one line; anything else is a bug and keeps its stack. */
export function reportFailure(error: unknown): void {
  if (!PipewrightError.isInstance(error)) throw error;
  process.exitCode = 1;
  process.stderr.write(`\n${error.name}: ${error.message.replaceAll(/\s+/g, ' ')}\n`);
}
