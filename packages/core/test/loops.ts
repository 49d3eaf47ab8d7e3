import { z } from 'zod';
import { AIMessage, tool, type ToolCall } from '../src/index.js';
import { ScriptedChatModel, type ScriptedReply } from '../src/testing/index.js';

/** An answer that calls tools. */
export const calling = (...calls: readonly ToolCall[]) => new AIMessage({ content: '', tool_calls: calls });

export const callOf = (name: string, args: Record<string, unknown> = {}, id = name): ToolCall => ({
  type: 'tool_call',
  id,
  name,
  args,
});

export const scripted = (...replies: ScriptedReply[]) => new ScriptedChatModel({ replies });

export const shout = tool((text) => text.toUpperCase(), { name: 'shout' });
export const fail = tool(
  () => {
    throw new Error('out of order');
  },
  { name: 'fail', schema: z.object({}) },
);

export const collect = async <T>(stream: AsyncIterable<T>): Promise<T[]> => {
  const chunks: T[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
};
