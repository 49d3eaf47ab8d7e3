import { asChunks } from '../flow/as-chunks.js';
import type { Chunks } from '../flow/chunks.js';
import { list } from '../flow/folds.js';
import { transduce } from '../flow/machine.js';
import type { Runnable } from '../runnable.js';
import { everyEvent, type Callback } from './callbacks.js';
import { conclude } from './conclude.js';
import { checkConfig, type RunnableConfig } from './config.js';
import { Context } from './context.js';
import { EventQueue } from './event-queue.js';
import type { RunEvent } from './events.js';
import { execute } from './execute.js';
import type { RunContext } from './run-context.js';
import { runStream, type RunStream } from './run-stream.js';
import { encoded, streamEventMachine, type StreamEvent, type StreamEventOptions } from './stream-event.js';

type Config = RunnableConfig | RunContext | undefined;

/** Everything that happens in a run, as it happens. Models stream in it also where only their value is wanted. */
export function events<In, Out, Chunk>(
  node: Runnable<In, Out, Chunk>,
  input: In,
  config: Config,
): RunStream<RunEvent, RunEvent[]> {
  return eventStream(node, input, config, (source) => source);
}

/** The same in the shape that LangChain gives events, version 2. */
export function streamEvents<In, Out, Chunk>(
  node: Runnable<In, Out, Chunk>,
  input: In,
  options: StreamEventOptions & RunnableConfig,
): RunStream<StreamEvent, StreamEvent[]> | RunStream<Uint8Array, Uint8Array[]> {
  const { machine, encoding, config } = streamEventMachine(options);
  if (encoding === undefined) {
    return eventStream(
      node,
      input,
      config,
      (source) => transduce(source as never, machine(), list, 'chunks') as Chunks<StreamEvent[], StreamEvent>,
    );
  }
  return eventStream(
    node,
    input,
    config,
    (source) =>
      transduce(source as never, encoded(machine()), list, 'chunks') as Chunks<Uint8Array[], Uint8Array>,
  );
}

function eventStream<In, Out, Chunk, Event>(
  node: Runnable<In, Out, Chunk>,
  input: In,
  config: Config,
  shape: (events: Chunks<RunEvent[], RunEvent>) => Chunks<Event[], Event>,
): RunStream<Event, Event[]> {
  checkConfig(config);
  return runStream(() => {
    const queue = new EventQueue();
    const given: readonly Callback[] = (config as RunnableConfig | undefined)?.callbacks ?? [];
    const heard = { ...config, callbacks: [...given, everyEvent(queue.notify)] } as RunnableConfig;
    const context = Context.begin(heard, { wants: 'chunks', alone: true });
    const start = (): Chunks<Out, Chunk> => asChunks(conclude(() => execute(node, input, context), context));
    return { context, source: shape(queue.driving(start as () => Chunks<unknown, unknown>)) };
  });
}
