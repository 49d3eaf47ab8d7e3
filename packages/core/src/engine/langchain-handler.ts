import { isAIMessage } from '../messages/is-message.js';
import { anyJson } from './any-json.js';
import type { RunEvent, RunInfo, RunType } from './events.js';
import type { Listener } from './observer.js';

type Handle = (...details: never[]) => unknown;

/** What makes a handler one of LangChain's. Other methods that begin with `handle` may be anybody's. */
const METHODS = [
  'handleChainStart',
  'handleChainEnd',
  'handleChainError',
  'handleChatModelStart',
  'handleLLMStart',
  'handleLLMNewToken',
  'handleLLMEnd',
  'handleLLMError',
  'handleToolStart',
  'handleToolEnd',
  'handleToolError',
  'handleRetrieverStart',
  'handleRetrieverEnd',
  'handleRetrieverError',
  'handleCustomEvent',
] as const;

/** The methods of a LangChain callback handler that have a meaning here; each is called with LangChain's arguments. */
export interface LangChainHandler extends Partial<Record<(typeof METHODS)[number], Handle>> {
  readonly raiseError?: boolean;
  /** Whether models stream for it even where only a value is wanted. Default: if it takes tokens and is no tracer. */
  readonly lc_prefer_streaming?: boolean;
  readonly ignoreLLM?: boolean;
  readonly ignoreChain?: boolean;
  /** Silences `handleTool...`. */
  readonly ignoreAgent?: boolean;
  readonly ignoreRetriever?: boolean;
  readonly ignoreCustomEvent?: boolean;
}

export function isLangChainHandler(callback: object): callback is LangChainHandler {
  return METHODS.some((name) => typeof (callback as LangChainHandler)[name] === 'function');
}

/** Tells a LangChain handler of events in the words it knows. A cancelled run is an error there. */
export function langChainListener(handler: LangChainHandler): Listener {
  const call = (method: keyof LangChainHandler, ...details: readonly unknown[]): unknown =>
    (handler[method] as ((...details: readonly unknown[]) => unknown) | undefined)?.(...details);
  return {
    notify: (event) => {
      const family = event.type === 'custom' ? 'CustomEvent' : FAMILY[event.run.type];
      if (ignores(handler, family)) return undefined;
      return tell(handler, family, event, call);
    },
    wantsChunks:
      handler.lc_prefer_streaming ?? (handler.handleLLMNewToken !== undefined && !isTracer(handler)),
    raiseError: handler.raiseError === true,
  };
}

/** Every tracer of LangChain's takes tokens, as its base does; that one is attached is no reason to stream. */
function isTracer(handler: LangChainHandler): boolean {
  return '_addRunToRunMap' in handler;
}

type Family = 'Chain' | 'LLM' | 'Tool' | 'Retriever' | 'CustomEvent';

const FAMILY: Readonly<Record<RunType, Family>> = {
  chain: 'Chain',
  prompt: 'Chain',
  parser: 'Chain',
  chat_model: 'LLM',
  llm: 'LLM',
  tool: 'Tool',
  retriever: 'Retriever',
};

function ignores(handler: LangChainHandler, family: Family): boolean {
  return handler[`ignore${family === 'Tool' ? 'Agent' : family}`] === true;
}

type Call = (method: keyof LangChainHandler, ...details: readonly unknown[]) => unknown;

function tell(handler: LangChainHandler, family: Family, event: RunEvent, call: Call): unknown {
  const { run } = event;
  const who = [run.id, run.parentId] as const;
  // Only the end of a chain knows an input that arrived in chunks.
  const tellEnd = (kind: 'End' | 'Error', result: unknown, input: unknown): unknown => {
    const more = family === 'Chain' && input !== undefined ? [{ inputs: inputOf(input) }] : [];
    return call(`handle${family}${kind}` as keyof LangChainHandler, result, ...who, run.tags, ...more);
  };
  switch (event.type) {
    case 'run-start':
      return tellStart(handler, family, run, event.input, call);
    case 'run-chunk': {
      if (family !== 'LLM') return undefined;
      const text = textOf(event.chunk);
      const fields = { chunk: { text, message: event.chunk } };
      return call('handleLLMNewToken', text, { prompt: 0, completion: 0 }, ...who, run.tags, fields);
    }
    case 'run-end':
      return tellEnd('End', resultOf(family, event.output), event.input);
    case 'run-error':
      return tellEnd('Error', event.error, event.input);
    case 'run-cancel':
      return tellEnd('Error', event.reason, undefined);
    case 'custom':
      return call('handleCustomEvent', event.name, event.data, run.id, run.tags, run.metadata);
  }
}

function tellStart(
  handler: LangChainHandler,
  family: Family,
  run: RunInfo,
  input: unknown,
  call: Call,
): unknown {
  const serialized = { lc: 1, type: 'not_implemented', id: ['pipewright', run.name] };
  const { id, parentId, tags, metadata, name } = run;
  if (family === 'LLM') {
    const prompt = run.prompt?.(input);
    return prompt === undefined || handler.handleChatModelStart === undefined
      ? call('handleLLMStart', serialized, [textOf(prompt ?? input)], id, parentId, {}, tags, metadata, name)
      : call(
          'handleChatModelStart',
          serialized,
          [prompt.toMessages()],
          id,
          parentId,
          {},
          tags,
          metadata,
          name,
        );
  }
  if (family === 'Tool' || family === 'Retriever') {
    const text = typeof input === 'string' ? input : anyJson(input);
    return call(`handle${family}Start`, serialized, text, id, parentId, tags, metadata, name);
  }
  return call('handleChainStart', serialized, inputOf(input), id, parentId, tags, metadata, run.type, name);
}

/** Chains there take and give objects; anything else is put under one key. */
function inputOf(input: unknown): unknown {
  return typeof input === 'object' && input !== null ? input : { input };
}

function resultOf(family: Family, output: unknown): unknown {
  if (family === 'LLM') return { generations: [[{ text: textOf(output), message: output }]] };
  if (family === 'Chain') return typeof output === 'object' && output !== null ? output : { output };
  return output;
}

function textOf(value: unknown): string {
  if (isAIMessage(value)) return value.text;
  const text = (value as { readonly text?: unknown } | null | undefined)?.text;
  return typeof text === 'string' ? text : String(value);
}
