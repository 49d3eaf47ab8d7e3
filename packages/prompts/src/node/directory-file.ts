import { constants } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import { isAbsolute, join, normalize, sep, win32 } from 'node:path';
import { ConfigError, LimitExceededError } from '@pipewright/core';

/** In bytes: no template is longer than 1 MiB of characters, which UTF-8 writes in at most three bytes each. */
const MAX_BYTES = 4 * 1024 * 1024;

/**
 * Reads a text file inside a directory, and nothing outside of it, whatever the name says and wherever links in it lead.
 *
 * @throws ConfigError when the name leads outside or to no file; `cause` is what the file system said
 * @throws LimitExceededError when the file is larger than 4 MiB
 */
export async function readInside(directory: string, name: string): Promise<string> {
  const path = await pathInside(directory, name);
  let bytes: Uint8Array;
  try {
    // The path is resolved: a link found in its last place now was put there in the meantime. Without waiting for a writer,
    // as a named pipe would have it.
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const { size, isRegular } = await file
        .stat()
        .then((stat) => ({ size: stat.size, isRegular: stat.isFile() }));
      if (!isRegular) throw refused(name, 'is no file');
      if (size > MAX_BYTES) throw tooLarge(name, size);
      bytes = await file.readFile();
    } finally {
      await file.close();
    }
  } catch (cause) {
    if (cause instanceof ConfigError || cause instanceof LimitExceededError) throw cause;
    throw refused(name, 'cannot be read', cause);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw refused(name, 'is no text in UTF-8', cause);
  }
}

async function pathInside(directory: string, name: string): Promise<string> {
  if (typeof directory !== 'string' || directory === '') {
    throw new ConfigError('directory', 'Give the directory that prompts may be read from.');
  }
  if (typeof name !== 'string' || name === '') throw new ConfigError('name', 'Give the name of a file.');
  if (name.includes('\0')) throw refused(name, 'has a NUL in it');
  const isRooted = isAbsolute(name) || win32.isAbsolute(name) || /^[a-z]:/i.test(name);
  if (isRooted || name.split(/[/\\]/).includes('..')) throw refused(name, 'leads out of the directory');
  try {
    const root = await realpath(directory);
    const path = await realpath(join(root, normalize(name)));
    if (path.startsWith(root.endsWith(sep) ? root : root + sep)) return path;
  } catch (cause) {
    throw refused(name, 'cannot be read', cause);
  }
  throw refused(name, 'leads out of the directory');
}

const LONGEST_SHOWN = 100;

function refused(name: string, problem: string, cause?: unknown): ConfigError {
  const shown = name.length > LONGEST_SHOWN ? `${name.slice(0, LONGEST_SHOWN)}…` : name;
  return new ConfigError(
    'name',
    `The prompt file ${JSON.stringify(shown)} ${problem}. Name a file inside the directory, such as "jokes/dry.txt".`,
    cause === undefined ? {} : { cause },
  );
}

function tooLarge(name: string, size: number): LimitExceededError {
  return new LimitExceededError(
    'promptFileBytes',
    MAX_BYTES,
    `The prompt file ${JSON.stringify(name)} has ${size} bytes, more than the ${MAX_BYTES} allowed.`,
  );
}
