import { ConfigError } from '@pipewright/core';
import { factsOf } from './envelope.js';
import type { SqliteDatabase } from './sqlite-driver.js';
import { troubleOf } from './sqlite-errors.js';
import { SqliteTables } from './sqlite-tables.js';

/** Marks a file as ours, in the header that SQLite reserves for it: "pwch". */
export const APPLICATION_ID = 0x70776368;
/** Version of the tables: raised whenever they change, with a step that brings older files up to it. */
const SCHEMA_VERSION = 2;
const SET_VERSION = `PRAGMA user_version = ${SCHEMA_VERSION}`;

const TABLES = `
  CREATE TABLE entries (
    digest TEXT PRIMARY KEY,
    scope TEXT NOT NULL,
    model TEXT NOT NULL,
    drop_at INTEGER NOT NULL,
    row_sum INTEGER NOT NULL,
    text TEXT NOT NULL
  );
  CREATE INDEX entries_by_end ON entries (drop_at);
  -- Beside the entries, whose rows so stay as they were written.
  CREATE TABLE uses (
    digest TEXT PRIMARY KEY,
    used_at INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX uses_by_time ON uses (used_at);
  CREATE TABLE tags (
    tag TEXT NOT NULL,
    digest TEXT NOT NULL,
    PRIMARY KEY (tag, digest)
  ) WITHOUT ROWID;
  CREATE INDEX tags_by_digest ON tags (digest);
  CREATE TABLE totals (entries INTEGER NOT NULL, bytes INTEGER NOT NULL);
  INSERT INTO totals VALUES (0, 0);
  CREATE TRIGGER entry_added AFTER INSERT ON entries BEGIN
    UPDATE totals SET entries = entries + 1, bytes = bytes + length(CAST(new.text AS BLOB));
  END;
  CREATE TRIGGER entry_dropped AFTER DELETE ON entries BEGIN
    UPDATE totals SET entries = entries - 1, bytes = bytes - length(CAST(old.text AS BLOB));
    DELETE FROM tags WHERE digest = old.digest;
    DELETE FROM uses WHERE digest = old.digest;
  END;
  CREATE TRIGGER use_dropped AFTER DELETE ON uses BEGIN
    DELETE FROM entries WHERE digest = old.digest;
  END;
`;

/** Version 1 kept the times of use in the rows, and no checksums of them. */
const SET_VERSION_1_ASIDE = `
  DROP TRIGGER entry_added;
  DROP TRIGGER entry_dropped;
  DROP INDEX entries_by_use;
  DROP INDEX entries_by_end;
  DROP TABLE tags;
  DROP TABLE totals;
  ALTER TABLE entries RENAME TO entries_1;
`;
const COPIED_AT_ONCE = 100;

/**
 * Writes the tables into a new file, which nobody else knows of yet. Without a statement: in some libraries a file stays
 * open until the last one is collected, and this one is about to get another name.
 */
export function initialiseSchema(database: SqliteDatabase): void {
  writeAhead(database);
  database.exec(`PRAGMA application_id = ${APPLICATION_ID}; BEGIN; ${TABLES} ${SET_VERSION}; COMMIT`);
}

/**
 * Sets a connection up and brings its file to the current schema.
 *
 * @throws ConfigError for another program's file, and for one that a newer version of this library wrote
 */
export function prepareConnection(database: SqliteDatabase): void {
  // First of all: this waits for a process that keeps the file to itself, and where it has failed nothing waits again.
  const version = numberOf(database, 'user_version');
  if (numberOf(database, 'application_id') !== APPLICATION_ID) {
    throw new ConfigError(
      'path',
      "The file is another program's database. Give the path of a cache file, or of a file that is not there yet.",
    );
  }
  if (version > SCHEMA_VERSION) {
    throw new ConfigError(
      'path',
      `The cache file has schema ${version}, which is newer than the ${SCHEMA_VERSION} this version reads. ` +
        'Update @pipewright/cache, or use another file.',
    );
  }
  writeAhead(database);
  // A power cut may take the last second with it, which a cache can do without; a dying process takes nothing.
  database.exec('PRAGMA synchronous = NORMAL');
  database.exec('PRAGMA journal_size_limit = 67108864');
  database.exec('PRAGMA trusted_schema = OFF');
  database.exec('PRAGMA cell_size_check = ON');
  if (version < SCHEMA_VERSION) migrate(database);
}

/**
 * Readers and a writer then go on beside each other. Where there is no shared memory, as on network drives, SQLite stays
 * with its rollback journal. It changes from one to the other only while nobody else has the file open, and says so at
 * once instead of waiting: for new files it is done before anybody can, for others the next opening will try again.
 */
function writeAhead(database: SqliteDatabase): void {
  try {
    database.exec('PRAGMA journal_mode = WAL');
  } catch (error) {
    if (troubleOf(error) !== 'busy') throw error;
  }
}

/** In one transaction: a process that dies meanwhile leaves the old schema. */
function migrate(database: SqliteDatabase): void {
  database.exec('BEGIN IMMEDIATE');
  try {
    // Another process may have been first.
    const version = numberOf(database, 'user_version');
    if (version < SCHEMA_VERSION) {
      if (version === 1) database.exec(SET_VERSION_1_ASIDE);
      database.exec(TABLES);
      if (version === 1) copyVersion1(database);
      database.exec(SET_VERSION);
    }
    database.exec('COMMIT');
  } catch (error) {
    database.exec('ROLLBACK');
    throw error;
  }
}

interface OldRow {
  readonly rowid: number;
  readonly used_at: number;
  readonly text: Uint8Array;
}

function copyVersion1(database: SqliteDatabase): void {
  const tables = new SqliteTables(database, { maxEntries: Infinity, maxBytes: Infinity });
  const next = database.prepare(
    `SELECT rowid, used_at, CAST(text AS BLOB) AS text FROM entries_1 WHERE rowid > ? ORDER BY rowid LIMIT ${COPIED_AT_ONCE}`,
  );
  let last = 0;
  for (;;) {
    const rows = next.all(last) as readonly OldRow[];
    for (const row of rows) {
      const text = Buffer.from(row.text).toString('utf8');
      const facts = factsOf(text);
      if (facts !== undefined) tables.put({ ...facts, text }, row.used_at);
      last = row.rowid;
    }
    if (rows.length < COPIED_AT_ONCE) break;
  }
  database.exec('DROP TABLE entries_1');
}

function numberOf(database: SqliteDatabase, pragma: 'user_version' | 'application_id'): number {
  const row = database.prepare(`PRAGMA ${pragma}`).get() as Readonly<Record<typeof pragma, number>>;
  return row[pragma];
}
