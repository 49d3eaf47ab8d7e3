/**
 * How long the server asks to wait, in milliseconds; undefined when it does not say or says nonsense. A date is compared
 * with the server's own, where it sends one: clocks differ.
 */
export function retryAfter(headers: Headers, date: () => number): number | undefined {
  const milliseconds = wait(headers.get('retry-after-ms'), 1);
  if (milliseconds !== undefined) return milliseconds;
  const value = headers.get('retry-after');
  const seconds = wait(value, 1000);
  if (seconds !== undefined || value === null) return seconds;
  // Only a date has letters; Date.parse would read "-5" as the month of May.
  const until = /[a-z]/i.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(until)) return undefined;
  const theirs = Date.parse(headers.get('date') ?? '');
  return Math.max(0, until - (Number.isNaN(theirs) ? date() : theirs));
}

function wait(value: string | null, unit: number): number | undefined {
  if (value === null || !/^\s*\d+(\.\d+)?\s*$/.test(value)) return undefined;
  return Math.min(Math.ceil(Number(value) * unit), Number.MAX_SAFE_INTEGER);
}
