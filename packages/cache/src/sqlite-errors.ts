/** What went wrong, as far as it matters here. */
export type SqliteTrouble = 'busy' | 'full' | 'read-only' | 'corrupt' | 'other';

/** By SQLite's primary result codes. */
const TROUBLES: ReadonlyMap<number | string, SqliteTrouble> = new Map<number | string, SqliteTrouble>([
  [5, 'busy'],
  [6, 'busy'],
  [8, 'read-only'],
  [11, 'corrupt'],
  [13, 'full'],
  [26, 'corrupt'],
  ['BUSY', 'busy'],
  ['LOCKED', 'busy'],
  ['READONLY', 'read-only'],
  ['CORRUPT', 'corrupt'],
  ['FULL', 'full'],
  ['NOTADB', 'corrupt'],
]);

/** Reads the errors of all drivers: numbers with extra bits, or names such as SQLITE_BUSY_SNAPSHOT. */
export function troubleOf(error: unknown): SqliteTrouble {
  const { errcode, code } = error as { readonly errcode?: unknown; readonly code?: unknown };
  if (typeof errcode === 'number') return TROUBLES.get(errcode & 0xff) ?? 'other';
  // A number that this process cannot read was never written by one like it.
  if (code === 'ERR_OUT_OF_RANGE') return 'corrupt';
  const [, name = ''] = /^SQLITE_([A-Z]+)/.exec(String(code)) ?? [];
  return TROUBLES.get(name) ?? 'other';
}
