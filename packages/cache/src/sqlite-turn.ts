import { closeSync, existsSync, openSync } from 'node:fs';
import type { SqliteDriver } from './sqlite-driver.js';

/**
 * Does what only one process at a time may do. It holds the lock of an empty file of that name, which the system takes
 * from a process that dies. The file stays: one that was removed would be locked still by those who wait for it.
 *
 * @param timeout - how long to wait for the others, in milliseconds; then SQLite's error says that it is busy
 */
export function inTurn(lock: string, driver: SqliteDriver, timeout: number, work: () => void): void {
  // SQLite would let other users open it. Only a new file, as closing one lets go of the locks that this process has on it.
  if (!existsSync(lock)) closeSync(openSync(lock, 'a', 0o600));
  const database = driver(lock);
  try {
    database.exec(`PRAGMA busy_timeout = ${timeout}`);
    database.exec('BEGIN EXCLUSIVE');
    work();
  } finally {
    database.close();
  }
}
