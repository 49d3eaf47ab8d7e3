import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  AIMessage,
  AIMessageChunk,
  type BaseMessage,
  ChatMessage,
  ConfigError,
  convertFromOpenAIMessages,
  convertToOpenAIMessages,
  countTokensApproximately,
  filterMessages,
  HumanMessage,
  mapChatMessagesToStoredMessages,
  mapStoredMessagesToChatMessages,
  mapStoredMessageToChatMessage,
  mergeMessageRuns,
  MessageCoercionError,
  messageFold,
  RemoveMessage,
  SystemMessage,
  tokenCounter,
  ToolMessage,
} from '../index.js';
import { runnableLaws } from '../testing/index.js';

const call = { type: 'tool_call', id: 'c1', name: 'add', args: { a: 1 } } as const;
const broken = {
  type: 'invalid_tool_call',
  id: 'c2',
  name: 'add',
  args: '{"a"',
  error: 'The arguments are not a JSON object.',
} as const;
const all: readonly BaseMessage[] = Object.freeze(
  [
    new SystemMessage({ content: 'Be brief.', id: '1' }),
    new HumanMessage({ content: 'Hi', name: 'Ann', id: '2' }),
    new AIMessage({ content: '', id: '3', tool_calls: [call], invalid_tool_calls: [broken] }),
    new ToolMessage({ content: '2', tool_call_id: 'c1', id: '4' }),
    new HumanMessage({ content: 'Ho', name: 'Bo', id: '5' }),
    new ChatMessage('no', 'critic'),
  ].map((message) => Object.freeze(message)),
);
const ids = (messages: readonly BaseMessage[]) => messages.map(({ id }) => id);

describe('filterMessages', () => {
  test('excludes, then includes', () => {
    expect(ids(filterMessages(all, { includeTypes: ['human', SystemMessage] }))).toEqual(['1', '2', '5']);
    expect(ids(filterMessages(all, { excludeNames: ['Ann'], includeTypes: ['user'] }))).toEqual(['5']);
    expect(ids(filterMessages(all, { includeNames: ['Ann'], includeIds: ['4'] }))).toEqual(['2', '4']);
    expect(ids(filterMessages(all, { excludeTypes: ['tool', 'generic'], excludeIds: ['1', '5'] }))).toEqual([
      '2',
      '3',
    ]);
    expect(filterMessages(all)).toEqual(all);
    expect(filterMessages(all, { includeIds: [] })).toEqual([]);
    expect(() => filterMessages(all, { includeTypes: ['wizard' as never] })).toThrow(ConfigError);
  });

  test('drops tool calls and their results, all or some', () => {
    expect(ids(filterMessages(all, { excludeToolCalls: true }))).toEqual(['1', '2', '5', undefined]);
    const [message] = filterMessages(all, { includeTypes: ['ai'], excludeToolCalls: ['c1'] });
    expect(message).toEqual(new AIMessage({ content: '', id: '3', invalid_tool_calls: [broken] }));
    const spoken = Object.freeze(new AIMessage({ content: 'x', tool_calls: [call] }));
    expect(filterMessages([spoken], { excludeToolCalls: true })).toEqual([new AIMessage('x')]);
  });

  test('behaviour 130: is a step of a chain when called with options only', async () => {
    const step = filterMessages({ includeTypes: ['human'] });
    for (const law of runnableLaws(() => step, [all, []])) await law.check();
    expect(ids(step.invokeSync(all))).toEqual(['2', '5']);
  });
});

