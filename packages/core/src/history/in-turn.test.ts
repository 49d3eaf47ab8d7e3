import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bob, inMemory } from '../../test/sessions.js';
import {
  type BaseChatMessageHistory,
  type BaseMessage,
  HumanMessage,
  RunnableLambda,
  RunnableWithMessageHistory,
} from '../index.js';

/** A store that reads everything and writes everything back, slowly: two writes at once would lose one. */
class SlowStore implements BaseChatMessageHistory {
  static readonly kept = new WeakMap<object, readonly BaseMessage[]>();
  constructor(
    readonly place: object,
    readonly turns: () => number,
  ) {}
  async getMessages() {
    await this.pause();
    return SlowStore.kept.get(this.place) ?? [];
  }
  async addMessages(messages: readonly BaseMessage[]) {
    const before = SlowStore.kept.get(this.place) ?? [];
    await this.pause();
    SlowStore.kept.set(this.place, [...before, ...messages]);
  }
  clear() {}
  async pause() {
    for (let turn = this.turns(); turn > 0; turn -= 1) await Promise.resolve();
  }
}

describe('D57: parallel calls on one session', () => {
  test('lose nothing and keep each turn together, whatever the store and whichever ends first', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ text: fc.string({ maxLength: 3 }), waits: fc.nat(8), streams: fc.boolean() }), {
          minLength: 2,
          maxLength: 6,
        }),
        fc.infiniteStream(fc.nat(4)),
        async (calls, pauses) => {
          const place = {};
          const pause = () => pauses.next().value as number;
          const runnable = RunnableLambda.from(async (messages: readonly BaseMessage[]) => {
            const asked = JSON.parse(messages.at(-1)?.text ?? '') as { index: number; waits: number };
            for (let turn = 0; turn < asked.waits; turn += 1) await Promise.resolve();
            return `answer ${asked.index}`;
          });
          // A new object for each call, as with stores on disk.
          const chat = new RunnableWithMessageHistory({
            runnable,
            getMessageHistory: () => new SlowStore(place, pause),
          });
          await Promise.all(
            calls.map(({ waits, streams, text }, index) => {
              const asked = [new HumanMessage(JSON.stringify({ index, waits, text }))];
              return streams ? chat.stream(asked, bob).final : chat.invoke(asked, bob);
            }),
          );
          const kept = SlowStore.kept.get(place) ?? [];
          expect(kept).toHaveLength(calls.length * 2);
          const turns = new Set<number>();
          for (let at = 0; at < kept.length; at += 2) {
            const { index } = JSON.parse(kept[at]?.text ?? '') as { index: number };
            expect(kept[at + 1]?.text).toBe(`answer ${index}`);
            turns.add(index);
          }
          expect(turns.size).toBe(calls.length);
        },
      ),
      { numRuns: 200 },
    );
  });

  test('a batch on one session', async () => {
    const { of, kept } = inMemory();
    const runnable = RunnableLambda.from(
      async (messages: readonly BaseMessage[]) => `re: ${messages.at(-1)?.text}`,
    );
    const chat = new RunnableWithMessageHistory({ runnable, getMessageHistory: of });
    const inputs = Array.from({ length: 20 }, (_, index) => [new HumanMessage(`n${index}`)]);
    await chat.batch(inputs, bob);
    expect(kept('bob')).toHaveLength(40);
    expect(new Set(kept('bob')).size).toBe(40);
  });

  test('a failed write fails its own call, and the next goes on', async () => {
    const { of, kept } = inMemory();
    let broken = true;
    const getMessageHistory = (id: string): BaseChatMessageHistory => ({
      getMessages: async () => of(id).getMessages(),
      addMessages: async (messages) => {
        if (broken) throw new Error('disk full');
        of(id).addMessages(messages);
      },
      clear: () => {},
    });
    const runnable = RunnableLambda.from(() => 'ok');
    const chat = new RunnableWithMessageHistory({ runnable, getMessageHistory });
    const first = chat.invoke('x' as never, bob).finally(() => {
      broken = false;
    });
    await expect(first).rejects.toThrow('disk full');
    await chat.invoke('y' as never, bob);
    expect(kept('bob')).toEqual(['human: y', 'ai: ok']);
  });
});

describe('a store that does not answer', () => {
  const stuck = new Promise<never>(() => {});
  /** Reads and writes as told, in this order. */
  const chatting = (reads: readonly unknown[], writes: readonly unknown[]) => {
    const done: string[] = [];
    const next = (what: string, results: readonly unknown[]) => () => {
      const count = done.filter((entry) => entry === what).length;
      done.push(what);
      return results[count] as never;
    };
    const history = {
      getMessages: next('read', reads),
      addMessages: next('write', writes),
      clear: () => {},
    };
    const runnable = RunnableLambda.from(() => 'ok');
    return { chat: new RunnableWithMessageHistory({ runnable, getMessageHistory: () => history }), done };
  };
  const stopped = (reason: string) => {
    const stop = new AbortController();
    return { config: { ...bob, signal: stop.signal }, stop: () => stop.abort(new Error(reason)) };
  };

  test('to a read holds up a session only until the run that reads is stopped', async () => {
    const { chat, done } = chatting([stuck, []], []);
    const { config, stop } = stopped('enough');
    const first = chat.invoke([], config);
    const second = chat.invoke([], bob);
    await Promise.resolve();
    expect(done).toEqual(['read']);
    stop();
    await expect(first).rejects.toThrow('enough');
    expect(await second).toBe('ok');
  });

  test('to a write keeps those behind it waiting, whichever of them are stopped', async () => {
    let write: (value: unknown) => void = () => {};
    const writing = new Promise((resolve) => {
      write = resolve;
    });
    const { chat, done } = chatting([[], [], []], [writing]);
    const first = chat.invoke([], bob);
    const { config, stop } = stopped('enough');
    const second = chat.invoke([], config);
    const third = chat.invoke([], bob);
    stop();
    await expect(second).rejects.toThrow('enough');
    expect(done).toEqual(['read', 'write']);
    write(undefined);
    expect(await Promise.all([first, third])).toEqual(['ok', 'ok']);
    expect(done).toEqual(['read', 'write', 'read', 'write']);
  });
});
