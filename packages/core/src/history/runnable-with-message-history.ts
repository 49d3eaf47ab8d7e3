import type { RunContext } from '../engine/run-context.js';
import { describe } from '../describe.js';
import { CoercionError, ConfigError } from '../errors.js';
import type { Flow, Ready } from '../flow/flow.js';
import { andThen, type MaybePromise } from '../flow/promise.js';
import { isRunnable } from '../is-runnable.js';
import type { Manifest } from '../manifest.js';
import type { BaseMessage } from '../messages/message.js';
import { Runnable, type Children } from '../runnable.js';
import type { BaseChatMessageHistory } from './chat-message-history.js';
import { inTurn } from './in-turn.js';
import { keptAtItsEnd } from './kept-at-its-end.js';
import { inputMessages, outputMessages } from './turn-messages.js';
import { whileRunning } from './while-running.js';
import { withoutRemoved } from './without-removed.js';

/** Gives the history of a session; called for every run. */
export type GetMessageHistory = (sessionId: string) => MaybePromise<BaseChatMessageHistory>;

/** What is asked of a runnable with a history: all that it takes but the history. */
export type InputWithoutHistory<In, Key extends string> = [Key] extends [never] ? In : Omit<In, Key>;

export interface MessageHistoryFields<In, Out, Chunk, Key extends string> {
  readonly runnable: Runnable<In, Out, Chunk>;
  readonly getMessageHistory: GetMessageHistory;
  /** Where in the input what is asked stands. Default: the input itself, its only key, or `input`. */
  readonly inputMessagesKey?: string;
  /** Where in the output the answer stands. Default: the output itself, its only key, or `output`. */
  readonly outputMessagesKey?: string;
  /** Under which key the runnable gets the earlier messages. Default: before the new ones, where those are. */
  readonly historyMessagesKey?: Key;
}

/**
 * A runnable that remembers: it gets the earlier messages of its session, and after a run that ended well what was asked
 * and what was answered are kept, together. A run that fails, is stopped, or whose stream is not read to its end leaves
 * no trace. The session is named by `configurable: { sessionId }`.
 *
 * Parallel runs on one session lose nothing: each sees what was kept when it started, and each is kept whole, in the
 * order in which they end. In this process reads and writes of a session, by the same `getMessageHistory`, wait for each
 * other, though not for a read whose run is stopped; across processes it is the store's to append at once.
 *
 * @example
 * ```ts
 * import { InMemoryChatMessageHistory, RunnableWithMessageHistory } from '@pipewright/core';
 * import { FakeListChatModel } from '@pipewright/core/testing';
 *
 * const sessions = new Map<string, InMemoryChatMessageHistory>();
 * const chat = new RunnableWithMessageHistory({
 *   runnable: new FakeListChatModel({ responses: ['Hello Bob!', 'You are Bob.'] }),
 *   getMessageHistory: (id) => {
 *     const history = sessions.get(id) ?? new InMemoryChatMessageHistory();
 *     sessions.set(id, history);
 *     return history;
 *   },
 * });
 * const config = { configurable: { sessionId: 'bob' } };
 * await chat.invoke('I am Bob.', config);
 * await chat.invoke('Who am I?', config);
 * const kept = sessions.get('bob')?.getMessages().length; // 4
 * ```
 */
export class RunnableWithMessageHistory<In, Out, Chunk = Out, Key extends string = never> extends Runnable<
  InputWithoutHistory<In, Key>,
  Out,
  Chunk
> {
  readonly name = 'RunnableWithMessageHistory';
  readonly fields: MessageHistoryFields<In, Out, Chunk, Key>;

  constructor(fields: MessageHistoryFields<In, Out, Chunk, Key>) {
    super();
    if (!isRunnable(fields.runnable)) {
      throw new CoercionError(
        `RunnableWithMessageHistory needs { runnable }; got ${describe(fields.runnable)}.`,
      );
    }
    if (typeof fields.getMessageHistory !== 'function') {
      throw new CoercionError(
        `RunnableWithMessageHistory needs { getMessageHistory }, a function; got ${describe(fields.getMessageHistory)}.`,
      );
    }
    this.fields = fields;
  }

  override get children(): Children {
    return { bound: this.fields.runnable };
  }

  override get manifest(): Manifest {
    const { getMessageHistory, inputMessagesKey, outputMessagesKey, historyMessagesKey } = this.fields;
    return {
      kind: this.name,
      options: { getMessageHistory, inputMessagesKey, outputMessagesKey, historyMessagesKey },
    };
  }

  run(input: Ready<InputWithoutHistory<In, Key>, unknown>, context: RunContext): Flow<Out, Chunk> {
    const { runnable, getMessageHistory, inputMessagesKey, outputMessagesKey } = this.fields;
    const sessionId = sessionOf(context);
    const asked = inputMessages(input, inputMessagesKey);
    return andThen(getMessageHistory(sessionId), (history) => {
      const inOrder = <T>(work: () => MaybePromise<T>): MaybePromise<T> =>
        inTurn(getMessageHistory, sessionId, work);
      const keep = (output: Out): MaybePromise<unknown> => {
        const turn = [...asked, ...outputMessages(output, outputMessagesKey)];
        return inOrder(() => {
          // The run may have been stopped while its last step was on its way, or while others were kept.
          if (context.signal.aborted) throw context.signal.reason;
          return history.addMessages(turn);
        });
      };
      return andThen(
        // A read that nobody waits for any more must not hold up the session. A write keeps its place.
        inOrder(() => whileRunning(() => history.getMessages(), context)),
        (earlier): Flow<Out, Chunk> => {
          const given = withEarlier(input, earlier, asked, this.fields);
          return keptAtItsEnd(context.run(runnable, given as In), keep, context);
        },
      );
    });
  }
}

function sessionOf({ configurable }: RunContext): string {
  const { sessionId } = configurable;
  if (typeof sessionId === 'string') return sessionId;
  throw new ConfigError(
    'configurable.sessionId',
    `configurable.sessionId is ${describe(sessionId)}; a history needs to know whose it is. ` +
      "Call with { configurable: { sessionId: '...' } }.",
  );
}

type Keys = Pick<
  MessageHistoryFields<never, unknown, unknown, string>,
  'inputMessagesKey' | 'historyMessagesKey'
>;

/** The input as the runnable gets it: earlier messages under their key, or before those that are asked. */
function withEarlier(
  input: unknown,
  earlier: readonly BaseMessage[],
  asked: readonly BaseMessage[],
  { inputMessagesKey, historyMessagesKey }: Keys,
): unknown {
  const isApart = historyMessagesKey !== undefined;
  const others = isApart ? asked.filter(({ type }) => type === 'remove') : asked;
  const messages = [...withoutRemoved([...earlier, ...others])];
  const key = historyMessagesKey ?? inputMessagesKey;
  if (key === undefined) return messages;
  if (typeof input === 'object' && input !== null && !Array.isArray(input)) {
    return { ...input, [key]: messages };
  }
  throw new ConfigError(
    'historyMessagesKey',
    `The earlier messages go under "${key}" in the input, which therefore is an object; it is ${describe(input)}.`,
  );
}
