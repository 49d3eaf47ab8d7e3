import { ConfigError } from '../errors.js';
import type { SyncMachine } from '../flow/machine.js';
import { anyJson } from './any-json.js';
import type { RunnableConfig } from './config.js';
import type { AIMessageChunk } from '../messages/ai-chunk.js';
import type { AIMessage } from '../messages/ai.js';
import type { RunEvent, RunInfo, RunType } from './events.js';

interface EventOf<Event extends string, Data> {
  /** `on_<type>_<start|stream|end|error>`, or `on_custom_event`. */
  readonly event: Event;
  readonly name: string;
  readonly run_id: string;
  readonly parent_ids: readonly string[];
  readonly tags: readonly string[];
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly data: Data;
}

/** What a kind of run is told with: its chunks and its output. */
type EventsOf<Type extends RunType, Chunk, Out> =
  | EventOf<`on_${Type}_start`, { readonly input?: unknown }>
  | EventOf<`on_${Type}_stream`, { readonly chunk: Chunk }>
  | EventOf<`on_${Type}_end`, { readonly input?: unknown; readonly output: Out }>
  | EventOf<`on_${Type}_error`, { readonly error: unknown }>;

/** An event in the shape that LangChain gives it in version 2; `event` tells what its `data` holds. */
export type StreamEvent =
  | EventsOf<'chat_model', AIMessageChunk, AIMessage>
  | EventsOf<Exclude<RunType, 'chat_model'>, unknown, unknown>
  | EventOf<'on_custom_event', unknown>;

/** Which events are given, and how. A run counts by its own name, type and tags. */
export interface StreamEventOptions {
  /** The only one there is. */
  readonly version: 'v2';
  readonly includeNames?: readonly string[];
  readonly includeTypes?: readonly string[];
  readonly includeTags?: readonly string[];
  readonly excludeNames?: readonly string[];
  readonly excludeTypes?: readonly string[];
  readonly excludeTags?: readonly string[];
  /** As UTF-8 frames of server-sent events instead of objects, an `end` event last. */
  readonly encoding?: 'text/event-stream';
}

export function streamEventMachine(options: StreamEventOptions & RunnableConfig): {
  readonly machine: () => SyncMachine<RunEvent, StreamEvent>;
  readonly encoding: StreamEventOptions['encoding'];
  readonly config: RunnableConfig;
} {
  const {
    version,
    includeNames,
    includeTypes,
    includeTags,
    excludeNames,
    excludeTypes,
    excludeTags,
    encoding,
    ...config
  } = options ?? {};
  if (version !== 'v2') {
    throw new ConfigError(
      'version',
      `streamEvents() has one version: pass { version: 'v2' }; got ${String(version)}.`,
    );
  }
  const passes = ({ name, type, tags }: RunInfo): boolean => {
    const included =
      (includeNames ?? includeTypes ?? includeTags) === undefined ||
      includeNames?.includes(name) === true ||
      includeTypes?.includes(type) === true ||
      tags.some((tag) => includeTags?.includes(tag) === true);
    const excluded =
      excludeNames?.includes(name) === true ||
      excludeTypes?.includes(type) === true ||
      tags.some((tag) => excludeTags?.includes(tag) === true);
    return included && !excluded;
  };
  const machine = (): SyncMachine<RunEvent, StreamEvent> => ({
    push: (event) => {
      const shaped = passes(event.run) ? shape(event) : undefined;
      return shaped === undefined ? [] : [shaped];
    },
    end: () => [],
  });
  return { machine, encoding, config };
}

/** Runs whose output is one whole thing: a stream of one chunk would say nothing. */
const UNSTREAMED: ReadonlySet<string> = new Set(['prompt', 'tool', 'retriever']);

function shape(event: RunEvent): StreamEvent | undefined {
  const { run } = event;
  switch (event.type) {
    case 'run-start':
      return named(run, 'start', 'input' in event ? { input: inputOf(run, event.input) } : {});
    case 'run-chunk':
      return UNSTREAMED.has(run.type) ? undefined : named(run, 'stream', { chunk: event.chunk });
    case 'run-end': {
      const { input, output } = event;
      return named(run, 'end', isRoot(run) ? { output } : { input: inputOf(run, input), output });
    }
    case 'run-error':
      return named(run, 'error', { error: event.error });
    case 'run-cancel':
      return named(run, 'error', { error: event.reason });
    case 'custom':
      return { ...named(run, 'custom', event.data), event: 'on_custom_event', name: event.name };
  }
}

function isRoot(run: RunInfo): boolean {
  return run.parentId === undefined;
}

/** The input of a chat model inside a chain is told as messages, in a list of one; that of the root, as it was given. */
function inputOf(run: RunInfo, input: unknown): unknown {
  const prompt = isRoot(run) ? undefined : run.prompt?.(input);
  return prompt === undefined ? input : { messages: [prompt.toMessages()] };
}

function named(run: RunInfo, kind: string, data: unknown): StreamEvent {
  return {
    event: `on_${run.type}_${kind}`,
    name: run.name,
    run_id: run.id,
    parent_ids: run.parentIds,
    tags: run.tags,
    metadata: run.metadata,
    data,
  } as StreamEvent;
}

const utf8 = new TextEncoder();

/** Events as frames of server-sent events. */
export function encoded(machine: SyncMachine<RunEvent, StreamEvent>): SyncMachine<RunEvent, Uint8Array> {
  const frame = (event: StreamEvent): Uint8Array => utf8.encode(`event: data\ndata: ${toLine(event)}\n\n`);
  return {
    push: (event) => machine.push(event).map(frame),
    end: () => [...machine.end().map(frame), utf8.encode('event: end\n\n')],
  };
}

/** On one line: JSON escapes every line break but two. */
function toLine(event: StreamEvent): string {
  return anyJson(event).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
}
