import {
  AIMessageChunk,
  BaseChatModel,
  type BaseMessage,
  type ModelCallOptions,
  type RunContext,
} from '../src/index.js';

/** A call under way: the test says what it gives, and when. */
export interface Call {
  readonly signal: AbortSignal;
  give(...pieces: (string | AIMessageChunk)[]): void;
  end(): void;
  fail(error: unknown): void;
  closed: boolean;
}

/** A model whose calls are played by the test. */
export class PlayedModel extends BaseChatModel {
  readonly name = 'PlayedModel';
  readonly calls: Call[] = [];

  override identity() {
    return { name: this.name };
  }

  override streamChunks(
    _messages: readonly BaseMessage[],
    _options: ModelCallOptions,
    { signal }: RunContext,
  ): AsyncIterable<AIMessageChunk> {
    const waiting: ((step: () => IteratorResult<AIMessageChunk>) => void)[] = [];
    const arrived: (() => IteratorResult<AIMessageChunk>)[] = [];
    const arrive = (step: () => IteratorResult<AIMessageChunk>): void => {
      const next = waiting.shift();
      if (next) next(step);
      else arrived.push(step);
    };
    const call: Call = {
      signal,
      closed: false,
      give: (...pieces) => {
        for (const piece of pieces) {
          const value = typeof piece === 'string' ? new AIMessageChunk(piece) : piece;
          arrive(() => ({ done: false, value }));
        }
      },
      end: () => arrive(() => ({ done: true, value: undefined })),
      fail: (error) =>
        arrive(() => {
          throw error;
        }),
    };
    this.calls.push(call);
    signal.addEventListener('abort', () => call.fail(signal.reason), { once: true });
    return {
      [Symbol.asyncIterator]: () => ({
        next: () =>
          new Promise((resolve, reject) => {
            const settle = (step: () => IteratorResult<AIMessageChunk>): void => {
              try {
                resolve(step());
              } catch (error) {
                reject(error as Error);
              }
            };
            const step = arrived.shift();
            if (step) settle(step);
            else waiting.push(settle);
          }),
        return: async () => {
          call.closed = true;
          return { done: true, value: undefined };
        },
      }),
    };
  }
}

/** Lets promises that are settled already be heard of. */
export const turns = async (count = 10): Promise<void> => {
  for (let turn = 0; turn < count; turn += 1) await Promise.resolve();
};

export const callOf = (model: PlayedModel, index = 0): Call => model.calls[index] as Call;
