import { ConfigError } from '../errors.js';
import type {
  CustomEvent,
  RunCancelEvent,
  RunChunkEvent,
  RunEndEvent,
  RunErrorEvent,
  RunEvent,
  RunStartEvent,
} from './events.js';
import { isLangChainHandler, langChainListener, type LangChainHandler } from './langchain-handler.js';
import type { Listener } from './observer.js';

/** Listens to the kinds of events it has methods for. */
export interface EventHandler {
  onStart?(event: RunStartEvent): unknown;
  onChunk?(event: RunChunkEvent): unknown;
  onEnd?(event: RunEndEvent): unknown;
  onError?(event: RunErrorEvent): unknown;
  onCancel?(event: RunCancelEvent): unknown;
  onCustom?(event: CustomEvent): unknown;
  /** Whether its failure fails the run. Default false: it is reported and the run goes on. */
  readonly raiseError?: boolean;
}

/** Who is told of events: a function of all of them, an object with a method per kind, or a handler as in LangChain. */
export type Callback = ((event: RunEvent) => unknown) | EventHandler | LangChainHandler;

/** A handler of every kind of event. */
export function everyEvent(notify: (event: RunEvent) => unknown): Required<Omit<EventHandler, 'raiseError'>> {
  return {
    onStart: notify,
    onChunk: notify,
    onEnd: notify,
    onError: notify,
    onCancel: notify,
    onCustom: notify,
  };
}

const known = new WeakMap<Callback, readonly Listener[]>();

/** Callbacks as the engine calls them. The same callback gives the same listeners every time. */
export function listenersOf(callbacks: readonly Callback[]): Listener[] {
  return callbacks.flatMap((callback) => {
    if (callback === null || (typeof callback !== 'object' && typeof callback !== 'function')) {
      throw new ConfigError(
        'callbacks',
        `callbacks holds a ${typeof callback}; give functions or handler objects.`,
      );
    }
    let listeners = known.get(callback);
    if (listeners === undefined) known.set(callback, (listeners = listenersIn(callback)));
    return listeners;
  });
}

/** An object may have methods of both kinds of handlers. */
function listenersIn(callback: Callback): readonly Listener[] {
  if (typeof callback === 'function') return [{ notify: callback, wantsChunks: false, raiseError: false }];
  const handler = callback as EventHandler;
  const listener: Listener = {
    notify: (event) => handler[METHOD[event.type]]?.(event as never),
    wantsChunks: handler.onChunk !== undefined,
    raiseError: handler.raiseError === true,
  };
  return isLangChainHandler(callback) ? [listener, langChainListener(callback)] : [listener];
}

const METHOD = {
  'run-start': 'onStart',
  'run-chunk': 'onChunk',
  'run-end': 'onEnd',
  'run-error': 'onError',
  'run-cancel': 'onCancel',
  custom: 'onCustom',
} as const satisfies Record<RunEvent['type'], keyof EventHandler>;
