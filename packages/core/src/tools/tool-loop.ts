import type { RunContext } from '../engine/run-context.js';
import { chunks } from '../flow/chunks.js';
import type { Flow, Ready } from '../flow/flow.js';
import { changedFields } from '../interceptors/configurable.js';
import type { AIMessage } from '../messages/ai.js';
import type { BaseMessage } from '../messages/message.js';
import { toMessages, type ChatModelInput } from '../models/chat-model.js';
import type { ToolChoice } from '../models/tool-definition.js';
import type { Manifest } from '../manifest.js';
import { coerce, Runnable, type Children } from '../runnable.js';
import type { ToolErrorHandler } from './call-tool.js';
import type { ToolRunnable } from './open-ai-tool.js';
import { ToolLoopCursor } from './tool-loop-cursor.js';
import { toolLoopFold, type ToolLoopChunk, type ToolLoopMessage } from './tool-loop-fold.js';
import { toolLoopPlan, type ToolLoopPlan } from './tool-loop-plan.js';

/** A model as a loop asks it: a chat model, with or without wrappers, or a chain from messages to an answer. */
export type ToolLoopModel = Runnable<readonly BaseMessage[], AIMessage, AIMessage>;

export interface ToolLoopOptions {
  /** How many answers the model may give in a run. Default 10. */
  readonly maxSteps?: number;
  /**
   * What becomes of a failed call: `true`, the default, tells the model the error's message; a function says what the
   * model is told, or throws; `false` ends the loop with the error.
   */
  readonly handleToolErrors?: boolean | ToolErrorHandler;
  /**
   * As in `bindTools`, for the first answer only: a model that must call tools in every answer would never end. What is
   * bound or said around the loop, of tools or of a choice, does not reach its model.
   */
  readonly tool_choice?: ToolChoice | 'any' | (string & {});
  /** Name in events and graphs. Default 'ToolLoop'. */
  readonly name?: string;
}

/** A model and the tools that it calls until it answers without; see `toolLoop`. */
export class ToolLoop extends Runnable<ChatModelInput, ToolLoopMessage[], ToolLoopChunk> {
  readonly name: string;
  readonly model: ToolLoopModel;
  readonly tools: readonly ToolRunnable[];
  readonly options: ToolLoopOptions;
  readonly plan: ToolLoopPlan;

  constructor(
    fields: ToolLoopOptions & { readonly model: ToolLoopModel; readonly tools: readonly ToolRunnable[] },
  ) {
    super();
    const { model, tools, ...options } = fields;
    this.name = options.name ?? 'ToolLoop';
    this.model = coerce(model, 'model') as ToolLoopModel;
    this.tools = tools;
    this.options = options;
    this.plan = toolLoopPlan(this.model, tools, options);
  }

  override get children(): Children {
    return {
      model: this.model,
      ...Object.fromEntries([...this.plan.tools].map(([name, tool]) => [`tool:${name}`, tool])),
    };
  }

  override get manifest(): Manifest {
    const { maxSteps, handleToolErrors, tool_choice } = this.options;
    return { kind: 'ToolLoop', options: { name: this.name, maxSteps, handleToolErrors, tool_choice } };
  }

  override withFields(fields: Readonly<Record<string, unknown>>): ToolLoop {
    const { name, model, tools, options } = this;
    const { options: told, ...changed } = changedFields({ name, model, tools, options }, fields);
    return new ToolLoop({ ...told, ...changed });
  }

  run(input: Ready<ChatModelInput, unknown>, context: RunContext): Flow<ToolLoopMessage[], ToolLoopChunk> {
    const messages = toMessages(input as ChatModelInput);
    const source = chunks(
      () => new ToolLoopCursor(this.plan, messages, context),
      () => toolLoopFold(messages.length),
    );
    return context.wants === 'chunks' ? source : context.whole(source);
  }
}

/**
 * Asks a model, runs the tools that it calls and asks again with their results, until it answers without calling any.
 *
 * It takes what a chat model takes, and gives the messages that the run adds to the conversation: answers, and after
 * each the messages of the tools that it called, in the order of the calls. Its stream gives all of it as it is made, for
 * an interface to show: pieces of answers (`chunk.type === 'ai'`), and each tool's message (`'tool'`) once that tool is
 * done. The tools of one answer run side by side, within `maxConcurrency`.
 *
 * Tools that fail, names that no tool has, and arguments that do not fit are told to the model as messages with the
 * status 'error'. A tool with `returnDirect` ends the loop, so that the last message is a tool's.
 *
 * @throws MaxStepsError, with the conversation, when the model still calls tools in the last answer allowed
 *
 * @example
 * ```ts
 * import { AIMessage, tool, toolLoop } from '@pipewright/core';
 * import { ScriptedChatModel } from '@pipewright/core/testing';
 * import { z } from 'zod';
 *
 * const weather = tool(({ city }) => `It rains in ${city}.`, {
 *   name: 'weather',
 *   schema: z.object({ city: z.string() }),
 * });
 * const model = new ScriptedChatModel({
 *   replies: [
 *     new AIMessage({ content: '', tool_calls: [{ id: '1', name: 'weather', args: { city: 'Bergen' } }] }),
 *     'Take an umbrella.',
 *   ],
 * });
 * const messages = await toolLoop(model, [weather]).invoke('Do I need an umbrella in Bergen?');
 * const texts = messages.map((message) => message.text); // '', 'It rains in Bergen.', 'Take an umbrella.'
 * ```
 */
export function toolLoop(
  model: ToolLoopModel,
  tools: readonly ToolRunnable[],
  options: ToolLoopOptions = {},
): ToolLoop {
  return new ToolLoop({ ...options, model, tools });
}
