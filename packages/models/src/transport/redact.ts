/** Takes secrets out of a text. */
export type Redact = (text: string) => string;

const MASK = '[secret]';
/** Providers like to echo the start or the end of a key; so much of it in a row is taken out. */
const WINDOW = 8;
/** Shorter values are placeholders such as "x", and would take ordinary words apart. */
const SHORTEST = 4;

/**
 * Makes a function that takes the given secrets out of a text, plain or encoded (base64, URL, JSON), whole or in part, in
 * small or capital letters.
 * Works only when it is called, so it costs nothing until something fails.
 */
export function redactor(secrets: readonly string[]): Redact {
  let known: { readonly windows: ReadonlySet<string>; readonly short: readonly string[] } | undefined;
  return (text) => {
    known ??= prepare(secrets);
    let clean = mask(text, known.windows);
    for (const value of known.short) clean = clean.replaceAll(value, MASK);
    return clean;
  };
}

function prepare(secrets: readonly string[]): { windows: ReadonlySet<string>; short: string[] } {
  const windows = new Set<string>();
  const short: string[] = [];
  for (const form of secrets.flatMap(formsOf)) {
    if (form.length < WINDOW) short.push(form);
    for (let at = 0; at + WINDOW <= form.length; at += 1) windows.add(small(form.slice(at, at + WINDOW)));
  }
  return { windows, short };
}

function formsOf(secret: string): string[] {
  if (secret.length < SHORTEST) return [];
  const forms = [
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
    ...base64Forms(secret),
  ];
  return [...new Set(forms)];
}

/** Inside a longer text, base64 looks different at each of three offsets. */
function base64Forms(secret: string): string[] {
  const encoded = ['', ' ', '  '].map((before) => btoa(before + secret));
  return encoded.flatMap((form) => [form, form.replaceAll('+', '-').replaceAll('/', '_')]);
}

function mask(text: string, windows: ReadonlySet<string>): string {
  if (windows.size === 0) return text;
  const letters = small(text);
  let clean = '';
  let kept = 0;
  let at = 0;
  while (at + WINDOW <= text.length) {
    if (!windows.has(letters.slice(at, at + WINDOW))) {
      at += 1;
      continue;
    }
    clean += text.slice(kept, at) + MASK;
    do at += 1;
    while (windows.has(letters.slice(at, at + WINDOW)));
    at += WINDOW - 1;
    kept = at;
  }
  return clean + text.slice(kept);
}

/** Latin letters only: the small form of some others has another length, and places would no longer match. */
function small(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
