import type { RunContext } from '../engine/run-context.js';
import { ConfigError } from '../errors.js';
import type { Flow } from '../flow/flow.js';
import type { AIMessage } from '../messages/ai.js';
import type { BaseMessage } from '../messages/message.js';
import { toolOptions } from './bind-tools.js';
import { tellError, throwError, type ToolErrorHandler } from './call-tool.js';
import { toolIn, type ToolRunnable } from './open-ai-tool.js';
import { withOwnTools } from './own-tools.js';
import type { ToolLoopModel, ToolLoopOptions } from './tool-loop.js';

/** What every run of a loop shares; nothing of it changes. */
export interface ToolLoopPlan {
  /** Asks the model for the answer of a step, the first being 1. */
  readonly ask: (
    messages: readonly BaseMessage[],
    step: number,
    context: RunContext,
  ) => Flow<AIMessage, AIMessage>;
  readonly tools: ReadonlyMap<string, ToolRunnable>;
  /** Names of the tools whose result ends the loop. */
  readonly direct: ReadonlySet<string>;
  readonly handle: ToolErrorHandler;
  readonly maxSteps: number;
}

const DEFAULT_MAX_STEPS = 10;

/**
 * What a loop goes by.
 *
 * @throws ConfigError for tools and options that cannot work
 */
export function toolLoopPlan(
  model: ToolLoopModel,
  tools: readonly ToolRunnable[],
  { maxSteps = DEFAULT_MAX_STEPS, handleToolErrors = true, tool_choice }: ToolLoopOptions,
): ToolLoopPlan {
  if (!(Number.isInteger(maxSteps) && maxSteps >= 1)) {
    throw new ConfigError('maxSteps', `maxSteps is ${String(maxSteps)}; give a whole number of at least 1.`);
  }
  const first = toolOptions(tools, { tool_choice });
  const later = toolOptions(tools);
  const named = tools.map((tool) => ({ tool, inner: toolIn(tool) }));
  return {
    ask: (messages, step, context) =>
      withOwnTools(context, step === 1 ? first : later).run(model, messages, 'loop:model', step),
    tools: new Map(named.map(({ tool, inner }) => [inner.name, tool])),
    direct: new Set(named.filter(({ inner }) => inner.returnDirect).map(({ inner }) => inner.name)),
    handle:
      typeof handleToolErrors === 'function' ? handleToolErrors : handleToolErrors ? tellError : throwError,
    maxSteps,
  };
}
