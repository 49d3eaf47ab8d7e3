import { ConfigError } from '../errors.js';
import { Tool } from '../runnable.js';
import { ToolFunction } from '../tools/tool-function.js';
import { ToolLoop } from '../tools/tool-loop.js';
import type { Kind } from './registry.js';

// What the reviver hands over has been checked against `options` and `children`: the casts below say so.

/** A tool, what it runs, and the loop that calls tools. */
export const toolKinds: Readonly<Record<string, Kind>> = {
  Tool: {
    options: {
      name: 'text',
      description: 'text',
      schema: 'schema',
      responseFormat: 'text',
      returnDirect: 'flag',
    },
    children: ['bound'],
    load: ({ options, children }) => {
      const { responseFormat = 'content' } = options;
      if (responseFormat === 'content' || responseFormat === 'content_and_artifact') {
        return new Tool({ name: 'Tool', ...options, ...(children as { bound: never }), responseFormat });
      }
      throw new ConfigError('responseFormat', 'A tool gives "content" or "content_and_artifact".');
    },
  },
  ToolFunction: {
    options: { func: 'function', name: 'text' },
    load: ({ options }) => new ToolFunction({ name: 'ToolFunction', ...options } as never),
  },
  ToolLoop: {
    options: { name: 'text', maxSteps: 'number', handleToolErrors: 'any', tool_choice: 'data' },
    children: 'any',
    load: ({ options, children }) => {
      const { model, ...tools } = children;
      if (model === undefined) throw new ConfigError('model', 'The loop has no model.');
      if (!['undefined', 'boolean', 'function'].includes(typeof options.handleToolErrors)) {
        throw new ConfigError('handleToolErrors', 'It is true, false or a function.');
      }
      return new ToolLoop({ ...options, model: model as never, tools: Object.values(tools) as never });
    },
  },
};
