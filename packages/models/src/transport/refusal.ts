import { isObject, type Json } from './json.js';

/** A provider's error object, read as far as it can be. */
export interface Refusal {
  /** The provider's words. Foreign text: show it only through `excerpt`. */
  readonly message?: string;
  /** Codes and types it gave, the most specific first. Foreign text as well. */
  readonly codes: readonly string[];
  /** A status that stands inside the error object. */
  readonly status?: number;
}

/**
 * The error that a JSON answer reports; undefined when it reports none. Knows `{ error: { message, type, code } }`,
 * `{ error: "text" }` and, in an answer whose status says that it is one, `{ message }` and `{ detail }` too.
 */
export function refusalIn(json: unknown, failed = false): Refusal | undefined {
  if (!isObject(json)) return undefined;
  const { error } = json;
  // Some servers write an empty one with each answer.
  const isTold = typeof error === 'object' && error !== null ? Object.keys(error).length > 0 : Boolean(error);
  if (!isTold) return failed ? refusal({ ...json, message: json.message ?? json.detail }) : undefined;
  return refusal(isObject(error) ? error : { message: error });
}

function refusal(error: Json): Refusal {
  const { message, code, type } = error;
  const inner = error.innererror ?? error.inner_error;
  const given = [isObject(inner) ? inner.code : undefined, code, type];
  const codes = given.filter((value) => typeof value === 'string');
  const status = [code, error.status].map(Number).find((value) => value >= 400 && value <= 599);
  const words = typeof message === 'string' || message == null ? message : JSON.stringify(message);
  return {
    codes,
    ...(words != null && words !== '' && { message: words }),
    ...(status !== undefined && { status }),
  };
}
