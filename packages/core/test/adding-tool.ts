import { z } from 'zod';
import { tool } from '../src/index.js';

export const pair = z.object({ a: z.number(), b: z.number().default(1) });
export const add = tool(({ a, b }) => ({ sum: a + b }), { name: 'add', description: 'Adds.', schema: pair });

/** A model's call of it. */
export const call = (args: Record<string, unknown>, name = 'add') =>
  ({ type: 'tool_call', id: 'call_1', name, args }) as const;
