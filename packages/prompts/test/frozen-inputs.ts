// Whatever a test hands to a prompt is frozen, all the way down: a prompt that wrote to it would throw.
import { isRunnable } from '@pipewright/core';
import { BasePromptTemplate, ChatPromptTemplate } from '../src/index.js';
import { deepFreeze } from './deep-freeze.js';

type Method = (this: unknown, given: unknown, ...others: never[]) => unknown;

freezeFirst(BasePromptTemplate.prototype, 'run');
freezeFirst(ChatPromptTemplate, 'fromMessages');

function freezeFirst(holder: object, name: string): void {
  const original = Reflect.get(holder, name) as Method;
  Object.defineProperty(holder, name, {
    configurable: true,
    value(this: unknown, given: unknown, ...others: never[]) {
      freezeData(given);
      return original.call(this, given, ...others);
    },
  });
}

/** Runnables among the parts of a prompt are no data: they may count their calls. */
function freezeData(given: unknown): void {
  if (isRunnable(given)) return;
  if (Array.isArray(given) && given.some(isRunnable)) {
    given.forEach(freezeData);
    Object.freeze(given);
  } else {
    deepFreeze(given);
  }
}
