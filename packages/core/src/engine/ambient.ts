import { chunks, isChunks, type Chunks } from '../flow/chunks.js';
import type { Flow, Ready } from '../flow/flow.js';
import { isPromise } from '../flow/promise.js';
import type { Runnable } from '../runnable.js';
import type { RunContext } from './run-context.js';

/** Brings the context of a step to what the step calls without passing its context on. */
export interface Ambient {
  current(): RunContext | undefined;
  run<T>(context: RunContext | undefined, work: () => T): T;
}

/** Global, so that all installed copies of this package share it. */
const SLOT = Symbol.for('pipewright.ambient');
type Slots = { [SLOT]?: Ambient | undefined };

export function ambient(): Ambient | undefined {
  return (globalThis as Slots)[SLOT];
}

export function setAmbient(given: Ambient | undefined): void {
  (globalThis as Slots)[SLOT] = given;
}

/** Runs a step with its context around it: until it returns, and again at each pull of what it streams. */
export function runInside<In, Out, Chunk>(
  around: Ambient,
  node: Runnable<In, Out, Chunk>,
  input: Ready<In, unknown>,
  context: RunContext,
): Flow<Out, Chunk> {
  const inside = <T>(work: () => T): T => around.run(context, work);
  const pulled = (ready: Ready<Out, Chunk>): Ready<Out, Chunk> => {
    if (!isChunks(ready)) return ready;
    const source = ready as Chunks<Out, Chunk>;
    const cursor = { next: () => inside(() => source.next()) };
    return chunks(() => cursor, source.fold, { return: () => inside(() => source.return()) });
  };
  const flow = inside(() => node.run(input, context));
  return isPromise(flow) ? flow.then(pulled) : pulled(flow);
}
