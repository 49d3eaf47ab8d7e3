import { asChunks } from '../flow/as-chunks.js';
import { chunksFrom, isChunks, type Chunks } from '../flow/chunks.js';
import { natural } from '../flow/folds.js';
import type { Flow } from '../flow/flow.js';
import type { Runnable } from '../runnable.js';
import { checkConfig, type RunnableConfig } from './config.js';
import { conclude } from './conclude.js';
import { Context, type RunMode } from './context.js';
import type { RunContext } from './run-context.js';
import { execute } from './execute.js';
import { runStream, type RunStream } from './run-stream.js';

const INVOKE: RunMode = { wants: 'value' };
const INVOKE_SYNC: RunMode = { wants: 'value', sync: true };
const STREAM: RunMode = { wants: 'chunks', alone: true };
const STREAM_SYNC: RunMode = { wants: 'chunks', sync: true, alone: true };

type Config = RunnableConfig | RunContext | undefined;

// Not an async function: giving a promise back from one takes three turns more of the event loop's queue.
export function invoke<In, Out, Chunk>(
  node: Runnable<In, Out, Chunk>,
  input: In,
  config: Config,
): Promise<Out> {
  try {
    const context = Context.begin(config, INVOKE);
    return Promise.resolve(context.settle(() => execute(node, input, context)));
  } catch (error) {
    return Promise.reject(error as Error);
  }
}

export function invokeSync<In, Out, Chunk>(node: Runnable<In, Out, Chunk>, input: In, config: Config): Out {
  const context = Context.begin(config, INVOKE_SYNC);
  return context.settle(() => execute(node, input, context)) as Out;
}

export function stream<In, Out, Chunk>(
  node: Runnable<In, Out, Chunk>,
  input: Flow<In, unknown>,
  config: Config,
): RunStream<Chunk, Out> {
  checkConfig(config);
  const start = () => {
    const context = Context.begin(config, STREAM);
    return { context, source: begin(node, input, context) };
  };
  return runStream(start, isChunks(input) ? input : undefined);
}

export function transform<In, Out, Chunk>(
  node: Runnable<In, Out, Chunk>,
  input: Iterable<unknown> | AsyncIterable<unknown>,
  config: Config,
): RunStream<Chunk, Out> {
  return stream(node, chunksFrom(input, natural) as Chunks<In, unknown>, config);
}

export function* streamSync<In, Out, Chunk>(
  node: Runnable<In, Out, Chunk>,
  input: In,
  config: Config,
): Generator<Chunk, Out> {
  const context = Context.begin(config, STREAM_SYNC);
  const source = begin(node, input, context);
  try {
    const total = source.fold();
    for (;;) {
      context.scope.throwIfAborted();
      // A synchronous run has refused promises by now.
      const step = source.next() as IteratorResult<Chunk, unknown>;
      if (step.done) return total.value();
      total.add(step.value);
      yield step.value;
    }
  } finally {
    source.return();
  }
}

function begin<In, Out, Chunk>(
  node: Runnable<In, Out, Chunk>,
  input: Flow<In, unknown>,
  context: Context,
): Chunks<Out, Chunk> {
  return asChunks(conclude(() => execute(node, input, context), context));
}
