import { PipewrightError, type PipewrightErrorOptions } from '@pipewright/core';

/** Why a store could not be written. */
export type StoreWriteTrouble = 'busy' | 'full' | 'read-only' | 'corrupt' | 'closed';

const WHAT_TO_DO: Readonly<Record<StoreWriteTrouble, string>> = {
  busy: 'Another process holds it. Try again when that one is done.',
  full: 'There is no room for the change. Make some, and try again.',
  'read-only': 'It takes no writes here. See to its permissions, and try again.',
  corrupt: 'It is damaged. "clear()" replaces it by an empty one.',
  closed: 'The cache has been closed. Open it anew.',
};

/** A store could not be written, and is as it was before: what was to be dropped is still there. */
export class StoreWriteError extends PipewrightError {
  static override readonly name: string = 'StoreWriteError';
  override readonly code = 'STORE_WRITE';
  constructor(
    readonly trouble: StoreWriteTrouble,
    options?: PipewrightErrorOptions,
  ) {
    const message = `The store could not be written, and nothing in it has changed. ${WHAT_TO_DO[trouble]}`;
    super(message, { retryable: trouble === 'busy', ...options });
  }
}
