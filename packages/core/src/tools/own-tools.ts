import type { ModelCallOptions } from '../engine/config.js';
import type { RunContext } from '../engine/run-context.js';

/**
 * The run as the model of a loop, or of one form of answer, sees it. Of tools it is told what its own options say and
 * nothing else: those of a `bindTools` around it, or a choice among them, are not for it.
 */
export function withOwnTools(context: RunContext, own: ModelCallOptions): RunContext {
  const { tools, tool_choice } = context.config;
  const isOutside = tools !== undefined || tool_choice !== undefined;
  const unsaid = own.tools === undefined ? 'none' : 'auto';
  return context.telling(isOutside ? { tool_choice: unsaid, ...own } : own);
}
