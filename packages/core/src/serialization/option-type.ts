import { isRunnable } from '../is-runnable.js';

/**
 * What an option holds. `data` is plain data of any form; `any` may have functions, messages and runnables in it. Plain
 * data can never be a function or a runnable, whatever it looks like.
 */
export type OptionType =
  | 'text'
  | 'texts'
  | 'number'
  | 'flag'
  | 'record'
  | 'data'
  | 'function'
  | 'runnable'
  | 'any';

type Check = (value: unknown, isData: boolean) => boolean;

const isText: Check = (value) => typeof value === 'string';
const CHECKS: Readonly<Record<OptionType, Check>> = {
  text: isText,
  texts: (value) => Array.isArray(value) && value.every((item) => typeof item === 'string'),
  number: (value) => typeof value === 'number',
  flag: (value) => typeof value === 'boolean',
  record: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  data: (_value, isData) => isData,
  function: (value) => typeof value === 'function',
  runnable: isRunnable,
  any: () => true,
};

/** Whether an option that was read holds what it should. */
export function fits(type: OptionType, value: unknown, isData: boolean): boolean {
  return CHECKS[type](value, isData);
}
