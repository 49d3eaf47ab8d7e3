import type { StoreEntry, StoreSelector, Store } from './entry-store.js';
import { SqliteConnection } from './sqlite-connection.js';
import type { SqliteDriver, SqliteStatement, SqliteValue } from './sqlite-driver.js';
import { troubleOf } from './sqlite-errors.js';
import { ensureCacheFile, fileIdentity } from './sqlite-file.js';
import { initialiseSchema, prepareConnection } from './sqlite-schema.js';
import { tellStore, type StoreEvent } from './store-cache.js';

export interface SqliteStoreOptions {
  readonly path: string;
  readonly driver: SqliteDriver;
  readonly maxEntries: number;
  readonly maxBytes: number;
  readonly busyTimeout: number;
  readonly clock: () => number;
  readonly onEvent: ((event: StoreEvent) => void) | undefined;
}

/** How often, in writes, what is past its time is swept out, and how much of it at once. */
const SWEEP_EVERY = 64;
const SWEEP_SIZE = 256;
const EVICT_SIZE = 32;
/** Uses are written down together with the next answer: a write for each read would cost more than the read. */
const MAX_USED = 1_000;
const CHECK_FILE_EVERY_MS = 1_000;

/** Texts in one SQLite file, which several processes may share. */
export class SqliteStore implements Store {
  readonly #options: SqliteStoreOptions;
  readonly #used = new Map<string, number>();
  #connection: SqliteConnection | undefined;
  #identity: string | undefined;
  #checkedAt = 0;
  #writes = 0;
  #writable = true;
  #busy = false;
  #closed = false;

  constructor(options: SqliteStoreOptions) {
    this.#options = options;
    this.#open();
  }

  get(digest: string): string | undefined {
    this.#checkFile();
    if (this.#connection === undefined) return undefined;
    try {
      const row = this.#sql('SELECT text FROM entries WHERE digest = ?').get(digest);
      if (row === undefined || row === null) return undefined;
      if (this.#used.size < MAX_USED) this.#used.set(digest, this.#options.clock());
      return String((row as { readonly text: unknown }).text);
    } catch (error) {
      const trouble = troubleOf(error);
      if (trouble === 'busy') this.#noteBusy();
      else if (trouble === 'corrupt') this.#tell({ type: 'corrupt', digest });
      else throw error;
      return undefined;
    }
  }

  set(entry: StoreEntry): void {
    this.#write((): void => this.#put(entry), undefined);
  }

  delete(digest: string): boolean {
    return this.#write(() => this.#run('DELETE FROM entries WHERE digest = ?', digest) > 0, false);
  }

  remove({ scope, model, tag }: StoreSelector): number {
    const conditions: string[] = [];
    const values: SqliteValue[] = [];
    const where = (condition: string, value: string | undefined): void => {
      if (value === undefined) return;
      conditions.push(condition);
      values.push(value);
    };
    where('scope = ?', scope);
    where('model = ?', model);
    where('digest IN (SELECT digest FROM tags WHERE tag = ?)', tag);
    const condition = conditions.length === 0 ? '1' : conditions.join(' AND ');
    return this.#write(() => this.#run(`DELETE FROM entries WHERE ${condition}`, ...values), 0);
  }

  close(): void {
    this.#closed = true;
    try {
      this.#write(() => this.#noteUses(), undefined);
    } catch {
      // Which answers were used last is nothing to fail for.
    }
    this.#shut();
  }

  #put({ digest, scope, model, tags, dropAt, text }: StoreEntry): void {
    const now = this.#options.clock();
    // Deleted first, so that totals and tags follow.
    this.#run('DELETE FROM entries WHERE digest = ?', digest);
    const bytes = Buffer.byteLength(text, 'utf8');
    this.#run(
      'INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?)',
      digest,
      scope,
      model,
      dropAt,
      now,
      bytes,
      text,
    );
    for (const tag of new Set(tags)) this.#run('INSERT OR IGNORE INTO tags VALUES (?, ?)', tag, digest);
    this.#noteUses();
    this.#writes += 1;
    if (this.#writes % SWEEP_EVERY === 0) this.#sweep(now);
    this.#evict(digest);
  }

  #noteUses(): void {
    for (const [digest, time] of this.#used) {
      this.#run('UPDATE entries SET used_at = ? WHERE digest = ?', time, digest);
    }
    this.#used.clear();
  }

