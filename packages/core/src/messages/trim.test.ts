import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  AIMessage,
  type BaseMessage,
  ChatPromptValue,
  ConfigError,
  HumanMessage,
  MessageCoercionError,
  SystemMessage,
  ToolMessage,
  trimMessages,
  type TrimMessagesOptions,
} from '../index.js';
import { FakeListChatModel, runnableLaws } from '../testing/index.js';

function deepFreeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFreeze(inner);
  }
  return value;
}

/** A token for each word. */
const words = (messages: readonly BaseMessage[]): number =>
  messages.reduce((sum, { text }) => sum + (text.match(/\S+/g)?.length ?? 0), 0);

const history = deepFreeze([
  new SystemMessage('be brief'),
  new HumanMessage('h1 h1'),
  new AIMessage('a1 a1 a1'),
  new HumanMessage('h2'),
  new AIMessage('a2 a2'),
]);
const trim = async (options: Omit<TrimMessagesOptions, 'tokenCounter'>) =>
  (await trimMessages(history, { tokenCounter: words, ...options })).map(({ text }) => text);

describe('trimMessages', () => {
  test('behaviour 131: keeps the newest, can keep the system message and begin with the user', async () => {
    expect(await trim({ maxTokens: 100 })).toHaveLength(5);
    expect(await trim({ maxTokens: 3 })).toEqual(['h2', 'a2 a2']);
    expect(await trim({ maxTokens: 6 })).toEqual(['a1 a1 a1', 'h2', 'a2 a2']);
    expect(await trim({ maxTokens: 6, startOn: 'human' })).toEqual(['h2', 'a2 a2']);
    expect(await trim({ maxTokens: 5, includeSystem: true })).toEqual(['be brief', 'h2', 'a2 a2']);
    expect(await trim({ maxTokens: 8, includeSystem: true, startOn: HumanMessage })).toEqual([
      'be brief',
      'h2',
      'a2 a2',
    ]);
    expect(await trim({ maxTokens: 2, endOn: ['human', ToolMessage] })).toEqual(['h2']);
    expect(await trim({ maxTokens: 1 })).toEqual([]);
    expect(await trim({ maxTokens: 1, includeSystem: true })).toEqual([]);
    expect(await trim({ maxTokens: 9, startOn: 'tool' })).toEqual([]);
  });

  test('keeps the oldest', async () => {
    expect(await trim({ maxTokens: 4, strategy: 'first' })).toEqual(['be brief', 'h1 h1']);
    expect(await trim({ maxTokens: 7, strategy: 'first', endOn: 'human' })).toEqual(['be brief', 'h1 h1']);
    expect(await trim({ maxTokens: 0, strategy: 'first' })).toEqual([]);
  });

  test('D55: keeps a part of a message without changing it', async () => {
    const messages = deepFreeze([
      new HumanMessage({ content: 'a\nb b\nc c c\n', name: 'Bo' }),
      new AIMessage('end'),
    ]);
    const cut = async (
      maxTokens: number,
      strategy: 'first' | 'last',
      given: readonly BaseMessage[] = messages,
    ) =>
      trimMessages(given, {
        maxTokens,
        strategy,
        allowPartial: true,
        tokenCounter: async (all) => words(all),
      });
    expect(await cut(3, 'first')).toEqual([new HumanMessage({ content: 'a\nb b\n', name: 'Bo' })]);
    expect(await cut(4, 'last')).toEqual([
      new HumanMessage({ content: 'c c c\n', name: 'Bo' }),
      new AIMessage('end'),
    ]);
    expect(messages[0]?.content).toBe('a\nb b\nc c c\n');
    const blocks = deepFreeze([
      new AIMessage({
        content: [
          { type: 'text', text: 'a a ' },
          { type: 'text', text: 'b\nb' },
        ],
        id: '1',
      }),
    ]);
    expect(await cut(3, 'first', blocks)).toEqual([
      new AIMessage({
        content: [
          { type: 'text', text: 'a a ' },
          { type: 'text', text: 'b\n' },
        ],
        id: '1',
      }),
    ]);
    expect(await cut(1, 'last', blocks)).toEqual([
      new AIMessage({ content: [{ type: 'text', text: 'b' }], id: '1' }),
    ]);
    expect((await cut(1, 'last', blocks))[0]).toBeInstanceOf(AIMessage);
  });

  test('is a step of a chain when called with options only', async () => {
    const step = trimMessages({ maxTokens: 3, tokenCounter: words });
    for (const law of runnableLaws(() => step, [history, [], ['human hi', { role: 'ai', content: 'x' }]])) {
      await law.check();
    }
    expect(step.invokeSync(new ChatPromptValue(history))).toEqual(history.slice(3));
    const model = new FakeListChatModel({ responses: ['ok'] });
    expect((await step.pipe(model).invoke(history)).text).toBe('ok');
    await expect(step.invoke(5 as never)).rejects.toThrow(MessageCoercionError);
  });

  test.each([
    [{ maxTokens: Number.NaN }, 'maxTokens'],
    [{ maxTokens: -1 }, 'maxTokens'],
    [{}, 'maxTokens'],
    [{ maxTokens: 1, strategy: 'middle' }, 'strategy'],
    [{ maxTokens: 1, strategy: 'first', startOn: 'human' }, 'startOn'],
    [{ maxTokens: 1, strategy: 'first', includeSystem: true }, 'includeSystem'],
    [{ maxTokens: 1, startOn: 'wizard' }, 'startOn'],
    [{ maxTokens: 1, endOn: [5] }, 'endOn'],
    [{ maxTokens: 1, tokenCounter: 'exact' }, 'tokenCounter'],
  ])('refuses %j', async (options, option) => {
    const given = options as unknown as TrimMessagesOptions;
    await expect(trimMessages(history, given)).rejects.toMatchObject({ code: 'INVALID_CONFIG', option });
    expect(() => trimMessages(given)).toThrow(ConfigError);
  });

  test('the most that fits is kept, and never more, for any messages', async () => {
    const message = fc
      .tuple(
        fc.constantFrom('human', 'ai', 'system'),
        fc.array(fc.constantFrom('w', 'w\n'), { maxLength: 4 }),
      )
      .map(([role, parts]) => [role, parts.join(' ')] as const);
    await fc.assert(
      fc.asyncProperty(
        fc.array(message, { maxLength: 8 }),
        fc.nat(12),
        fc.constantFrom('first', 'last'),
        async (likes, maxTokens, strategy) => {
          const kept = await trimMessages(likes, { maxTokens, strategy, tokenCounter: words });
          expect(words(kept)).toBeLessThanOrEqual(maxTokens);
          const all = await trimMessages(likes, { maxTokens: 1000, tokenCounter: words });
          const isLast = strategy === 'last';
          expect(kept).toEqual(isLast ? all.slice(all.length - kept.length) : all.slice(0, kept.length));
          if (kept.length < all.length) {
            const more = isLast ? all.slice(all.length - kept.length - 1) : all.slice(0, kept.length + 1);
            expect(words(more)).toBeGreaterThan(maxTokens);
          }
          const partial = await trimMessages(likes, {
            maxTokens,
            strategy,
            tokenCounter: words,
            allowPartial: true,
          });
          expect(words(partial)).toBeLessThanOrEqual(maxTokens);
          expect(words(partial)).toBeGreaterThanOrEqual(words(kept));
        },
      ),
    );
  });

  test('counts a logarithm of times', async () => {
    let asked = 0;
    const many = Array.from({ length: 4096 }, () => new HumanMessage('w'));
    const counter = (messages: readonly BaseMessage[]): number => {
      asked += 1;
      return messages.length;
    };
    expect(await trimMessages(many, { maxTokens: 1000, tokenCounter: counter })).toHaveLength(1000);
    expect(asked).toBeLessThan(20);
  });
});
