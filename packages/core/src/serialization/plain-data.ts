import { describe } from '../describe.js';

/** A half of a surrogate pair by itself: not every encoding can write it down. */
const LONE_SURROGATE = /\p{Surrogate}/u;
const CONTROL = /\p{Cc}/u;

/** Why JSON cannot hold a value that is neither an array nor an object, and give it back the same. */
export function problemOf(value: unknown): string | undefined {
  if (value === null || typeof value === 'boolean') return undefined;
  if (typeof value === 'string') {
    return LONE_SURROGATE.test(value) ? 'a text with half a surrogate pair' : undefined;
  }
  if (typeof value === 'number') {
    return Number.isFinite(value) && !Object.is(value, -0) ? undefined : numberName(value);
  }
  return describe(value);
}

/** Why a key of the user's data is refused: others cut texts at a NUL, and then two keys are one. */
export function keyProblem(key: string): string | undefined {
  if (key.includes('\0')) return 'a key with a NUL character';
  return LONE_SURROGATE.test(key) ? 'a key with half a surrogate pair' : undefined;
}

/** Why a name in the structure is refused. */
export function nameProblem(name: string): string | undefined {
  return keyProblem(name) ?? (CONTROL.test(name) ? 'a name with a control character' : undefined);
}

function numberName(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

/** The members of an array or of a plain object; why it is neither, otherwise. Runs no getter. */
export function membersOf(value: object): readonly (readonly [string, unknown])[] | string {
  const isArray = Array.isArray(value);
  if (!isArray && !isPlainObject(value)) return describe(value);
  return ownMembers(value);
}

/** The own members of an object of any class. */
export function ownMembers(value: object): readonly (readonly [string, unknown])[] | string {
  const members: (readonly [string, unknown])[] = [];
  const isArray = Array.isArray(value);
  for (const key of Reflect.ownKeys(value)) {
    if (isArray && key === 'length') continue;
    const member = Reflect.getOwnPropertyDescriptor(value, key);
    if (typeof key === 'symbol' || !member?.enumerable) return 'an object with hidden members';
    if (!('value' in member)) return `an object that computes its "${key}"`;
    members.push([key, member.value]);
  }
  if (isArray && (members.length !== value.length || members.some(([key], index) => key !== String(index)))) {
    return 'an array with holes or further members';
  }
  return members;
}

function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
