import { RunnableBranch } from '../combinators/branch.js';
import { ConfigError } from '../errors.js';
import type { AnyRunnable } from '../runnable.js';
import type { Kind } from './registry.js';

/** A branch, of children named `condition:1`, `branch:1` and so on, and `default`. */
export const branchKind: Kind = {
  options: { name: 'text' },
  children: 'any',
  load: ({ options, children }) => {
    const child = (key: string): AnyRunnable => {
      const found = Object.hasOwn(children, key) ? children[key] : undefined;
      if (found === undefined) throw new ConfigError('branches', `The branch has no "${key}".`);
      return found;
    };
    const count = (Object.keys(children).length - 1) / 2;
    const branches = Array.from(
      { length: count },
      (_, index) => [child(`condition:${index + 1}`), child(`branch:${index + 1}`)] as const,
    );
    if (!Number.isInteger(count)) throw new ConfigError('branches', 'A condition or a branch is missing.');
    return new RunnableBranch({ ...options, branches, default: child('default') });
  },
};
