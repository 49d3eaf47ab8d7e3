import { isRunnable } from '../is-runnable.js';
import { isStandardSchema } from '../schema.js';

/**
 * What an option holds. `data` is plain data of any form; `any` may have functions, messages and runnables in it; `schema`
 * is JSON Schema or one that validates. Plain data can never be a function, a runnable or a schema that validates,
 * whatever it looks like.
 */
export type OptionType =
  | 'text'
  | 'texts'
  | 'number'
  | 'flag'
  | 'record'
  | 'data'
  | 'function'
  | 'schema'
  | 'runnable'
  | 'any';

type Check = (value: unknown, isData: boolean) => boolean;

const isText: Check = (value) => typeof value === 'string';
const isRecord: Check = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
const CHECKS: Readonly<Record<OptionType, Check>> = {
  text: isText,
  texts: (value) => Array.isArray(value) && value.every((item) => typeof item === 'string'),
  number: (value) => typeof value === 'number',
  flag: (value) => typeof value === 'boolean',
  record: isRecord,
  data: (_value, isData) => isData,
  function: (value) => typeof value === 'function',
  schema: (value, isData) => (isData ? isRecord(value, isData) : isStandardSchema(value)),
  runnable: isRunnable,
  any: () => true,
};

/** Whether an option that was read holds what it should. */
export function fits(type: OptionType, value: unknown, isData: boolean): boolean {
  return CHECKS[type](value, isData);
}
