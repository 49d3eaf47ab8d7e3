import { limitsOf, overLimit, type SyncMachine } from '@pipewright/core';

const NONE: readonly never[] = [];

/** For what can only be read whole: `read` gets all of the text at its end. Longer text throws LimitExceededError. */
export function wholeText<T>(
  read: (text: string) => T,
  maxLength = limitsOf({}).maxLength,
): SyncMachine<string, T> {
  let text = '';
  return {
    push: (piece) => {
      text += piece;
      if (text.length > maxLength) throw overLimit('maxLength', maxLength);
      return NONE;
    },
    end: () => [read(text)],
  };
}
