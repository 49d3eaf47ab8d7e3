import { describe, isPromise, isPromptValue, PromptInputError } from '@pipewright/core';
import { isPlainObject } from './plain-object.js';

/** What a variable of a text can be: texts and numbers are written as they are, arrays and objects as JSON. */
export type TemplateValue = string | number | boolean | bigint | object | null;

/**
 * How a value reads inside a text. An object that stands for a text, such as a Date, a URL or what a prompt gives, is
 * written as that text, an error as its message.
 *
 * @throws PromptInputError for what has no text: functions, symbols, promises, circular structures, Maps and the like
 */
export function textOf(value: unknown, name: string): string {
  if (typeof value === 'string') return value;
  if (
    typeof value === 'number' ||
    typeof value === 'boolean' ||
    typeof value === 'bigint' ||
    value === null
  ) {
    return String(value);
  }
  if (value instanceof Error) return value.message;
  if (isPromptValue(value)) return value.toString();
  if (typeof value === 'object') return jsonOf(value, name);
  throw unwritable(name, `is ${describe(value)}`, 'Pass a value, or set a function with partial().');
}

function jsonOf(value: object, name: string): string {
  if (isPromise(value))
    throw unwritable(name, 'is a promise', 'Await it first, or set an async function with partial().');
  let plain: unknown;
  let json: string | undefined;
  try {
    plain = 'toJSON' in value && typeof value.toJSON === 'function' ? value.toJSON(name) : value;
    json = typeof plain === 'string' ? plain : JSON.stringify(plain);
  } catch (cause) {
    throw unwritable(name, 'cannot be written as JSON', 'Pass plain data without circles, or a text.', cause);
  }
  if (json === '{}' && plain !== json && !isPlainObject(plain)) {
    throw unwritable(
      name,
      `is ${describe(plain)}, which has nothing to write`,
      'Pass plain data, or a text.',
    );
  }
  if (json === undefined) throw unwritable(name, 'has no JSON form', 'Pass plain data, or a text.');
  return json;
}

function unwritable(name: string, problem: string, remedy: string, cause?: unknown): PromptInputError {
  const message = `The prompt variable "${name}" ${problem}. ${remedy}`;
  return new PromptInputError([], message, cause === undefined ? {} : { cause });
}
