import { describe } from '../describe.js';
import { ConfigError } from '../errors.js';
import type { ResponseFormat, ToolChoice, ToolDefinition } from '../models/tool-definition.js';
import type { Callback } from './callbacks.js';
import { MAX_TIMER_MS } from './clock.js';
import { joinCacheSettings, type LlmCacheSetting } from '../cache/cache-options.js';

/** What a call can tell a model, besides its messages. Every provider reads these names; `modelKwargs` carries the rest. */
export interface ModelCallOptions {
  /** Texts that end the answer. */
  readonly stop?: readonly string[];
  readonly temperature?: number;
  readonly topP?: number;
  /** Upper bound of the answer, in tokens. */
  readonly maxTokens?: number;
  readonly seed?: number;
  /** Tools that the model may call. */
  readonly tools?: readonly ToolDefinition[];
  /** Whether it may, must or must not call them, or which one. */
  readonly tool_choice?: ToolChoice;
  /** The form of the answer's text. */
  readonly response_format?: ResponseFormat;
  /** Further fields of the provider's request body, as they are. */
  readonly modelKwargs?: Readonly<Record<string, unknown>>;
  /** Whether and where this call's answer is cached. Default: as the model says, else the global cache. */
  readonly cache?: LlmCacheSetting;
}

/** Options of one call. All but `runName` and `runId` go down to every step. */
export interface RunnableConfig extends ModelCallOptions {
  /** Labels of the run, for events and filters. */
  readonly tags?: readonly string[];
  /** Data about the run, for events. */
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** Who is told what happens in the run: functions of every event, handlers with a method for each kind. */
  readonly callbacks?: readonly Callback[];
  /** Name of the root run in events. Default: the runnable's own. */
  readonly runName?: string;
  /** Id of the root run. Default: made when somebody listens. */
  readonly runId?: string;
  /** Values handed to every step. */
  readonly configurable?: Readonly<Record<string, unknown>>;
  /**
   * How many items and branches run at once, in this call and everything inside it: a whole number from 1, or Infinity.
   * Default: 16 for the items of a batch, no limit for branches.
   */
  readonly maxConcurrency?: number;
  /** How deep runnables may start each other. Default 25. */
  readonly recursionLimit?: number;
  /** Limit of the whole run in milliseconds. Default: none. */
  readonly timeout?: number;
  /** Stops the run; it rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Refuses option values that cannot work, before anything is started. */
export function checkConfig(config: RunnableConfig): void {
  if (config.maxConcurrency !== undefined) checkConcurrency(config.maxConcurrency);
  const { timeout, recursionLimit, callbacks } = config;
  if (callbacks !== undefined && !Array.isArray(callbacks)) {
    throw new ConfigError(
      'callbacks',
      `callbacks is ${describe(callbacks)}; give an array of functions or handler objects.`,
    );
  }
  if (timeout !== undefined && !(typeof timeout === 'number' && timeout > 0 && timeout <= MAX_TIMER_MS)) {
    throw new ConfigError(
      'timeout',
      `timeout is ${String(timeout)}; give milliseconds greater than 0 and at most ${MAX_TIMER_MS}, or leave it out for no limit.`,
    );
  }
  if (recursionLimit !== undefined && !(Number.isInteger(recursionLimit) && recursionLimit >= 1)) {
    throw new ConfigError(
      'recursionLimit',
      `recursionLimit is ${String(recursionLimit)}; give a whole number of at least 1.`,
    );
  }
}

/** Refuses a concurrency that is not a whole number from 1, or Infinity. */
export function checkConcurrency(value: number): void {
  if (value === Number.POSITIVE_INFINITY || (Number.isInteger(value) && value >= 1)) return;
  throw new ConfigError(
    'maxConcurrency',
    `maxConcurrency is ${String(value)}; give a whole number of at least 1, or write Infinity for no limit.`,
  );
}

/**
 * Joins two configs; the second one wins. Tags are united, metadata and configurable are joined key by key, the smaller
 * timeout holds, and either signal aborts.
 */
export function mergeConfigs(base: RunnableConfig, over: RunnableConfig): RunnableConfig {
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    if (value === undefined || value === null) continue;
    const join = JOIN.get(key);
    merged[key] = join === undefined ? value : join(merged[key], value);
  }
  return merged;
}

type Join = (base: unknown, over: unknown) => unknown;

const joinRecords: Join = (base, over) => ({ ...(base as object | undefined), ...(over as object) });

const JOIN: ReadonlyMap<string, Join> = new Map<string, Join>([
  ['cache', (base, over) => joinCacheSettings(base as LlmCacheSetting, over as LlmCacheSetting)],
  ['tags', (base, over) => [...new Set([...((base as string[] | undefined) ?? []), ...(over as string[])])]],
  ['metadata', joinRecords],
  ['configurable', joinRecords],
  ['modelKwargs', joinRecords],
  ['timeout', (base, over) => (base === undefined ? over : Math.min(base as number, over as number))],
  [
    'signal',
    (base, over) =>
      base === undefined || base === over
        ? over
        : AbortSignal.any([base as AbortSignal, over as AbortSignal]),
  ],
]);
