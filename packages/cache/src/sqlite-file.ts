import {
  closeSync,
  existsSync,
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
import type { SqliteDriver } from './sqlite-driver.js';
import { APPLICATION_ID, initialiseSchema } from './sqlite-schema.js';
import { inTurn } from './sqlite-turn.js';

const HEADER = 'SQLite format 3\0';
const APPLICATION_ID_AT = 68;
const HEADER_BYTES = 100;

/** What SQLite keeps beside a file of that name. */
const BESIDE = ['-journal', '-wal', '-shm'];

/**
 * Checks that a path is a cache of ours, or makes one there. A file that anything is wrong with is left untouched.
 *
 * @param timeout - how long to wait for others who are about to make the file, in milliseconds
 * @throws ConfigError for a link, a directory, another user's file, another program's file, or no database at all
 */
export function ensureCacheFile(path: string, driver: SqliteDriver, timeout: number): void {
  if (typeof path !== 'string' || path === '' || path.includes('\0')) {
    throw new ConfigError('path', 'path is not the name of a file; say where the cache file is to be.');
  }
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) create(path, driver, timeout);
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
function create(path: string, driver: SqliteDriver, timeout: number): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${process.pid}.${Math.random().toString(36).slice(2)}.new`;
  closeSync(openSync(draft, 'wx', 0o600));
  try {
    const database = driver(draft);
    try {
      initialiseSchema(database);
    } finally {
      database.close();
    }
    inTurn(`${path}-lock`, driver, timeout, () => putInPlace(draft, path));
  } finally {
    for (const suffix of ['', ...BESIDE]) rmSync(draft + suffix, { force: true });
  }
}

/**
 * What a file that was deleted has left beside it, SQLite would take for changes to the new one. Once that has its name,
 * what is beside it is its own; processes that still have the deleted file open keep what they have open with it.
 */
function putInPlace(draft: string, path: string): void {
  // Another process was first.
  if (fileIdentity(path) !== undefined) return;
  for (const suffix of BESIDE) rmSync(path + suffix, { force: true });
  try {
    linkSync(draft, path);
  } catch (error) {
    // Something else took the name. A file system without links can only rename.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') renameSync(draft, path);
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
  // Somebody has it open, maybe this process, which would lose its locks on it if it closed the file by hand. The
  // connection will tell whose it is.
  if (existsSync(`${path}-wal`)) return;
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
