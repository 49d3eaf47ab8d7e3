import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  AIMessage,
  BaseChatModel,
  ChatMessage,
  HumanMessage,
  llmRequest,
  SystemMessage,
  ToolMessage,
  type BaseMessage,
  type ChatModelInput,
  type RunnableConfig,
} from '../index.js';
import { toolOptions } from '../tools/bind-tools.js';
import type { ToolDescription } from '../tools/open-ai-tool.js';
import { canonical } from './canonical.js';
import { describeCall } from './request.js';

class Sized extends BaseChatModel {
  readonly name: string;
  constructor(
    readonly size: number,
    readonly temperature?: number,
    name = 'Sized',
  ) {
    super();
    this.name = name;
  }
  override generate() {
    return new AIMessage('x');
  }
}

function keyOf(
  input: ChatModelInput,
  config: object = {},
  model: BaseChatModel = new Sized(1),
): string | undefined {
  const described = llmRequest(model, input, config as RunnableConfig);
  return 'request' in described ? described.request.key : undefined;
}

const conversation = (): BaseMessage[] => [
  new SystemMessage('Be brief.'),
  new HumanMessage({ content: 'Hi', name: 'ann' }),
  new AIMessage({ content: 'Calling.', tool_calls: [{ id: 'call_1', name: 'add', args: { a: 1 } }] }),
  new ToolMessage({ content: '2', tool_call_id: 'call_1', status: 'success' }),
  new HumanMessage([
    { type: 'text', text: 'And this?' },
    { type: 'image', data: 'AAAA', mimeType: 'image/png' },
  ]),
];
const config = {
  temperature: 0.5,
  topP: 1,
  maxTokens: 10,
  seed: 1,
  stop: ['.'],
  tools: [{ type: 'function', function: { name: 'add', parameters: { type: 'object' } } }],
  toolChoice: 'auto',
  responseFormat: { type: 'json_object' },
  modelKwargs: { reasoning_effort: 'low' },
  cache: { scope: 'a', epochs: { handbook: 1 } },
};

describe('C2: whatever can change the answer changes the key', () => {
  /** Every path to a leaf of plain data. */
  function* leaves(value: unknown, path: readonly PropertyKey[] = []): Generator<readonly PropertyKey[]> {
    if (typeof value !== 'object' || value === null) yield path;
    else for (const [key, member] of Object.entries(value)) yield* leaves(member, [...path, key]);
  }
  function changed<T>(
    value: T,
    [key, ...rest]: readonly PropertyKey[],
    change: (leaf: unknown) => unknown,
  ): T {
    if (key === undefined) return change(value) as T;
    const copy = (Array.isArray(value) ? [...value] : { ...value }) as Record<PropertyKey, unknown>;
    copy[key] = changed(copy[key], rest, change);
    return copy as T;
  }
  const other = fc.constantFrom<(leaf: unknown) => unknown>(
    (leaf) => `${String(leaf)} `,
    (leaf) => (typeof leaf === 'number' ? leaf + 1 : [leaf]),
    () => null,
    (leaf) => ({ leaf }),
  );
  const optionPaths = [...leaves(config)];
  const fields = conversation().map((message) => {
    const { type, content, name, tool_calls, tool_call_id, status } = message as AIMessage & ToolMessage;
    return JSON.parse(JSON.stringify({ type, content, name, tool_calls, tool_call_id, status })) as object;
  });
  // A message's own type goes with its class, and a call of a tool has only one.
  const messagePaths = [...leaves(fields)].filter(
    (path) => path.at(-1) !== 'type' || (path.length > 2 && path[1] !== 'tool_calls'),
  );

  test('options in both spellings', () => {
    const spelt = (both: object) => keyOf('Hi', both);
    const keys = [
      spelt({ toolChoice: 'auto' }),
      spelt({ toolChoice: 'auto', tool_choice: 'none' }),
      spelt({ toolChoice: 'auto', tool_choice: 'required' }),
      spelt({ responseFormat: { type: 'text' } }),
      spelt({ responseFormat: { type: 'text' }, response_format: { type: 'json_object' } }),
    ];
    expect(new Set(keys).size).toBe(keys.length);
    expect(spelt({ tool_choice: 'auto' })).toBe(keys[0]);
  });

  test('every leaf of the options', () => {
    const plain = keyOf(conversation(), config);
    fc.assert(
      fc.property(fc.constantFrom(...optionPaths), other, (path, change) => {
        const mutated = changed(config, path, change);
        // Scopes are strings only; anything else is refused.
        fc.pre(typeof mutated.cache.scope === 'string');
        expect(keyOf(conversation(), mutated)).not.toBe(plain);
      }),
      { numRuns: 500 },
    );
  });

  test('every leaf of the messages, but the id of a tool call that is renamed throughout', () => {
    const describeFields = (messages: readonly object[]) => {
      const described = describeCall(
        { model: new Sized(1), messages: messages as unknown as BaseMessage[], options: {} },
        {},
      );
      return 'request' in described && described.request.key;
    };
    const plain = describeFields(fields);
    fc.assert(
      fc.property(fc.constantFrom(...messagePaths), other, (path, change) => {
        fc.pre(path.at(-1) !== 'tool_calls' && !(path[1] === 'tool_calls' && path.at(-1) === 'id' && false));
        expect(describeFields(changed(fields, path, change))).not.toBe(plain);
      }),
      { numRuns: 500 },
    );
    const renamed = JSON.parse(JSON.stringify(fields).replaceAll('call_1', 'call_99')) as object[];
    expect(describeFields(renamed)).toBe(plain);
  });

  test('roles, order, count, model name, its fields', () => {
    const keys = [
      keyOf([new HumanMessage('a')]),
      keyOf([new SystemMessage('a')]),
      keyOf([new AIMessage('a')]),
      keyOf([new ChatMessage('a', 'human')]),
      keyOf([new ChatMessage('a', 'critic')]),
      keyOf([new HumanMessage('a'), new HumanMessage('b')]),
      keyOf([new HumanMessage('b'), new HumanMessage('a')]),
      keyOf([new HumanMessage('ab')]),
      keyOf([new HumanMessage({ content: 'a', additional_kwargs: { cache_control: 'x' } })]),
      keyOf([new HumanMessage([{ type: 'text', text: 'a' }])]),
      keyOf('a', {}, new Sized(2)),
      keyOf('a', {}, new Sized(1, 0)),
      keyOf('a', {}, new Sized(1, undefined, 'Other')),
      keyOf([]),
    ];
    expect(keys.every((key) => key !== undefined)).toBe(true);
    expect(new Set(keys).size).toBe(keys.length);
  });
});

