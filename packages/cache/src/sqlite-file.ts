import {
  closeSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  type Stats,
} from 'node:fs';
import { dirname } from 'node:path';
import { ConfigError } from '@pipewright/core';

/** Marks a file as ours, in the header that SQLite reserves for it: "pwch". */
export const APPLICATION_ID = 0x70776368;

const HEADER = 'SQLite format 3\0';
const APPLICATION_ID_AT = 68;
const HEADER_BYTES = 100;

/**
 * Checks that a path is a cache of ours, or makes one there with `initialise`. A file that anything is wrong with is left
 * untouched.
 *
 * @throws ConfigError for a link, a directory, another user's file, another program's file, or no database at all
 */
export function ensureCacheFile(path: string, initialise: (path: string) => void): void {
  if (typeof path !== 'string' || path === '' || path.includes('\0')) {
    throw new ConfigError('path', 'path is not the name of a file; say where the cache file is to be.');
  }
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) create(path, initialise);
  else refuseUnlessOurs(path, stats);
}

/** What tells a file from another one that took its name. */
export function fileIdentity(path: string): string | undefined {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  return stats && `${stats.dev}:${stats.ino}`;
}

/**
 * Made beside its place and put there whole: a process that dies meanwhile, or another one that does the same, never
 * leaves half a file under the name. Only its owner can read it.
 */
function create(path: string, initialise: (path: string) => void): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${process.pid}.${Math.random().toString(36).slice(2)}.new`;
  closeSync(openSync(draft, 'wx', 0o600));
  try {
    initialise(draft);
    try {
      linkSync(draft, path);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // Another process was first. A file system without links can only rename.
      if (code !== 'EEXIST') renameSync(draft, path);
    }
  } finally {
    for (const suffix of ['', '-journal', '-wal', '-shm']) rmSync(draft + suffix, { force: true });
  }
}

function refuseUnlessOurs(path: string, stats: Stats): void {
  const refuse = (what: string): never => {
    throw new ConfigError(
      'path',
      `${path} ${what}. Give the path of a cache file, or of a file that is not there yet.`,
    );
  };
  if (stats.isSymbolicLink()) refuse('is a link');
  if (!stats.isFile()) refuse('is not a file');
  if (process.getuid !== undefined && stats.uid !== process.getuid()) refuse('belongs to another user');
  const header = Buffer.alloc(HEADER_BYTES);
  const file = openSync(path, 'r');
  try {
    if (readSync(file, header, 0, HEADER_BYTES, 0) < HEADER_BYTES) refuse('is not a database');
  } finally {
    closeSync(file);
  }
  if (header.toString('latin1', 0, HEADER.length) !== HEADER) refuse('is not a database');
  if (header.readUInt32BE(APPLICATION_ID_AT) !== APPLICATION_ID) refuse("is another program's database");
}
