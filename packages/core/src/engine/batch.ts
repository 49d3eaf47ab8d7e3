import { ConfigError } from '../errors.js';
import { isPromise, type MaybePromise } from '../flow/promise.js';
import type { Interceptor } from '../interceptors/interceptor.js';
import type { Runnable } from '../runnable.js';
import { checkConcurrency, type RunnableConfig } from './config.js';
import { Context } from './context.js';
import type { RunContext } from './run-context.js';
import { execute } from './execute.js';

export interface BatchOptions {
  /** As in the config, which wins where both are given. */
  readonly maxConcurrency?: number;
  /** Put what an item threw in its place and go on with the others. Default false. */
  readonly returnExceptions?: boolean;
}

type BatchConfig = RunnableConfig | RunContext | readonly RunnableConfig[] | undefined;

export async function batch<In, Out, Chunk>(
  node: Runnable<In, Out, Chunk>,
  inputs: readonly In[],
  config: BatchConfig,
  options: BatchOptions = {},
): Promise<Out[]> {
  const { shared, ownConfig } = plan(node, inputs, config, options, false);
  const outputs: unknown[] = new Array(inputs.length);
  const run = (index: number): MaybePromise<void> => {
    const context = shared.item(ownConfig(index));
    const keep = (output: unknown): void => {
      outputs[index] = output;
    };
    const excuse = (error: unknown): void => {
      if (!options.returnExceptions || shared.scope.aborted) throw error;
      outputs[index] = error;
    };
    try {
      const output = context.settle(() => execute(node, inputs[index] as In, context));
      return isPromise(output) ? output.then(keep, excuse) : keep(output);
    } catch (error) {
      return excuse(error);
    }
  };
  return shared.settle(async () => {
    try {
      await shared.pool?.each(inputs.length, run);
      return outputs as Out[];
    } catch (error) {
      // The others are stopped; what they do with that is nobody's concern any more.
      shared.scope.abort(error);
      throw error;
    }
  });
}

export function batchSync<In, Out, Chunk>(
  node: Runnable<In, Out, Chunk>,
  inputs: readonly In[],
  config: BatchConfig,
  options: BatchOptions = {},
): Out[] {
  const { shared, ownConfig } = plan(node, inputs, config, options, true);
  return shared.settle(() =>
    inputs.map((input, index) => {
      const context = shared.item(ownConfig(index));
      try {
        return context.settle(() => execute(node, input, context)) as Out;
      } catch (error) {
        if (!options.returnExceptions || shared.scope.aborted) throw error;
        return error as Out;
      }
    }),
  ) as Out[];
}

/** The context that the items have in common, and what each has to itself. */
function plan(
  node: object,
  inputs: readonly unknown[],
  config: BatchConfig,
  options: BatchOptions,
  sync: boolean,
): { readonly shared: Context; readonly ownConfig: (index: number) => RunnableConfig | undefined } {
  if (!Array.isArray(inputs)) {
    throw new ConfigError('inputs', 'batch() needs an array of inputs; for a single input call invoke().');
  }
  if (options.maxConcurrency !== undefined) checkConcurrency(options.maxConcurrency);
  if (isConfigList(config)) {
    if (config.length !== inputs.length) {
      throw new ConfigError(
        'config',
        `batch() got ${inputs.length} inputs and ${config.length} configs; give one config for all, or one for each input.`,
      );
    }
    // Of configs that were spread from a context, the first one tells which run the batch belongs to.
    const around = config.map((own) => Context.surrounding(own ?? {})).find((found) => found !== undefined);
    return {
      shared: Context.begin(around, { wants: 'value', sync }).pooled(limitOf(node, config[0], options)),
      ownConfig: (index) => config[index],
    };
  }
  // Each item is a run with a time limit of its own; everything else is shared.
  const { timeout, runId, ...common } = (config ?? {}) as RunnableConfig;
  const first: RunnableConfig = {
    ...(timeout !== undefined && { timeout }),
    ...(runId !== undefined && { runId }),
  };
  const others: RunnableConfig | undefined = timeout === undefined ? undefined : { timeout };
  return {
    shared: Context.begin(common, { wants: 'value', sync }).pooled(limitOf(node, common, options)),
    ownConfig: (index) => (index === 0 ? first : others),
  };
}

/** How many items run at once: as the call says, else as `withConfig` has bound it. */
export function limitOf(
  node: object,
  config: RunnableConfig | undefined,
  options: BatchOptions,
): number | undefined {
  return config?.maxConcurrency ?? options.maxConcurrency ?? boundLimit(node);
}

function boundLimit(node: object): number | undefined {
  const { around, bound } = node as { readonly around?: Interceptor; readonly bound: object };
  if (around === undefined) return undefined;
  const { maxConcurrency } = (around.kind === 'Config' ? around.options : {}) as RunnableConfig;
  return maxConcurrency ?? boundLimit(bound);
}

function isConfigList(config: BatchConfig): config is readonly RunnableConfig[] {
  return Array.isArray(config);
}
