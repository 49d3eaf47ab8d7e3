import type { PromptValue } from '../messages/prompt-value.js';

/** What kind of work a run does; UIs and tracers show kinds differently. */
export type RunType = 'chain' | 'prompt' | 'chat_model' | 'llm' | 'parser' | 'tool' | 'retriever';

/** A run of one runnable, as events name it. */
export interface RunInfo {
  /** Unique; made when first read. */
  readonly id: string;
  /** Ids of the runs around it, the root first. */
  readonly parentIds: readonly string[];
  readonly parentId: string | undefined;
  readonly name: string;
  readonly type: RunType;
  readonly tags: readonly string[];
  readonly metadata: Readonly<Record<string, unknown>>;
  /** A chat model's input as the prompt that it reads; undefined in other runs, and for what reads as no messages. */
  prompt?(input: unknown): PromptValue | undefined;
}

/** A run has begun. `input` is left out when it arrives in chunks; the end has it then. */
export interface RunStartEvent {
  readonly type: 'run-start';
  readonly run: RunInfo;
  readonly input?: unknown;
}

/** A run has given a chunk of its output. A run without a stream gives its whole output as one, if chunks are wanted. */
export interface RunChunkEvent {
  readonly type: 'run-chunk';
  readonly run: RunInfo;
  readonly chunk: unknown;
}

/** A run has given its output. */
export interface RunEndEvent {
  readonly type: 'run-end';
  readonly run: RunInfo;
  readonly input: unknown;
  readonly output: unknown;
}

/** A run has failed. Of an input that arrives in chunks, it names what had arrived. */
export interface RunErrorEvent {
  readonly type: 'run-error';
  readonly run: RunInfo;
  readonly input: unknown;
  readonly error: unknown;
}

/** A run was stopped before its end: by a signal, a timeout, a reader that left, or because its result was not needed. */
export interface RunCancelEvent {
  readonly type: 'run-cancel';
  readonly run: RunInfo;
  readonly reason: unknown;
}

/** Something a step wanted to be known; see `dispatchCustomEvent`. */
export interface CustomEvent {
  readonly type: 'custom';
  readonly run: RunInfo;
  readonly name: string;
  readonly data: unknown;
}

/** What happens in a run. Each start is followed by exactly one end, error or cancel, the children's before their own. */
export type RunEvent =
  | RunStartEvent
  | RunChunkEvent
  | RunEndEvent
  | RunErrorEvent
  | RunCancelEvent
  | CustomEvent;
