import { rmSync } from 'node:fs';
import { ConfigError } from '@pipewright/core';
import type { Store, StoreEntry, StoreSelector, StoreSize } from './entry-store.js';
import type { SqliteDriver } from './sqlite-driver.js';
import { troubleOf } from './sqlite-errors.js';
import { ensureCacheFile, fileIdentity } from './sqlite-file.js';
import { prepareConnection } from './sqlite-schema.js';
import { SqliteTables, type SqliteLimits } from './sqlite-tables.js';
import { tellStore, type StoreEvent } from './store-cache.js';
import { StoreWriteError } from './store-write-error.js';

export interface SqliteStoreOptions extends SqliteLimits {
  readonly path: string;
  readonly driver: SqliteDriver;
  readonly busyTimeout: number;
  readonly clock: () => number;
  readonly onEvent: ((event: StoreEvent) => void) | undefined;
}

/** Uses are written down together with the next answer: a write for each read would cost more than the read. */
const MAX_USED = 1_000;
const CHECK_FILE_EVERY_MS = 1_000;

/** Texts in one SQLite file, which several processes may share. */
export class SqliteStore implements Store {
  readonly #options: SqliteStoreOptions;
  readonly #used = new Map<string, number>();
  #tables: SqliteTables | undefined;
  #identity: string | undefined;
  #checkedAt = 0;
  #writable = true;
  #busy = false;
  #closed = false;

  constructor(options: SqliteStoreOptions) {
    this.#options = options;
    this.#open();
  }

  get(digest: string): string | undefined {
    this.#checkFile();
    if (this.#tables === undefined) return undefined;
    try {
      const text = this.#tables.text(digest);
      if (text !== undefined && this.#used.size < MAX_USED) this.#used.set(digest, this.#options.clock());
      return text;
    } catch (error) {
      const trouble = troubleOf(error);
      if (trouble === 'busy') this.#setBusy(true);
      else if (trouble === 'corrupt') this.#tell({ type: 'corrupt', digest });
      else throw error;
      return undefined;
    }
  }

  set(entry: StoreEntry): void {
    this.#write((tables): void => {
      this.#noteUses(tables);
      tables.put(entry, this.#options.clock());
    });
  }

  delete(digest: string): boolean {
    return this.#write((tables) => tables.delete(digest) > 0);
  }

  /** Where everything is to go, a damaged file goes whole. */
  remove(selector: StoreSelector): number {
    const drop = (): number => this.#write((tables) => tables.remove(selector));
    try {
      return drop();
    } catch (error) {
      const everything = Object.values(selector).every((value) => value === undefined);
      if (!everything || !(error instanceof StoreWriteError) || error.trouble !== 'corrupt') throw error;
      this.#replace();
      return drop();
    }
  }

  *texts(): Generator<string, void> {
    this.#checkFile();
    if (this.#tables !== undefined) yield* this.#tables.texts();
  }

  size(): StoreSize {
    this.#checkFile();
    return this.#tables?.size() ?? { entries: 0, bytes: 0 };
  }

  close(): void {
    this.#closed = true;
    try {
      this.#write((tables) => this.#noteUses(tables));
    } catch {
      // Which answers were used last is nothing to fail for.
    }
    this.#shut();
  }

  #noteUses(tables: SqliteTables): void {
    tables.noteUses(this.#used);
    this.#used.clear();
  }

  /** @throws StoreWriteError when the file cannot be written, as the events have told by then */
  #write<T>(work: (tables: SqliteTables) => T): T {
    this.#checkFile();
    const tables = this.#tables;
    if (tables === undefined) throw new StoreWriteError(this.#closed ? 'closed' : 'busy');
    try {
      return this.#succeed(tables.transaction(() => work(tables)));
    } catch (error) {
      const trouble = troubleOf(error);
      if (trouble === 'other') throw error;
      if (trouble === 'full' && this.#makeRoom(tables)) return this.#write(work);
      if (trouble === 'busy') this.#setBusy(true);
      else if (trouble !== 'corrupt') this.#setReadOnly(trouble);
      throw new StoreWriteError(trouble, { cause: error });
    }
  }

  #succeed<T>(result: T): T {
    this.#setBusy(false);
    if (!this.#writable) this.#tell({ type: 'writable' });
    this.#writable = true;
    return result;
  }

  #setReadOnly(reason: string): void {
    if (this.#writable) this.#tell({ type: 'read-only', reason });
    this.#writable = false;
  }

  /** The disk is full: a part of what is there makes room for what comes. */
  #makeRoom(tables: SqliteTables): boolean {
    try {
      return tables.transaction(() => tables.makeRoom()) > 0;
    } catch {
      return false;
    }
  }

  #setBusy(busy: boolean): void {
    if (busy === this.#busy) return;
    if (busy) this.#tell({ type: 'busy' });
    this.#busy = busy;
    this.#tables?.waitAtMost(this.#wait);
  }

  /** Waiting blocks the whole process: once it was in vain, nothing waits until a write has got through. */
  get #wait(): number {
    return this.#busy ? 0 : this.#options.busyTimeout;
  }

  #open(): void {
    const { path, driver } = this.#options;
    try {
      ensureCacheFile(path, driver, this.#wait);
      this.#identity = fileIdentity(path);
      const database = driver(path);
      this.#tables = new SqliteTables(database, this.#options);
      this.#tables.waitAtMost(this.#wait);
      prepareConnection(database);
    } catch (error) {
      this.#shut();
      const trouble = troubleOf(error);
      if (trouble === 'corrupt') {
        const message = `The cache file ${path} is damaged. Delete it, and a new one is made.`;
        throw new ConfigError('path', message, { cause: error });
      }
      if (trouble !== 'busy') throw error;
      // The next look at the file tries again.
      this.#setBusy(true);
    }
  }

  /** A file that was deleted or replaced would go on being written, seen by nobody else. */
  #checkFile(): void {
    const now = this.#options.clock();
    if (this.#closed || Math.abs(now - this.#checkedAt) < CHECK_FILE_EVERY_MS) return;
    this.#checkedAt = now;
    if (this.#tables === undefined || fileIdentity(this.#options.path) !== this.#identity) this.#reopen();
  }

  #reopen(): void {
    this.#shut();
    this.#open();
    if (this.#tables !== undefined) this.#tell({ type: 'reopened' });
  }

  #replace(): void {
    const { path } = this.#options;
    this.#shut();
    // Unless another process has replaced it already.
    if (fileIdentity(path) === this.#identity) rmSync(path);
    this.#reopen();
  }

  #shut(): void {
    this.#used.clear();
    this.#tables?.close();
    this.#tables = undefined;
  }

  #tell(event: StoreEvent): void {
    tellStore(this.#options.onEvent, event);
  }
}
