// A cache file as the first version of the schema had it, to be brought up to the current one.
import { digestOf } from '../src/digests.js';
import { factsOf } from '../src/envelope.js';
import { SQLiteCache, sqliteDriver } from '../src/sqlite.js';
import { record, request } from './requests.js';

const TABLES = `
  PRAGMA application_id = 1886872424;
  CREATE TABLE entries (
    digest TEXT PRIMARY KEY,
    scope TEXT NOT NULL,
    model TEXT NOT NULL,
    drop_at INTEGER NOT NULL,
    used_at INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    text TEXT NOT NULL
  );
  CREATE INDEX entries_by_use ON entries (used_at);
  CREATE INDEX entries_by_end ON entries (drop_at);
  CREATE TABLE tags (
    tag TEXT NOT NULL,
    digest TEXT NOT NULL,
    PRIMARY KEY (tag, digest)
  ) WITHOUT ROWID;
  CREATE INDEX tags_by_digest ON tags (digest);
  CREATE TABLE totals (entries INTEGER NOT NULL, bytes INTEGER NOT NULL);
  INSERT INTO totals VALUES (0, 0);
  CREATE TRIGGER entry_added AFTER INSERT ON entries BEGIN
    UPDATE totals SET entries = entries + 1, bytes = bytes + new.bytes;
  END;
  CREATE TRIGGER entry_dropped AFTER DELETE ON entries BEGIN
    UPDATE totals SET entries = entries - 1, bytes = bytes - old.bytes;
    DELETE FROM tags WHERE digest = old.digest;
  END;
  PRAGMA user_version = 1;
`;

/** Answers of their own names, with a tag each, the first of them used last. */
export function writeSchema1(path: string, names: readonly string[]): void {
  const current = `${path}.current`;
  const cache = new SQLiteCache({ path: current });
  for (const name of names) cache.update(request(name), record(name, { tags: [`tag of ${name}`] }));
  cache.close();
  const [from, to] = [sqliteDriver()(current), sqliteDriver()(path)];
  to.exec(TABLES);
  to.exec('BEGIN');
  const insert = to.prepare('INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?)');
  const tag = to.prepare('INSERT INTO tags VALUES (?, ?)');
  for (const [index, name] of names.entries()) {
    const { text } = from
      .prepare('SELECT text FROM entries WHERE digest = ?')
      .get(digestOf(request(name))) as {
      readonly text: string;
    };
    const { digest, scope, model, dropAt, tags } = factsOf(text) as NonNullable<ReturnType<typeof factsOf>>;
    insert.run(digest, scope, model, dropAt, 1_000 - index, Buffer.byteLength(text), text);
    tag.run(tags[0] as string, digest);
  }
  to.exec('COMMIT');
  from.close();
  to.close();
}
