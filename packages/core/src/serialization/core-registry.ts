import { RunnableGenerator } from '../combinators/generator.js';
import { RunnablePassthrough } from '../combinators/passthrough.js';
import { RouterRunnable } from '../combinators/router.js';
import { ConfigError } from '../errors.js';
import { RunnableWithMessageHistory } from '../history/runnable-with-message-history.js';
import { StructuredReader } from '../models/structured-reader.js';
import {
  RunnableAssign,
  RunnableEach,
  RunnableLambda,
  RunnableParallel,
  RunnablePick,
  RunnableSequence,
} from '../runnable.js';
import { branchKind } from './branch-kind.js';
import { messageKinds } from './message-kinds.js';
import type { Kind, Registry } from './registry.js';
import { toolKinds } from './tool-kinds.js';
import { wrapperKinds } from './wrapper-kinds.js';

// What the reviver hands over has been checked against `options` and `children`: the casts below say so.

const ownKinds: Readonly<Record<string, Kind>> = {
  RunnableSequence: {
    options: { name: 'text', omitSequenceTags: 'flag' },
    children: 'any',
    load: ({ options, children }) => new RunnableSequence({ ...options, steps: Object.values(children) }),
  },
  RunnableParallel: {
    options: { name: 'text' },
    children: 'any',
    load: ({ options, children }) => new RunnableParallel({ ...options, steps: children }),
  },
  RunnableLambda: {
    options: { func: 'function', name: 'text' },
    load: ({ options }) => new RunnableLambda({ name: 'RunnableLambda', ...options } as never),
  },
  RunnableGenerator: {
    options: { transform: 'function', fold: 'function', name: 'text' },
    load: ({ options }) => new RunnableGenerator({ name: 'RunnableGenerator', ...options } as never),
  },
  RunnablePassthrough: {
    options: { func: 'function' },
    load: ({ options }) => new RunnablePassthrough(options),
  },
  RunnableAssign: {
    children: ['mapper'],
    load: ({ children: { mapper } }) => {
      if (mapper instanceof RunnableParallel) return new RunnableAssign({ mapper });
      throw new ConfigError('mapper', 'The mapper of an assign is a parallel.');
    },
  },
  RunnablePick: {
    options: { keys: 'data' },
    load: ({ options: { keys } }) => {
      const isKeys = Array.isArray(keys)
        ? keys.every((key) => typeof key === 'string')
        : typeof keys === 'string';
      if (isKeys) return new RunnablePick(keys as string);
      throw new ConfigError('keys', 'A pick takes a key or a list of keys.');
    },
  },
  RunnableEach: {
    children: ['bound'],
    load: ({ children }) => new RunnableEach(children as never),
  },
  RunnableBranch: branchKind,
  RouterRunnable: {
    children: 'any',
    load: ({ children }) => new RouterRunnable({ runnables: children }),
  },
  StructuredOutput: {
    options: { schema: 'schema', method: 'text', name: 'text', includeRaw: 'flag' },
    load: ({ options }) => new StructuredReader(options as never),
  },
  RunnableWithMessageHistory: {
    options: {
      getMessageHistory: 'function',
      inputMessagesKey: 'text',
      outputMessagesKey: 'text',
      historyMessagesKey: 'text',
    },
    children: ['bound'],
    load: ({ options, children: { bound } }) =>
      new RunnableWithMessageHistory({ ...options, runnable: bound } as never),
  },
};

/** The runnables of this package, for `loads`. */
// A call that bundlers can leave out: spreads they would keep, as for all they know those run somebody's getters.
export const coreRegistry: Registry = /* @__PURE__ */ registry();

function registry(): Registry {
  return { kinds: { ...ownKinds, ...messageKinds, ...toolKinds, ...wrapperKinds() } };
}
