import { arrayOf } from '../array-of.js';
import type { ModelCallOptions, RunnableConfig } from '../engine/config.js';
import { ConfigError } from '../errors.js';
import type { ToolChoice, ToolDefinition } from '../models/tool-definition.js';
import { toOpenAITool, type ToolLike } from './open-ai-tool.js';

export interface BindToolsOptions {
  /**
   * Whether the model may (`auto`), must (`required`, or `any`) or must not (`none`) call tools, or the name of the one
   * that it must call. Default: as the provider does without being told, which is `auto`.
   */
  readonly tool_choice?: ToolChoice | 'any' | (string & {}) | undefined;
}

/**
 * Tells every model inside a runnable of tools that it may call. Works on a model, on a model with retries or fallbacks
 * around it, in any order, and on a whole chain: the tools are bound as an option, which goes down to every step. The model
 * of a `toolLoop` inside is told the loop's own instead, and one `withStructuredOutput` is told that it must not call them.
 *
 * @throws ConfigError for what is no tool, for a schema that cannot be written as JSON Schema, for two tools of one name,
 *   and for a choice that is not among them
 *
 * @example
 * ```ts
 * import { AIMessage, bindTools } from '@pipewright/core';
 * import { ScriptedChatModel } from '@pipewright/core/testing';
 * import { z } from 'zod';
 *
 * const down = new ScriptedChatModel({ replies: [new Error('down')] });
 * const spare = new ScriptedChatModel({
 *   replies: [new AIMessage({ content: '', tool_calls: [{ id: '1', name: 'time', args: {} }] })],
 * });
 * const model = bindTools(down.withFallbacks([spare]), [{ name: 'time', schema: z.object({}) }]);
 * const answer = await model.invoke('What time is it?');
 * const name = answer.tool_calls[0]?.name; // 'time'
 * ```
 */
export function bindTools<Bound>(
  runnable: { withConfig(config: RunnableConfig): Bound },
  tools: readonly ToolLike[],
  options: BindToolsOptions = {},
): Bound {
  return runnable.withConfig(toolOptions(tools, options));
}

/** What a call tells a model of tools. */
export type ToolCallOptions = Pick<ModelCallOptions, 'tools' | 'tool_choice'>;

/** Tools as options of a model's call. No tools give no option: providers refuse an empty list. */
export function toolOptions(
  tools: readonly ToolLike[],
  { tool_choice }: BindToolsOptions = {},
): ToolCallOptions {
  const definitions = arrayOf(tools, 'tools').map(toOpenAITool);
  const names = new Set<string>();
  for (const { function: told } of definitions) {
    if (names.has(told.name)) {
      throw new ConfigError(
        'tools',
        `Two tools are called "${told.name}"; a model could not tell them apart.`,
      );
    }
    names.add(told.name);
  }
  const choice = tool_choice === undefined ? undefined : choiceOf(tool_choice, definitions);
  return {
    ...(definitions.length > 0 && { tools: definitions }),
    ...(choice !== undefined && { tool_choice: choice }),
  };
}

const MODES: ReadonlyMap<unknown, ToolChoice> = new Map<unknown, ToolChoice>([
  ['auto', 'auto'],
  ['none', 'none'],
  ['required', 'required'],
  ['any', 'required'],
]);

function choiceOf(choice: ToolChoice | 'any' | (string & {}), tools: readonly ToolDefinition[]): ToolChoice {
  const mode = MODES.get(choice);
  if (mode !== undefined) return mode;
  const name = typeof choice === 'string' ? choice : choice.function.name;
  if (!tools.some((tool) => tool.function.name === name)) {
    throw new ConfigError('tool_choice', `tool_choice names "${name}", which is none of the tools.`);
  }
  return { type: 'function', function: { name } };
}