describe('mergeMessageRuns', () => {
  test('behaviour 130: joins neighbours of one speaker with a newline', () => {
    const merged = mergeMessageRuns([
      'a',
      Object.freeze(new HumanMessage('b')),
      new HumanMessage({ content: 'c', name: 'Ann' }),
      new SystemMessage('s'),
      new SystemMessage(''),
      new SystemMessage('t'),
      new ChatMessage('x', 'critic'),
      new ChatMessage('y', 'critic'),
      new ChatMessage('z', 'judge'),
      new ToolMessage('1', 'c1'),
      new ToolMessage('2', 'c2'),
    ]);
    expect(merged.map(({ type, text }) => [type, text])).toEqual([
      ['human', 'a\nb'],
      ['human', 'c'],
      ['system', 's\nt'],
      ['generic', 'x\ny'],
      ['generic', 'z'],
      ['tool', '1'],
      ['tool', '2'],
    ]);
  });

  test('puts blocks, tool calls and token counts together', () => {
    const usage = { input_tokens: 1, output_tokens: 2, total_tokens: 3 };
    const merged = mergeMessageRuns([
      new AIMessage({
        content: 'a',
        id: '1',
        usage_metadata: usage,
        response_metadata: { model: 'm', n: 1 },
      }),
      new AIMessage({
        content: [{ type: 'image', url: 'u' }],
        tool_calls: [call],
        response_metadata: { n: 2 },
      }),
      new AIMessage({ content: '', invalid_tool_calls: [broken], usage_metadata: usage }),
    ]);
    expect(merged).toEqual([
      new AIMessage({
        content: [
          { type: 'text', text: 'a' },
          { type: 'image', url: 'u' },
        ],
        id: '1',
        tool_calls: [call],
        invalid_tool_calls: [broken],
        usage_metadata: { input_tokens: 2, output_tokens: 4, total_tokens: 6 },
        response_metadata: { model: 'm', n: 2 },
      }),
    ]);
  });

  test('is a step of a chain when called without messages', async () => {
    for (const law of runnableLaws(() => mergeMessageRuns(), [all, [], ['a', 'b']])) await law.check();
  });
});

