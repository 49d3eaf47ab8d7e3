import { chunks } from '../flow/chunks.js';
import { last } from '../flow/folds.js';
import type { Ready } from '../flow/flow.js';
import { Runnable } from '../runnable.js';

/** A source of one chunk that counts how often it was opened and closed, and can do something in between. */
export class Witness<T> extends Runnable<T, T> {
  readonly name = 'Witness';
  opened = 0;
  open = 0;
  /** How many of its chunks somebody is waiting for. */
  asked = 0;

  constructor(
    readonly value: T,
    readonly meanwhile?: () => void,
  ) {
    super();
  }

  run(): Ready<T> {
    const source = this.produce();
    const next = async (): Promise<IteratorResult<T, unknown>> => {
      this.asked += 1;
      const step = await source.next();
      this.asked -= 1;
      return step;
    };
    return chunks<T, T>(() => ({ next, return: () => source.return(undefined) }), last);
  }

  async *produce(): AsyncGenerator<T> {
    this.opened += 1;
    this.open += 1;
    try {
      this.meanwhile?.();
      yield this.value;
    } finally {
      this.open -= 1;
    }
  }
}

/** A source that is asked for a chunk when it is closed ends a little later. */
export async function closed(source: { readonly open: number }): Promise<void> {
  for (let turn = 0; turn < 10 && source.open > 0; turn += 1) {
    await new Promise<void>((resolve) => setTimeout(resolve, 0));
  }
}
