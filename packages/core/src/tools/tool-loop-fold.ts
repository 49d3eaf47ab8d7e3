import type { Accumulator } from '../flow/folds.js';
import type { AIMessageChunk } from '../messages/ai-chunk.js';
import { AIMessage, type InvalidToolCall, type ToolCall } from '../messages/ai.js';
import { messageFold } from '../messages/fold.js';
import type { ToolMessage } from '../messages/message.js';

/** What a loop adds to a conversation. */
export type ToolLoopMessage = AIMessage | ToolMessage;

/** What a loop streams: the pieces of each answer, and each tool's message as soon as the tool is done. */
export type ToolLoopChunk = AIMessageChunk | ToolMessage;

/** A call as a model made it, also one whose arguments cannot be read. Every call has an id here. */
export type AnyToolCall = (ToolCall | InvalidToolCall) & { readonly id: string };

/**
 * Adds the chunks of a loop up to its messages. Tools' messages stand in the order of the calls, whichever was done
 * first: the model is told the same every time.
 *
 * @param position - how many messages the conversation has already
 */
export function toolLoopFold(position: number): Accumulator<ToolLoopChunk, ToolLoopMessage[]> {
  const closed: ToolLoopMessage[] = [];
  let answer: Accumulator<AIMessage, AIMessage> | undefined;
  let results: ToolMessage[] = [];
  const turn = (): readonly ToolLoopMessage[] => {
    if (answer === undefined) return results;
    const message = withCallIds(answer.value(), position + closed.length);
    const order = callsOf(message).map(({ id }) => id);
    const place = ({ tool_call_id }: ToolMessage): number => order.indexOf(tool_call_id);
    return [message, ...results.toSorted((left, right) => place(left) - place(right))];
  };
  return {
    add: (chunk) => {
      if (chunk.type === 'tool') {
        results.push(chunk);
        return;
      }
      if (results.length > 0) {
        closed.push(...turn());
        answer = undefined;
        results = [];
      }
      answer ??= messageFold();
      answer.add(chunk);
    },
    value: () => [...closed, ...turn()],
  };
}

/** The calls of an answer that a loop has given ids. */
export function callsOf(answer: AIMessage): readonly AnyToolCall[] {
  return [...answer.tool_calls, ...answer.invalid_tool_calls] as readonly AnyToolCall[];
}

/**
 * The answer with an id for each call, its own if no other has it. Some servers leave ids out, or repeat them; a tool's
 * message needs one to answer its call.
 */
function withCallIds(answer: AIMessage, position: number): AIMessage {
  const taken = new Set<string>();
  let changed = false;
  let count = 0;
  const identified = <Call extends ToolCall | InvalidToolCall>(call: Call): Call => {
    const { id } = call;
    count += 1;
    if (id !== undefined && id !== '' && !taken.has(id)) {
      taken.add(id);
      return call;
    }
    changed = true;
    return { ...call, id: `call_${position}_${count}` };
  };
  const tool_calls = answer.tool_calls.map(identified);
  const invalid_tool_calls = answer.invalid_tool_calls.map(identified);
  return changed ? new AIMessage(Object.assign({}, answer, { tool_calls, invalid_tool_calls })) : answer;
}