describe('OpenAI’s form', () => {
  test('is what the endpoint takes', () => {
    expect(convertToOpenAIMessages(all)).toEqual([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Hi', name: 'Ann' },
      {
        role: 'assistant',
        content: null,
        tool_calls: [
          { id: 'c1', type: 'function', function: { name: 'add', arguments: '{"a":1}' } },
          { id: 'c2', type: 'function', function: { name: 'add', arguments: '{"a"' } },
        ],
      },
      { role: 'tool', content: '2', tool_call_id: 'c1' },
      { role: 'user', content: 'Ho', name: 'Bo' },
      { role: 'critic', content: 'no' },
    ]);
    expect(convertToOpenAIMessages([['developer', 'x']])).toEqual([{ role: 'developer', content: 'x' }]);
    expect(() => convertToOpenAIMessages([new RemoveMessage({ id: '1' })])).toThrow(MessageCoercionError);
  });

  test('blocks become parts', () => {
    const content = [
      { type: 'reasoning', reasoning: 'hm' },
      { type: 'text', text: 'See' },
      { type: 'image', url: 'https://example.com/a.png', metadata: { detail: 'low' } },
      { type: 'image', data: 'AAAA', mimeType: 'image/png' },
      { type: 'image_url', image_url: 'https://example.com/b.png' },
      { type: 'audio', data: 'AAAA', mimeType: 'audio/mpeg' },
      { type: 'file', data: 'AAAA', mimeType: 'application/pdf', metadata: { filename: 'a.pdf' } },
      { type: 'file', metadata: { file_id: 'f1' } },
      { type: 'custom', x: 1 },
    ] as const;
    expect(convertToOpenAIMessages([Object.freeze(new HumanMessage({ content }))])[0]?.content).toEqual([
      { type: 'text', text: 'See' },
      { type: 'image_url', image_url: { url: 'https://example.com/a.png', detail: 'low' } },
      { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
      { type: 'image_url', image_url: { url: 'https://example.com/b.png' } },
      { type: 'input_audio', input_audio: { data: 'AAAA', format: 'mp3' } },
      { type: 'file', file: { file_data: 'data:application/pdf;base64,AAAA', filename: 'a.pdf' } },
      { type: 'file', file: { file_id: 'f1' } },
      { type: 'custom', x: 1 },
    ]);
    for (const block of [
      { type: 'image' },
      { type: 'image', data: 'A' },
      { type: 'audio', url: 'u' },
    ] as const) {
      expect(() => convertToOpenAIMessages([new HumanMessage({ content: [block] })])).toThrow(
        MessageCoercionError,
      );
    }
  });

  test('there and back again changes nothing, for any texts and arguments', () => {
    const text = fc.string({ unit: 'binary' });
    const json = fc
      .dictionary(text, fc.jsonValue())
      .map((value) => JSON.parse(JSON.stringify(value)) as object);
    const message = fc.oneof(
      text.map((content) => new HumanMessage(content)),
      text.map((content) => new SystemMessage(content)),
      fc.record({ content: text, args: json, name: text }).map(
        ({ content, args, name }) =>
          new AIMessage({
            content,
            tool_calls: [{ type: 'tool_call', id: 'i', name, args: args as never }],
          }),
      ),
      fc.record({ content: text, id: text }).map(({ content, id }) => new ToolMessage(content, id)),
      text.map((content) => new ChatMessage(content, 'critic')),
    );
    fc.assert(
      fc.property(fc.array(message), (messages) => {
        expect(convertFromOpenAIMessages(convertToOpenAIMessages(messages))).toEqual(messages);
      }),
    );
  });

  test('is read with broken arguments, refusals and empty contents', () => {
    const [answer, refused] = convertFromOpenAIMessages([
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'c2', type: 'function', function: { name: 'add', arguments: '{"a"' } }],
      },
      { role: 'assistant', refusal: 'No.' },
    ]);
    expect(answer).toEqual(new AIMessage({ content: '', invalid_tool_calls: [broken] }));
    expect(refused?.additional_kwargs).toEqual({ refusal: 'No.' });
    expect(convertToOpenAIMessages([refused as AIMessage])).toEqual([
      { role: 'assistant', content: '', refusal: 'No.' },
    ]);
    expect(() => convertFromOpenAIMessages([null as never])).toThrow('Message 0');
    expect(() => convertFromOpenAIMessages([{ role: 'tool', content: 'x' }])).toThrow(MessageCoercionError);
  });
});

describe('counting tokens', () => {
  test('takes a quarter of the characters, and a little for each message', () => {
    expect(countTokensApproximately('12345')).toBe(2);
    expect(countTokensApproximately([])).toBe(0);
    expect(countTokensApproximately(new HumanMessage('12345678'))).toBe(3 + 1 + 2);
    const image = new HumanMessage({
      content: [
        { type: 'image', url: 'x'.repeat(1000) },
        { type: 'text', text: '1234' },
      ],
    });
    expect(countTokensApproximately([image])).toBe(3 + 1 + 85 + 1);
    expect(countTokensApproximately([all[2] as BaseMessage])).toBeGreaterThan(10);
  });

  test('takes a tokenizer', () => {
    const count = tokenCounter((text) => text.split(' ').length, { tokensPerMessage: 10 });
    expect(count([new HumanMessage('a b c')])).toBe(10 + 1 + 3);
    expect(count('a b')).toBe(2);
  });
});

