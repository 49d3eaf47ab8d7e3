import { SyncInvocationError } from '../errors.js';
import { chunks, closeQuietly, discard, isChunks, whole, type Chunks, type Cursor } from '../flow/chunks.js';
import type { Flow, Ready } from '../flow/flow.js';
import { ignore, isPromise } from '../flow/promise.js';
import { lacking } from '../lacking.js';
import type { Runnable } from '../runnable.js';
import { runInside } from './ambient.js';
import type { Context } from './context.js';
import { observe } from './observe.js';

/**
 * Runs one node: the only caller of `Runnable.run`. Waits for the input, refuses to go on once the run is stopped, and
 * adds incoming chunks up for a node that works on values.
 */
export function execute<In, Out, Chunk>(
  node: Runnable<In, Out, Chunk>,
  input: Flow<In, unknown>,
  context: Context,
): Flow<Out, Chunk> {
  if (isPromise(input)) return input.then((ready) => execute(node, ready, context));
  if (isChunks(input)) return executeOnChunks(node, input as Chunks<In, unknown>, context);
  return enter(node, input as In, context);
}

function executeOnChunks<In, Out, Chunk>(
  node: Runnable<In, Out, Chunk>,
  input: Chunks<In, unknown>,
  context: Context,
): Flow<Out, Chunk> {
  try {
    if (node.consumes === 'chunks') return enter(node, input, context);
    context.scope.throwIfAborted();
    return execute(node, whole(input, context.scope), context);
  } catch (error) {
    closeQuietly(input);
    throw error;
  }
}

function enter<In, Out, Chunk>(
  node: Runnable<In, Out, Chunk>,
  input: Ready<In, unknown>,
  context: Context,
): Flow<Out, Chunk> {
  context.scope.throwIfAborted();
  if (context.observer !== undefined && node.traced) {
    return observe(node, input, context, (given, inside) => run(node, given, inside));
  }
  return run(node, input, context.named && node.traced ? context.unnamed() : context);
}

function run<In, Out, Chunk>(
  node: Runnable<In, Out, Chunk>,
  input: Ready<In, unknown>,
  context: Context,
): Flow<Out, Chunk> {
  let flow: Flow<Out, Chunk>;
  try {
    const { ambient } = context;
    flow = ambient === undefined ? node.run(input, context) : runInside(ambient, node, input, context);
  } catch (error) {
    // Looked at only now: every step comes by here.
    throw node.run === undefined ? lacking(node, 'run()') : error;
  }
  return context.sync ? demandSync(node, flow) : flow;
}

/** In a synchronous run: refuses promises, and chunks that turn out to arrive by promises, naming the step. */
function demandSync<Out, Chunk>(
  node: Runnable<never, Out, Chunk>,
  flow: Flow<Out, Chunk>,
): Ready<Out, Chunk> {
  if (isPromise(flow)) {
    discard(flow);
    throw new SyncInvocationError(node.getName());
  }
  if (!isChunks(flow)) return flow as Out;
  const source = flow as Chunks<Out, Chunk>;
  const checked: Cursor<Chunk> = {
    next: () => {
      const step = source.next();
      if (!isPromise(step)) return step;
      ignore(step);
      throw new SyncInvocationError(node.getName());
    },
  };
  return chunks(() => checked, source.fold, source);
}