test('two messages have the same key only if all of their fields are the same', () => {
  const text = fc.constantFrom('', 'a', '0', '1s1:a', ';');
  const optional = { content: text, name: text, tool_call_id: text, status: text, role: text };
  const kwargs = fc.dictionary(text, text, { minKeys: 1, maxKeys: 1 });
  const message = fc.record(
    { type: text, additional_kwargs: kwargs, ...optional },
    { requiredKeys: ['type'] },
  );
  const messages = fc.array(message, { minLength: 1, maxLength: 2 });
  fc.assert(
    fc.property(messages, messages, (left, right) => {
      const [one, other] = [left, right].map((given) => {
        const call = { model: new Sized(1), messages: given as never, options: {} };
        return (describeCall(call, {}) as { request: { key: string } }).request.key;
      });
      expect(one === other).toBe(canonical(left) === canonical(right));
    }),
    { numRuns: 3_000 },
  );
});

test('a model that was changed between two calls has another key', () => {
  const model = new Sized(1, 0.5);
  const keys = [0.5, 0.7, 0.5].map((temperature) => {
    Object.assign(model, { temperature });
    return keyOf('Hi', {}, model);
  });
  expect(keys[1]).not.toBe(keys[0]);
  expect(keys[2]).toBe(keys[0]);
});

test('D33: what cannot change the answer never counts', () => {
  const volatile = fc.record({
    signal: fc.constantFrom(new AbortController().signal, undefined),
    timeout: fc.option(fc.integer({ min: 1, max: 10_000 }), { nil: undefined }),
    tags: fc.array(fc.string()),
    metadata: fc.dictionary(fc.string(), fc.jsonValue()),
    configurable: fc.dictionary(fc.string(), fc.jsonValue()),
    callbacks: fc.constantFrom([() => {}], undefined),
    runName: fc.string(),
    runId: fc.uuid(),
    recursionLimit: fc.integer({ min: 1, max: 99 }),
    maxConcurrency: fc.integer({ min: 1, max: 99 }),
  });
  const plain = keyOf(conversation(), config);
  fc.assert(
    fc.property(volatile, fc.string(), (noise, id) => {
      const marked = conversation().map((message) =>
        Object.assign(Object.create(Object.getPrototypeOf(message)) as BaseMessage, message, {
          id,
          response_metadata: { cache: { hit: true } },
          usage_metadata: { input_tokens: 1, output_tokens: 1, total_tokens: 2 },
        }),
      );
      expect(keyOf(marked, { ...noise, ...config })).toBe(plain);
    }),
  );
});

test('R13: neither the order in which options are written counts, nor those that say nothing', () => {
  const written = { a: { x: 1, y: 2 }, b: [1, 2] };
  const otherwise = { b: [1, 2], a: { y: 2, x: 1 } };
  expect(keyOf('Hi', { modelKwargs: written })).toBe(keyOf('Hi', { modelKwargs: otherwise }));
  const unsaid = { temperature: undefined, cache: { scope: '', epochs: {} } };
  expect(keyOf('Hi', unsaid)).toBe(keyOf('Hi'));
});