describe('stored messages', () => {
  test('come back equal, in LangChain’s form or as JSON writes them', () => {
    const stored: unknown = JSON.parse(JSON.stringify(mapChatMessagesToStoredMessages(all)));
    expect(stored).toMatchObject([{ type: 'system', data: { content: 'Be brief.' } }, {}, {}, {}, {}, {}]);
    expect(mapStoredMessagesToChatMessages(stored as never)).toEqual(all);
    expect(mapStoredMessagesToChatMessages(JSON.parse(JSON.stringify(all)) as never)).toEqual(all);
    const langchain = {
      type: 'ai',
      data: { content: 'x', tool_calls: [call], name: undefined, role: undefined },
    };
    expect(mapStoredMessageToChatMessage(langchain as never)).toEqual(
      new AIMessage({ content: 'x', tool_calls: [call] }),
    );
    expect(() => mapStoredMessageToChatMessage(null as never)).toThrow(MessageCoercionError);
    expect(() => mapStoredMessageToChatMessage({ type: 'wizard', data: {} } as never)).toThrow(
      MessageCoercionError,
    );
  });

  test('a piece of an answer is stored as the message it makes', () => {
    const chunk = new AIMessageChunk({
      content: 'x',
      tool_call_chunks: [{ index: 0, id: 'c1', name: 'add', args: '{"a":1}' }],
    });
    expect(mapStoredMessagesToChatMessages(mapChatMessagesToStoredMessages([chunk]))).toEqual([
      new AIMessage({ content: 'x', tool_calls: [call] }),
    ]);
  });
});

describe('D54: nothing given is changed', () => {
  test('constructors take frozen fields, and copy what they hand on', () => {
    const fields = Object.freeze({
      content: Object.freeze([{ type: 'text', text: 'x' }]),
      role: 'critic',
      tool_call_id: '1',
    });
    const classes = [
      HumanMessage,
      AIMessage,
      SystemMessage,
      ToolMessage,
      ChatMessage,
      AIMessageChunk,
    ] as const;
    for (const Class of classes) expect(new (Class as typeof HumanMessage)(fields as never).text).toBe('x');
    expect(Object.keys(fields)).toEqual(['content', 'role', 'tool_call_id']);
  });
});

describe('D56: adding pieces up takes time in proportion', () => {
  const growth = (make: (count: number) => readonly AIMessageChunk[]): number => {
    const best = (count: number): number => {
      const chunks = make(count);
      return Math.min(
        ...Array.from({ length: 7 }, () => {
          const start = performance.now();
          const total = messageFold();
          for (const chunk of chunks) total.add(chunk);
          total.value();
          return performance.now() - start;
        }),
      );
    };
    return best(32_000) / Math.max(best(4000), 0.05);
  };
  const list = (count: number, make: (index: number) => object) =>
    Array.from({ length: count }, (_, index) => new AIMessageChunk({ content: '', ...make(index) }));

  test.each<[string, (count: number) => readonly AIMessageChunk[]]>([
    [
      'one tool call in pieces',
      (count) => list(count, () => ({ tool_call_chunks: [{ index: 0, id: 'a', args: 'x' }] })),
    ],
    [
      'many tool calls',
      (count) => list(count, (index) => ({ tool_call_chunks: [{ index, name: 'f', args: '{}' }] })),
    ],
    ['text', (count) => list(count, () => ({ content: 'word ' }))],
    [
      'one block in pieces',
      (count) => list(count, () => ({ content: [{ type: 'text', text: 'x', index: 0 }] })),
    ],
    ['many blocks', (count) => list(count, (index) => ({ content: [{ type: 'text', text: 'x', index }] }))],
    ['blocks of other kinds', (count) => list(count, () => ({ content: [{ type: 'image', url: 'u' }] }))],
  ])('%s', (_, make) => {
    expect(growth(make)).toBeLessThan(8 * 4);
  });

  test('a block without an index grows only while it is the last, and its type may have any name', () => {
    const total = messageFold();
    const content = [
      { type: 'text', text: 'a' },
      { type: 'constructor', text: 'x' },
      { type: 'constructor', text: 'y' },
      { type: 'text', text: 'b' },
      { type: 'text', text: 'c' },
    ];
    total.add(new AIMessageChunk({ content }));
    total.add(
      new AIMessageChunk({ content: '', additional_kwargs: JSON.parse('{"__proto__": {"x": 1}}') as never }),
    );
    const message = total.value();
    expect(message.content).toEqual([...content.slice(0, 3), { type: 'text', text: 'bc' }]);
    expect(Object.getPrototypeOf(message.additional_kwargs)).toBe(Object.prototype);
  });
});
