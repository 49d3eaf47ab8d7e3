import type { StoreEntry } from './entry-store.js';
import { plainJson } from './envelope.js';
import type { SqliteValue } from './sqlite-driver.js';

const COLUMNS = 'digest, scope, model, drop_at, row_sum, text';

export const INSERT_ROW = `INSERT INTO entries (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)`;

/**
 * A row as its checksum, its facts and, after a line, its text. As bytes, because damaged text ends the process in some
 * libraries. Nothing where a type is damaged, as only text comes before bytes: some libraries would not show it.
 */
const READ = `CASE WHEN digest < x'' AND scope < x'' AND model < x'' AND text < x''
  THEN CAST(row_sum || ' ' || digest || scope || model || drop_at || char(10) || text AS BLOB) END AS whole FROM entries`;

/** By its place: found by its digest, it would be given the digest of the index, and damage to its own would not show. */
export const READ_ROW = `SELECT ${READ} WHERE rowid = (SELECT rowid FROM entries WHERE digest = ?)`;

/** The row that comes next after a place. */
export const READ_NEXT = `SELECT rowid AS place, ${READ} WHERE rowid > ? ORDER BY rowid LIMIT 1`;

export interface PlacedRow extends StoredRow {
  readonly place: number;
}

interface StoredRow {
  readonly whole: Uint8Array | null;
}

const [ZERO, SPACE, LINE_END] = [48, 32, 10];
const SUM_START = 0x811c9dc5;
const SUM_FACTOR = 0x01000193;
/** Where a text has its own checksum, which ties all of it to the row. */
const TEXT_BEGINNING = 64;

/** What `INSERT_ROW` is given. */
export function rowValues({ digest, scope, model, dropAt, text }: StoreEntry): SqliteValue[] {
  // As JSON, because not every library gives back every other text whole.
  const [plainScope, plainModel] = [plainJson(scope), plainJson(model)];
  // Whole, because SQLite writes fractions in its own way.
  const wholeDropAt = Math.ceil(dropAt);
  const facts = Buffer.from(`${digest}${plainScope}${plainModel}${wholeDropAt}\n${text}`, 'utf8');
  const sum = rowSum(facts, 0, facts.indexOf(LINE_END));
  return [digest, plainScope, plainModel, wholeDropAt, sum, text];
}

/** The text of a row that is as it was written, or undefined. */
export function textOfRow(row: unknown): string | undefined {
  const { whole } = row as StoredRow;
  if (whole === null) return undefined;
  const bytes = Buffer.from(whole.buffer, whole.byteOffset, whole.byteLength);
  const lineEnd = bytes.indexOf(LINE_END);
  let sum = 0;
  let place = 0;
  for (; place < lineEnd && bytes[place] !== SPACE; place += 1) {
    sum = sum * 10 + (bytes[place] as number) - ZERO;
  }
  return rowSum(bytes, place + 1, lineEnd) === sum ? bytes.toString('utf8', lineEnd + 1) : undefined;
}

/** FNV-1a in 32 bits, in which every change of one byte shows. */
function rowSum(bytes: Buffer, start: number, lineEnd: number): number {
  const end = Math.min(bytes.length, lineEnd + TEXT_BEGINNING);
  let sum = SUM_START;
  for (let place = start; place < end; place += 1)
    sum = Math.imul(sum ^ (bytes[place] as number), SUM_FACTOR);
  return sum >>> 0;
}
