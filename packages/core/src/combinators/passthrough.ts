import type { RunContext } from '../engine/run-context.js';
import type { Ready } from '../flow/flow.js';
import { Runnable } from '../runnable.js';

/** Gives its input on unchanged, chunks as chunks. */
export class RunnablePassthrough<T, Chunk = T> extends Runnable<T, T, Chunk> {
  readonly name = 'RunnablePassthrough';
  override readonly consumes = 'chunks';

  run(input: Ready<T, unknown>, _context: RunContext): Ready<T, Chunk> {
    return input as Ready<T, Chunk>;
  }
}
