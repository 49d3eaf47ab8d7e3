import { createRequire } from 'node:module';
import { ConfigError } from '@pipewright/core';

/** What is bound to a statement: text and numbers only. */
export type SqliteValue = string | number;

/** The part of a synchronous SQLite library that the store uses. */
export interface SqliteDatabase {
  exec(sql: string): void;
  prepare(sql: string): SqliteStatement;
  close(): void;
}

export interface SqliteStatement {
  run(...values: SqliteValue[]): { readonly changes: number | bigint };
  get(...values: SqliteValue[]): unknown;
  all(...values: SqliteValue[]): unknown[];
}

/** Opens a database file, which is made if it is not there. */
export type SqliteDriver = (path: string) => SqliteDatabase;

/** Names of the libraries that are looked for, in this order. */
export type SqliteLibrary = 'node:sqlite' | 'better-sqlite3' | 'libsql';

const LIBRARIES: readonly SqliteLibrary[] = ['node:sqlite', 'better-sqlite3', 'libsql'];

/**
 * The driver of a library, by default of the first one there is.
 *
 * @throws ConfigError when there is none, saying which to install
 */
export function sqliteDriver(library?: SqliteLibrary): SqliteDriver {
  const failures: string[] = [];
  for (const name of library === undefined ? LIBRARIES : [library]) {
    try {
      const found = load(name);
      if (found !== undefined) return found;
      failures.push(`${name}: not part of Node ${process.versions.node}`);
    } catch (error) {
      failures.push(`${name}: ${reasonOf(error as Error)}`);
    }
  }
  throw new ConfigError(
    'driver',
    `No SQLite library can be used. Run on Node 22.13 or newer, or install better-sqlite3 or libsql. (${failures.join('; ')})`,
  );
}

function load(name: SqliteLibrary): SqliteDriver | undefined {
  if (name === 'node:sqlite') {
    const builtin = process.getBuiltinModule?.('node:sqlite') as NodeSqlite | undefined;
    return builtin && ((path) => new builtin.DatabaseSync(path));
  }
  const require = createRequire(import.meta.url);
  // better-sqlite3 13 is built for Node-API 10: an older Node would not refuse it but crash.
  if (name === 'better-sqlite3' && majorOf(require, name) >= 13 && Number(process.versions.napi) < 10) {
    throw new Error('version 13 and newer need Node 22.14; use version 12');
  }
  const Database = require(name) as new (path: string) => LibraryDatabase;
  const open: SqliteDriver = (path) => withArrays(new Database(path));
  // Some load what was built for one version of Node only when a database is opened.
  open(':memory:').close();
  return open;
}

/** In one line: Node says in several what is wrong with a library that was built for another version of it. */
function reasonOf({ message }: Error): string {
  const [reason = ''] = message.split('\nRequire stack:');
  return reason.replaceAll(/\s+/g, ' ');
}

interface NodeSqlite {
  readonly DatabaseSync: new (path: string) => SqliteDatabase;
}

interface LibraryDatabase {
  exec(sql: string): unknown;
  prepare(sql: string): {
    run(values: SqliteValue[]): { readonly changes: number };
    get(values: SqliteValue[]): unknown;
    all(values: SqliteValue[]): unknown[];
  };
  close(): unknown;
}

function majorOf(require: NodeJS.Require, name: string): number {
  const { version } = require(`${name}/package.json`) as { readonly version: string };
  return Number.parseInt(version, 10);
}

/** Values as one array: libsql takes a lone one for an object of named values, and may end the process over it. */
function withArrays(database: LibraryDatabase): SqliteDatabase {
  return {
    exec: (sql) => void database.exec(sql),
    close: () => void database.close(),
    prepare: (sql) => {
      const statement = database.prepare(sql);
      return {
        run: (...values) => statement.run(values),
        get: (...values) => statement.get(values),
        all: (...values) => statement.all(values),
      };
    },
  };
}
