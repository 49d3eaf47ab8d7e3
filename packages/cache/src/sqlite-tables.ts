import type { StoreEntry, StoreSelector, StoreSize } from './entry-store.js';
import { plainJson } from './envelope.js';
import { SqliteConnection } from './sqlite-connection.js';
import type { SqliteDatabase, SqliteValue } from './sqlite-driver.js';
import { INSERT_ROW, READ_ROW, READ_NEXT, rowValues, textOfRow, type PlacedRow } from './sqlite-row.js';

export interface SqliteLimits {
  readonly maxEntries: number;
  readonly maxBytes: number;
}

/** How often, in writes, what is past its time is swept out, and how much of it at once. */
const SWEEP_EVERY = 64;
const SWEEP_SIZE = 256;
const EVICT_SIZE = 32;
const ADD_USE =
  'INSERT INTO uses VALUES (?, ?) ON CONFLICT (digest) DO UPDATE SET used_at = excluded.used_at';

/** The entries of one open file: what is read from its tables, and how they change. */
export class SqliteTables extends SqliteConnection {
  readonly #limits: SqliteLimits;
  #writes = 0;

  constructor(database: SqliteDatabase, limits: SqliteLimits) {
    super(database);
    this.#limits = limits;
  }

  /** A text, or `''`, which is none, for a row that is not as it was written. */
  text(digest: string): string | undefined {
    const row = this.sql(READ_ROW).get(digest);
    return row === undefined || row === null ? undefined : (textOfRow(row) ?? '');
  }

  /**
   * Every text whose row is as it was written. Between two of them the file may change; what is written meanwhile comes
   * last, and is left out, or there would be no end while each text is written again.
   */
  *texts(): Generator<string, void> {
    const { last } = this.sql('SELECT max(rowid) AS last FROM entries').get() as { last: number | null };
    let place = 0;
    for (;;) {
      const row = this.sql(READ_NEXT).get(place) as PlacedRow | null | undefined;
      if (row === undefined || row === null || row.place > (last ?? 0)) return;
      const text = textOfRow(row);
      if (text !== undefined) yield text;
      place = row.place;
    }
  }

  size(): StoreSize {
    const { entries, bytes } = this.sql('SELECT entries, bytes FROM totals').get() as StoreSize;
    return { entries, bytes };
  }

  put(entry: StoreEntry, now: number): void {
    const { digest, tags } = entry;
    // Deleted first, so that totals and tags follow.
    this.delete(digest);
    this.run(INSERT_ROW, ...rowValues(entry));
    this.run(ADD_USE, digest, now);
    for (const tag of new Set(tags))
      this.run('INSERT OR IGNORE INTO tags VALUES (?, ?)', plainJson(tag), digest);
    this.#writes += 1;
    if (this.#writes % SWEEP_EVERY === 0) this.#sweep(now);
    this.#evict(digest);
  }

  delete(digest: string): number {
    return this.run('DELETE FROM entries WHERE digest = ?', digest);
  }

  remove({ scope, model, tag }: StoreSelector): number {
    const conditions: string[] = [];
    const values: SqliteValue[] = [];
    const where = (condition: string, value: string | undefined): void => {
      if (value === undefined) return;
      conditions.push(condition);
      values.push(plainJson(value));
    };
    where('scope = ?', scope);
    where('model = ?', model);
    where('digest IN (SELECT digest FROM tags WHERE tag = ?)', tag);
    const condition = conditions.length === 0 ? '1' : conditions.join(' AND ');
    return this.run(`DELETE FROM entries WHERE ${condition}`, ...values);
  }

  noteUses(uses: Iterable<readonly [digest: string, time: number]>): void {
    for (const [digest, time] of uses) this.run('UPDATE uses SET used_at = ? WHERE digest = ?', time, digest);
  }

  /** Drops the least recently used, and gives how many that were. */
  makeRoom(): number {
    return this.#dropOldest(EVICT_SIZE, '');
  }

  #sweep(now: number): void {
    this.run(
      'DELETE FROM entries WHERE digest IN (SELECT digest FROM entries WHERE drop_at <= ? ORDER BY drop_at LIMIT ?)',
      now,
      SWEEP_SIZE,
    );
  }

  /** Drops the least recently used until the rest is within bounds; what was just put in stays. */
  #evict(kept: string): void {
    const { maxEntries, maxBytes } = this.#limits;
    for (;;) {
      const { entries, bytes } = this.size();
      if (entries <= maxEntries && bytes <= maxBytes) return;
      const surplus = Math.min(EVICT_SIZE, Math.max(1, entries - maxEntries));
      if (this.#dropOldest(surplus, kept) === 0) return;
    }
  }

  /** By way of the uses: one that a damaged file has left without its entry goes as well, and blocks nothing. */
  #dropOldest(count: number, kept: string): number {
    return this.run(
      'DELETE FROM uses WHERE digest IN (SELECT digest FROM uses WHERE digest <> ? ORDER BY used_at LIMIT ?)',
      kept,
      count,
    );
  }
}
