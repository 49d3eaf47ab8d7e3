import { DeserializationError } from '../errors.js';
import { keyProblem, problemOf } from './plain-data.js';

/** Deeper than any chain within the limits, and no burden to any parser. */
const MAX_TEXT_DEPTH = 512;

/**
 * Reads the text of a stored chain as JSON, and refuses what others might read as something else: keys that come twice
 * (parsers keep one of them, not all the same one), keys with a NUL, half surrogate pairs, numbers that do not survive.
 */
export function checkedJson(text: string): unknown {
  const written = countMembers(text);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new DeserializationError('text', 'It is no JSON.', { cause });
  }
  if (readMembers(value, '') !== written) {
    throw new DeserializationError('text', 'A key comes twice in an object.');
  }
  return value;
}

/** How many members the objects in a text have: outside of strings, each is announced by a colon. */
function countMembers(text: string): number {
  let members = 0;
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (inString) {
      if (character === '\\') at += 1;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === ':') members += 1;
    else if (character === '{' || character === '[') {
      depth += 1;
      if (depth > MAX_TEXT_DEPTH) throw new DeserializationError('text', 'It is nested too deep.');
    } else if (character === '}' || character === ']') depth -= 1;
  }
  return members;
}

/** How many members the objects in a value have, each of them checked. */
function readMembers(value: unknown, path: string): number {
  if (typeof value !== 'object' || value === null) {
    refuse(problemOf(value), path);
    return 0;
  }
  const isList = Array.isArray(value);
  const entries = Object.entries(value);
  let members = isList ? 0 : entries.length;
  for (const [key, member] of entries) {
    const at = isList ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`;
    refuse(keyProblem(key), at);
    members += readMembers(member, at);
  }
  return members;
}

function refuse(problem: string | undefined, path: string): void {
  if (problem !== undefined) throw new DeserializationError(path, `It is ${problem}.`);
}
