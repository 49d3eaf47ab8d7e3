import { chunks, isChunks, type Chunks } from '../flow/chunks.js';
import type { Flow, Ready } from '../flow/flow.js';
import { isPromise } from '../flow/promise.js';
import type { Runnable } from '../runnable.js';
import type { RunContext } from './run-context.js';

/** Brings the context of a step to what the step calls without passing its context on. */
export interface Ambient {
  current(): RunContext | undefined;
  /** Puts a context around whatever work the function it gives is called with; none starts anew. */
  inside(context: RunContext | undefined): <T>(work: () => T) => T;
  /** A value that the step under way, or one around it, has set. */
  variable(name: string): unknown;
  /** Sets a value for the step under way and all that it calls. False outside of steps. */
  setVariable(name: string, value: unknown): boolean;
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

/** Runs a step with its context around it: until it returns, where its promise is kept, and at each pull of what it streams. */
export function runInside<In, Out, Chunk>(
  around: Ambient,
  node: Runnable<In, Out, Chunk>,
  input: Ready<In, unknown>,
  context: RunContext,
): Flow<Out, Chunk> {
  const inside = around.inside(context);
  const pulled = (ready: Ready<Out, Chunk>): Ready<Out, Chunk> => {
    if (!isChunks(ready)) return ready;
    const source = ready as Chunks<Out, Chunk>;
    const cursor = { next: () => inside(() => source.next()) };
    return chunks(() => cursor, source.fold, { return: () => inside(() => source.return()) });
  };
  const flow = inside(() => node.run(input, context));
  return isPromise(flow) ? inside(() => flow.then(pulled)) : pulled(flow);
}
