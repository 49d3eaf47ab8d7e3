import type { SqliteDatabase, SqliteStatement, SqliteValue } from './sqlite-driver.js';

/** An open database with the statements that were prepared on it. */
export class SqliteConnection {
  readonly #database: SqliteDatabase;
  readonly #statements = new Map<string, SqliteStatement>();

  constructor(database: SqliteDatabase) {
    this.#database = database;
  }

  sql(sql: string): SqliteStatement {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  /** How long whatever follows waits for another process, in milliseconds. */
  waitAtMost(timeout: number): void {
    this.#database.exec(`PRAGMA busy_timeout = ${timeout}`);
  }

  /** Gives how many rows it changed. */
  run(sql: string, ...values: SqliteValue[]): number {
    return Number(this.sql(sql).run(...values).changes);
  }

  /** One transaction that has the right to write from its start: one that got it later could be refused it. */
  transaction<T>(work: () => T): T {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.#database.exec('COMMIT');
      return result;
    } catch (error) {
      try {
        this.#database.exec('ROLLBACK');
      } catch {
        // SQLite has rolled back by itself after some errors.
      }
      throw error;
    }
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }
}
