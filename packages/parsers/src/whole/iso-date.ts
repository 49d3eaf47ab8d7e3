// Anchored, and nothing in it can match the same characters in two ways: linear.
const FORM =
  /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s?(Z|z|UTC|[+-]\d\d:?\d\d)?)?$/;

const MINUTE_MS = 60_000;

/** Reads a date in ISO form; undefined when it is none, or no such day or time exists. Without an offset it is in UTC. */
export function isoDate(text: string): Date | undefined {
  const parts = FORM.exec(text);
  if (parts === null) return undefined;
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const milliseconds = Math.floor(Number(`0.${parts[7] ?? 0}`) * 1000);
  const offset = offsetMinutes(parts[8]);
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second, milliseconds);
  // The Date has moved on where a part was too large.
  const isSame =
    date.getUTCMonth() === month - 1 &&
    date.getUTCDate() === day &&
    date.getUTCHours() === hour &&
    date.getUTCMinutes() === minute &&
    date.getUTCSeconds() === second;
  if (!isSame || offset === undefined) return undefined;
  return new Date(date.getTime() - offset * MINUTE_MS);
}

function offsetMinutes(zone: string | undefined): number | undefined {
  if (zone === undefined || (zone.length <= 3 && !/^[+-]/.test(zone))) return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(-2));
  if (hours > 14 || minutes > 59) return undefined;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
}