test('R8, D32, C3: text that imitates roles, separators or markers meets no other conversation', () => {
  const fragments = fc.constantFrom(
    'a',
    'Hi',
    '\n',
    'AI: ',
    'Human: ',
    'system',
    '1:',
    's2:Hi',
    '}',
    '{',
    '[',
    'a1[',
    '2/',
    ':',
    '_',
    '\0',
    '"',
    'ai',
    'pipewright-llm-5:',
    '4:type',
    's5:human',
    '"role":"user"',
    '<|im_end|>',
    '\ud800',
  ); // prettier-ignore
  const text = fc.array(fragments, { maxLength: 6 }).map((parts) => parts.join(''));
  const messages = fc.array(fc.tuple(fc.constantFrom('human', 'ai', 'system'), text), { maxLength: 4 });
  const call = fc.tuple(messages, text, text);
  const keyOfCall = ([input, scope, kwarg]: [[string, string][], string, string]) =>
    keyOf(input as never, { cache: { scope }, modelKwargs: { kwarg } });
  fc.assert(
    fc.property(call, call, (left, right) => {
      const same = JSON.stringify(left) === JSON.stringify(right);
      expect(keyOfCall(left as never) === keyOfCall(right as never)).toBe(same);
    }),
    { numRuns: 3_000 },
  );
});

// A tenth of them where people wait for it.
const REQUESTS = process.env.CI === 'true' ? 1_000_000 : 100_000;

test('no two of a million requests collide', () => {
  const parts = ['a', 'b', 'ab', 'a\nAI: b', '1:a', '', 's1:a', '"', '{', 'n0;'];
  const seen = new Set<bigint>();
  const model = new Sized(1);
  for (let number = 0; number < REQUESTS; number += 1) {
    const digit = (place: number): string => parts[Math.floor(number / 10 ** place) % 10] as string;
    const call = {
      model,
      messages: [new HumanMessage(digit(0)), new AIMessage(digit(1)), new HumanMessage(digit(2))],
      options: { stop: [digit(3), digit(4)] },
    };
    const described = describeCall(call, { scope: digit(5) });
    const { key } = (described as { request: { key: string } }).request;
    seen.add(createHash('sha256').update(key, 'utf8').digest().readBigUInt64LE());
  }
  expect(seen.size).toBe(REQUESTS);
});

test('R9: media count whole', () => {
  const image = (data: string) => [new HumanMessage([{ type: 'image', data, mimeType: 'image/png' }])];
  expect(keyOf(image('AAAA'))).not.toBe(keyOf(image('AAAB')));
  const bytes = (...data: number[]) => [new HumanMessage([{ type: 'raw', data: new Uint8Array(data) }])];
  expect(keyOf(bytes(1, 2))).not.toBe(keyOf(bytes(1, 3)));
});

test('R10, D38: models that differ in a field do not share answers', () => {
  const keys = [new Sized(7), new Sized(70), new Sized(7, 0), new Sized(7, 1)].map((model) =>
    keyOf('Hi', {}, model),
  );
  expect(new Set(keys).size).toBe(4);
});

describe('R11: what cannot be written down is never left out in silence', () => {
  const hidden = Object.defineProperty({ name: 'x' }, 'secret', { value: 1, enumerable: false });
  test.each<[string, object]>([
    ['a function', { modelKwargs: { f: () => 1 } }],
    ['a Map', { modelKwargs: { m: new Map([[1, 2]]) } }],
    ['a hidden member', { modelKwargs: { hidden } }],
    ['a symbol as a key', { modelKwargs: { [Symbol('s')]: 1 } }],
    ['R12: a bigint', { modelKwargs: { n: 1n } }],
    ['a tool that is neither data nor described', { tools: [hidden] }],
  ])('%s makes the call uncacheable, with a reason', (_name, options) => {
    const described = llmRequest(new Sized(1), 'Hi', options as RunnableConfig);
    expect((described as { reason: string }).reason).toMatch(/plain data/);
  });

  test('an instance of a class in a message or among epochs makes it so too, though it has no members', () => {
    const message = new HumanMessage({ content: 'Hi', additional_kwargs: new Map() as never });
    expect(llmRequest(new Sized(1), [message])).toHaveProperty('reason');
    const cache = { epochs: new Map() as never };
    expect(llmRequest(new Sized(1), 'Hi', { cache })).toHaveProperty('reason');
  });

  test('a tool counts by what the model is told of it, not by its function', () => {
    const keyWith = (name: string, description: string, schema: z.ZodType, result = 1) => {
      const options = toolOptions([{ name, description, schema, func: () => result } as ToolDescription]);
      return keyOf('Hi', options);
    };
    const plain = keyWith('add', 'Adds.', z.object({ a: z.number() }));
    expect(plain).toBeDefined();
    expect(keyWith('add', 'Adds.', z.object({ a: z.number() }), 2)).toBe(plain);
    expect(keyWith('sub', 'Adds.', z.object({ a: z.number() }))).not.toBe(plain);
    expect(keyWith('add', 'Subtracts.', z.object({ a: z.number() }))).not.toBe(plain);
    expect(keyWith('add', 'Adds.', z.object({ a: z.string() }))).not.toBe(plain);
  });
});