  #sweep(now: number): void {
    this.#run(
      'DELETE FROM entries WHERE digest IN (SELECT digest FROM entries WHERE drop_at <= ? ORDER BY drop_at LIMIT ?)',
      now,
      SWEEP_SIZE,
    );
  }

  /** Drops the least recently used until the rest is within bounds; what was just put in stays. */
  #evict(kept: string): void {
    const { maxEntries, maxBytes } = this.#options;
    for (;;) {
      const totals = this.#sql('SELECT entries, bytes FROM totals').get() as Record<
        'entries' | 'bytes',
        number
      >;
      if (totals.entries <= maxEntries && totals.bytes <= maxBytes) return;
      const surplus = Math.min(EVICT_SIZE, Math.max(1, totals.entries - maxEntries));
      if (this.#dropOldest(surplus, kept) === 0) return;
    }
  }

  #dropOldest(count: number, kept: string): number {
    return this.#run(
      'DELETE FROM entries WHERE digest IN (SELECT digest FROM entries WHERE digest <> ? ORDER BY used_at LIMIT ?)',
      kept,
      count,
    );
  }

  /** A store that cannot be written still answers reads, so what cannot be kept is dropped, with an event. */
  #write<T>(work: () => T, otherwise: T): T {
    this.#checkFile();
    if (this.#connection === undefined) return otherwise;
    try {
      return this.#succeed((this.#connection as SqliteConnection).transaction(work));
    } catch (error) {
      const trouble = troubleOf(error);
      if (trouble === 'busy') {
        this.#noteBusy();
        return otherwise;
      }
      if (trouble === 'full' && this.#makeRoom()) return this.#write(work, otherwise);
      if (trouble !== 'full' && trouble !== 'read-only') throw error;
      if (this.#writable) this.#tell({ type: 'read-only', reason: trouble });
      this.#writable = false;
      return otherwise;
    }
  }

  #succeed<T>(result: T): T {
    this.#busy = false;
    if (!this.#writable) this.#tell({ type: 'writable' });
    this.#writable = true;
    return result;
  }

  /** The disk is full: a part of what is there makes room for what comes. */
  #makeRoom(): boolean {
    try {
      return (this.#connection as SqliteConnection).transaction(() => this.#dropOldest(EVICT_SIZE, '')) > 0;
    } catch {
      return false;
    }
  }

  #noteBusy(): void {
    if (!this.#busy) this.#tell({ type: 'busy' });
    this.#busy = true;
  }

  #open(): void {
    const { path, driver, busyTimeout } = this.#options;
    ensureCacheFile(path, (draft) => {
      const database = driver(draft);
      try {
        initialiseSchema(database);
      } finally {
        database.close();
      }
    });
    this.#identity = fileIdentity(path);
    const database = driver(path);
    this.#connection = new SqliteConnection(database);
    try {
      prepareConnection(database, busyTimeout);
    } catch (error) {
      this.#shut();
      throw error;
    }
  }

  /** A file that was deleted or replaced would go on being written, seen by nobody else. */
  #checkFile(): void {
    const now = this.#options.clock();
    if (this.#closed || Math.abs(now - this.#checkedAt) < CHECK_FILE_EVERY_MS) return;
    this.#checkedAt = now;
    if (this.#connection !== undefined && fileIdentity(this.#options.path) === this.#identity) return;
    this.#shut();
    this.#open();
    this.#tell({ type: 'reopened' });
  }

  #shut(): void {
    this.#used.clear();
    this.#connection?.close();
    this.#connection = undefined;
  }

  #sql(sql: string): SqliteStatement {
    return (this.#connection as SqliteConnection).sql(sql);
  }

  #run(sql: string, ...values: SqliteValue[]): number {
    return (this.#connection as SqliteConnection).run(sql, ...values);
  }

  #tell(event: StoreEvent): void {
    tellStore(this.#options.onEvent, event);
  }
}
