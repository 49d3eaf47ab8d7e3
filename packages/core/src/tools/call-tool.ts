import type { RunContext } from '../engine/run-context.js';
import { RecursionLimitError, SyncInvocationError } from '../errors.js';
import { andThen, isPromise, type MaybePromise } from '../flow/promise.js';
import type { InvalidToolCall, ToolCall } from '../messages/ai.js';
import { isToolMessage } from '../messages/is-message.js';
import { ToolMessage } from '../messages/message.js';
import { withFields } from '../messages/with-content.js';
import type { ToolRunnable } from './open-ai-tool.js';
import type { AnyToolCall } from './tool-loop-fold.js';
import { answerTo } from './tool-output.js';

/** What a model is told of a failed call; throws to end the loop instead. */
export type ToolErrorHandler = (error: unknown, call: ToolCall) => MaybePromise<string>;

/**
 * Runs the tool that a call names. What goes wrong is told to the model, unless `handle` throws. A message that the tool
 * returns answers this call, whatever call it was made for.
 */
export function callTool(
  call: AnyToolCall,
  tools: ReadonlyMap<string, ToolRunnable>,
  handle: ToolErrorHandler,
  context: RunContext,
): MaybePromise<ToolMessage> {
  const { name = '', id } = call;
  const tool = tools.get(name);
  if (tool === undefined) {
    const known = [...tools.keys()].join(', ') || 'none';
    return failure(call, `Error: there is no tool "${name}". The tools are: ${known}.`);
  }
  if (!isValid(call)) return failure(call, `Error: the arguments are not valid JSON: ${call.args ?? ''}`);

  const failed = (error: unknown): MaybePromise<ToolMessage> => {
    // These are not the tool's failures, and no other call would avoid them.
    if (context.signal.aborted) throw context.signal.reason;
    if (SyncInvocationError.isInstance(error) || RecursionLimitError.isInstance(error)) throw error;
    return andThen(handle(error, call), (content) => failure(call, content));
  };
  try {
    const flow = context.run(tool, { ...call, type: 'tool_call' }, 'loop:tool', name);
    // A fallback around a tool need not be a tool itself.
    const message = andThen(context.whole(flow), (result) =>
      isToolMessage(result)
        ? withFields(result, { name: result.name ?? name, tool_call_id: id })
        : answerTo(id, name, result),
    );
    return isPromise(message) ? message.then(undefined, failed) : message;
  } catch (error) {
    return failed(error);
  }
}

function isValid(call: AnyToolCall): call is ToolCall & { readonly id: string } {
  const { type, args } = call as ToolCall | InvalidToolCall;
  return type !== 'invalid_tool_call' && typeof args === 'object';
}

function failure({ id, name }: AnyToolCall, content: string): ToolMessage {
  return new ToolMessage({ content, name, tool_call_id: id, status: 'error' });
}

/** The error's message, after "Error:". */
export const tellError: ToolErrorHandler = (error) =>
  `Error: ${error instanceof Error ? error.message : String(error)}`;

/** Ends the loop with the error. */
export const throwError: ToolErrorHandler = (error) => {
  throw error;
};
