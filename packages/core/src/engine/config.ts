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

/** Refuses option values that cannot work, before anything is started. One that is null counts as left out. */
export function checkConfig(config: RunnableConfig | null | undefined): void {
  if (config == null) return;
  if (typeof config !== 'object') {
    throw new ConfigError('config', `The config is ${describe(config)}; give an object such as { signal }.`);
  }
  for (const [option, value] of Object.entries(config)) {
    const check = CHECKS.get(option);
    if (value == null || check === undefined) continue;
    const [works, advice] = check;
    if (works(value)) continue;
    const given = typeof value === 'number' ? value : describe(value);
    throw new ConfigError(option, `${option} is ${given}; give ${advice}.`);
  }
}

/** Refuses a concurrency that is not a whole number from 1, or Infinity. */
export function checkConcurrency(maxConcurrency: number): void {
  checkConfig({ maxConcurrency });
}

/** Whether a value can work, and what to give instead of one that cannot. */
type Check = readonly [works: (value: unknown) => boolean, advice: string];

const isRecord = (value: unknown): boolean => typeof value === 'object' && !Array.isArray(value);
const isCount = (value: unknown): boolean => Number.isInteger(value) && (value as number) >= 1;
const isTime = (value: unknown): boolean => typeof value === 'number' && value > 0 && value <= MAX_TIMER_MS;
const isSignal = (value: unknown): boolean => typeof (value as AbortSignal).addEventListener === 'function';

const CHECKS: ReadonlyMap<string, Check> = new Map<string, Check>([
  ['tags', [Array.isArray, 'an array of texts']],
  ['callbacks', [Array.isArray, 'an array of functions or handler objects']],
  ['metadata', [isRecord, 'an object']],
  ['configurable', [isRecord, 'an object']],
  ['signal', [isSignal, 'an AbortSignal, as `controller.signal` is one']],
  [
    'timeout',
    [isTime, `milliseconds greater than 0 and at most ${MAX_TIMER_MS}, or leave it out for no limit`],
  ],
  ['recursionLimit', [isCount, 'a whole number of at least 1']],
  [
    'maxConcurrency',
    [
      (value) => value === Number.POSITIVE_INFINITY || isCount(value),
      'a whole number of at least 1, or write Infinity for no limit',
    ],
  ],
]);

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
