import { ConfigError } from '../errors.js';
import { filterMessages } from '../messages/filter.js';
import { mergeMessageRuns } from '../messages/merge-runs.js';
import { trimMessages } from '../messages/trim.js';
import type { Kind } from './registry.js';

// What the reviver hands over has been checked against `options`: the casts below say so. The functions check the rest.

/** The steps that messages take between a prompt and a model. */
export const messageKinds: Readonly<Record<string, Kind>> = {
  trimMessages: {
    options: {
      maxTokens: 'number',
      tokenCounter: 'any',
      strategy: 'text',
      allowPartial: 'flag',
      includeSystem: 'flag',
      startOn: 'any',
      endOn: 'any',
      textSplitter: 'function',
    },
    load: ({ options }) => trimMessages(options as never),
  },
  filterMessages: {
    options: {
      includeNames: 'texts',
      excludeNames: 'texts',
      includeTypes: 'any',
      excludeTypes: 'any',
      includeIds: 'texts',
      excludeIds: 'texts',
      excludeToolCalls: 'data',
    },
    load: ({ options }) => {
      const { excludeToolCalls = false } = options;
      if (typeof excludeToolCalls === 'boolean' || Array.isArray(excludeToolCalls)) {
        return filterMessages(options);
      }
      throw new ConfigError('excludeToolCalls', 'It is true, false or a list of ids.');
    },
  },
  mergeMessageRuns: { load: () => mergeMessageRuns() },
};
