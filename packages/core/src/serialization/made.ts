import { DeserializationError } from '../errors.js';

/** Makes something of what was read; a failure names the place that it was read from. */
export function made<T>(path: string, make: () => T): T {
  try {
    return make();
  } catch (cause) {
    if (cause instanceof DeserializationError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DeserializationError(path, reason, { cause });
  }
}
