import type { SyncMachine } from '@pipewright/core';

const NONE: readonly never[] = [];

/** Reads text line by line. `read` gives what a line means, or undefined for nothing. */
export function lineMachine<T>(read: (line: string) => T | undefined): SyncMachine<string, T> {
  let line = '';
  const take = (): readonly T[] => {
    const item = read(line.endsWith('\r') ? line.slice(0, -1) : line);
    line = '';
    return item === undefined ? NONE : [item];
  };
  return {
    push: (text) => {
      let end = text.indexOf('\n');
      if (end === -1) {
        line += text;
        return NONE;
      }
      const items: T[] = [];
      let start = 0;
      for (; end !== -1; start = end + 1, end = text.indexOf('\n', start)) {
        line += text.slice(start, end);
        items.push(...take());
      }
      line = text.slice(start);
      return items;
    },
    end: take,
  };
}
