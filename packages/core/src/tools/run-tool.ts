import type { RunContext } from '../engine/run-context.js';
import type { Flow } from '../flow/flow.js';
import { andThen } from '../flow/promise.js';
import type { AnyRunnable } from '../runnable.js';
import type { Schema } from '../schema.js';
import { isToolCall } from './tool-call.js';
import { toolInput } from './tool-input.js';
import { toolOutput, type ToolResponseFormat } from './tool-output.js';

/** What a tool is told when it is made, besides its work. */
export interface ToolFields {
  /** What models call it by. Providers take letters, digits, `_` and `-`, 64 at most. */
  readonly name: string;
  /** Tells models what it is for. */
  readonly description?: string | undefined;
  /** What its input looks like. Default: a text. */
  readonly schema?: Schema | undefined;
  /** Default 'content'. */
  readonly responseFormat?: ToolResponseFormat | undefined;
  /** Whether a `toolLoop` ends with its result, without asking the model again. Default false. */
  readonly returnDirect?: boolean | undefined;
}

/** A tool as its run needs it. */
interface ToolParts {
  readonly name: string;
  readonly schema: Schema | undefined;
  readonly responseFormat: ToolResponseFormat;
  readonly bound: AnyRunnable;
}

/** Reads a tool's input, or a call of it; does its work; and gives the result in the form that was asked for. */
export function runTool(tool: ToolParts, input: unknown, context: RunContext): Flow<unknown, unknown> {
  const call = isToolCall(input) ? input : undefined;
  // Only a raw result can be given on as it streams; the others are made of the whole.
  const raw = call?.id === undefined && tool.responseFormat === 'content';
  return andThen(toolInput(tool, call, input), (given): Flow<unknown, unknown> => {
    if (raw) return context.run(tool.bound, given as never);
    const result = context.whole(context.wanting('value').run(tool.bound, given as never));
    return andThen(result, (whole) => toolOutput(tool, call, whole));
  });
}
