import { redactor, type Redact } from './redact.js';

/** Where a request goes, as far as an error may tell. */
export interface Place {
  /** Host and port. Path and query stay out: some providers take keys there. */
  readonly host: string;
  /** Name of the model asked. */
  readonly model: string;
  readonly redact: Redact;
}

export function placeOf(url: string, model: string, secrets: readonly string[]): Place {
  return { host: new URL(url).host, model, redact: redactor(secrets) };
}

/** Nobody reads on after so many characters, and looking for secrets takes time. */
const MOST = 8 * 1024;

/** A foreign text as part of a message: without secrets, on one line, nothing a terminal acts on, not too long. */
export function excerpt(text: string, place: Place, length = 200): string {
  const plain = place
    .redact(text.slice(0, MOST))
    // Control, formatting (bidirectional marks among them), line and paragraph separators, halves of characters.
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\s]+/gu, ' ')
    .trim();
  return plain.length <= length ? plain : `${plain.slice(0, length).replace(/\p{Cs}$/u, '')}…`;
}

/** What made an error, as its cause: name, message, code and stack without secrets. Whatever else it held stays out. */
export function safeCause(error: unknown, place: Place, depth = 0): Error {
  if (!(error instanceof Error)) return new Error(excerpt(String(error), place));
  const { name, message, stack, cause } = error;
  const { code, errors } = error as { readonly code?: unknown; readonly errors?: readonly unknown[] };
  const copy = new Error(place.redact(message));
  copy.name = place.redact(name);
  if (stack !== undefined) copy.stack = place.redact(stack);
  if (typeof code === 'string') Object.assign(copy, { code: place.redact(code) });
  // Where several addresses were tried, the first failure stands for all.
  const inner = cause ?? errors?.[0];
  if (inner !== undefined && depth < 4) copy.cause = safeCause(inner, place, depth + 1);
  return copy;
}
