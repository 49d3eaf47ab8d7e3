// Finds the bytes of one row in a SQLite file, by the file format: https://sqlite.org/fileformat2.html
import { readFileSync } from 'node:fs';
import { sqliteDriver } from '../src/sqlite.js';

const TABLE_LEAF = 0x0d;
const LEAF_HEADER = 8;

/** From the first byte of the cell (its length) to the last of its last column. */
export interface CellPlace {
  readonly start: number;
  readonly end: number;
}

/** The cell of the row that holds a text. The table must fit into one page, and nobody may have the file open. */
export function cellHolding(path: string, table: string, text: string): CellPlace {
  const database = sqliteDriver()(path);
  // Whatever stands in the write-ahead log goes into the file.
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  const { rootpage } = database.prepare('SELECT rootpage FROM sqlite_master WHERE name = ?').get(table) as {
    readonly rootpage: number;
  };
  database.close();
  const file = readFileSync(path);
  const pageSize = file.readUInt16BE(16);
  const page = file.subarray((rootpage - 1) * pageSize, rootpage * pageSize);
  if (page[0] !== TABLE_LEAF) throw new Error(`${table} does not fit into one page`);
  for (let cell = 0; cell < page.readUInt16BE(3); cell += 1) {
    const start = page.readUInt16BE(LEAF_HEADER + 2 * cell);
    const length = varint(page, start);
    const rowid = varint(page, length.end);
    const end = rowid.end + length.value;
    if (end > page.length) throw new Error(`a row of ${table} does not fit into one page`);
    const offset = (rootpage - 1) * pageSize;
    if (page.subarray(start, end).includes(text)) return { start: offset + start, end: offset + end };
  }
  throw new Error(`no row of ${table} holds ${text}`);
}

/** Seven bits to a byte, the highest first; all bytes but the last have the eighth bit. */
function varint(page: Buffer, start: number): { readonly value: number; readonly end: number } {
  let value = 0;
  for (let place = start; place < start + 8; place += 1) {
    const byte = page[place] as number;
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) return { value, end: place + 1 };
  }
  throw new Error('a number of nine bytes');
}
