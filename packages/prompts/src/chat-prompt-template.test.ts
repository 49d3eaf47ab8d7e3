import '../test/frozen-inputs.js';
import {
  AIMessage,
  ChatMessage,
  ChatPromptValue,
  ConfigError,
  convertToOpenAIMessages,
  HumanMessage,
  LimitExceededError,
  MessageCoercionError,
  PromptInputError,
  SystemMessage,
  TemplateError,
  ToolMessage,
} from '@pipewright/core';
import { runnableLaws } from '@pipewright/core/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { deepFreeze } from '../test/deep-freeze.js';
import { rejection, thrown } from '../test/failure.js';
import {
  ChatPromptTemplate,
  DictPromptTemplate,
  FewShotPromptTemplate,
  HumanMessagePromptTemplate,
  ImagePromptTemplate,
  MessagesPlaceholder,
  promptFromDocument,
  PromptTemplate,
  StructuredPrompt,
  SystemMessagePromptTemplate,
  type MessageTemplateLike,
} from './index.js';

const chat = ChatPromptTemplate.fromMessages([
  ['system', 'You are {persona}.'],
  new MessagesPlaceholder({ variableName: 'history', optional: true }),
  ['human', '{question}'],
]);

function build(...messages: unknown[]): ChatPromptTemplate {
  return ChatPromptTemplate.fromMessages(messages as MessageTemplateLike[]);
}

describe('a chat prompt', () => {
  const inputs = [
    Object.freeze({ persona: 'a poet', question: 'Why?' }),
    { persona: 1, question: '{persona}', history: [['human', 'Hi'] as const, { role: 'ai', content: 'Ho' }] },
  ];
  for (const law of runnableLaws(() => chat, inputs)) test(law.name, () => law.check());

  test('fills its messages in', async () => {
    const history = [new HumanMessage('Hi'), new AIMessage('Hello')];
    expect(await chat.formatMessages({ persona: 'a poet', history, question: 'Why?' })).toEqual([
      new SystemMessage('You are a poet.'),
      ...history,
      new HumanMessage('Why?'),
    ]);
    expect(chat.inputVariables).toEqual(['persona', 'question']);
  });

  test('fromTemplate makes one message of the user', async () => {
    expect(await ChatPromptTemplate.fromTemplate('Hi {name}').formatMessages('Bo')).toEqual([
      new HumanMessage('Hi Bo'),
    ]);
  });

  test('behaviour 93: its value is messages, or lines of text', async () => {
    const value = await chat.invoke({ persona: 'a poet', question: 'Why?' });
    expect(value).toBeInstanceOf(ChatPromptValue);
    expect(value.toString()).toBe('System: You are a poet.\nHuman: Why?');
    expect(await chat.format({ persona: 'a poet', question: 'Why?' })).toBe(value.toString());
  });

  test('behaviour 94: knows the roles, and takes a bare text as the user’s', async () => {
    const prompt = ChatPromptTemplate.fromMessages([
      ['human', '{x}'],
      ['user', '{x}'],
      ['ai', '{x}'],
      ['assistant', '{x}'],
      ['system', '{x}'],
      '{x}',
    ]);
    const types = (await prompt.formatMessages('1')).map((message) => message.type);
    expect(types).toEqual(['human', 'human', 'ai', 'ai', 'system', 'human']);
  });

  test('behaviour 94: refuses an unknown role when it is built', () => {
    expect(thrown(() => build(['humn', 'x']), MessageCoercionError).message).toContain('"humn"');
    expect(() => build({ role: 'humn', content: 'x' })).toThrow(MessageCoercionError);
  });

  test.each([
    [5, 'Message 2 of the chat prompt is a number.'],
    [null, 'Message 2 of the chat prompt is null.'],
    [['human'], 'Message 2 of the chat prompt is an array.'],
    [['human', 'a', 'b'], 'Message 2 of the chat prompt is an array.'],
    [() => 'x', 'Message 2 of the chat prompt is a function.'],
    [PromptTemplate.fromTemplate('x'), 'Message 2 of the chat prompt is an object of class PromptTemplate.'],
    [['human', 5], 'The content of a message is a number'],
    [['human', undefined], 'The content of a message is undefined'],
    [['human', [5]], 'A content block is a number'],
    [['human', [null]], 'A content block is null'],
  ])('refuses %o as a message, saying what is wrong', (like, message) => {
    expect(thrown(() => build('x', like), MessageCoercionError).message).toContain(message);
  });

  test('refuses what is no list', () => {
    expect(() => ChatPromptTemplate.fromMessages('x' as never)).toThrow(ConfigError);
    expect(() => new ChatPromptTemplate({} as never)).toThrow(
      'The messages of a prompt are a list; got undefined.',
    );
  });

  test('behaviour 95: a message object is literal, also one that came back from JSON', async () => {
    const message = new HumanMessage('{literal} }{');
    const stored: unknown = JSON.parse(JSON.stringify(new AIMessage('{stored}')));
    const custom = new ChatMessage('{mine}', 'critic');
    const messages = await build(message, stored, custom, '{x}').formatMessages({ x: 1 });
    expect(messages.map(({ text }) => text)).toEqual(['{literal} }{', '{stored}', '{mine}', '1']);
    expect(messages[0]).toBe(message);
    expect(messages[1]).toBeInstanceOf(AIMessage);
  });

  test('plain objects are templated, their further fields kept', async () => {
    const prompt = ChatPromptTemplate.fromMessages([
      { role: 'user', content: 'Hi {x}', name: 'Bo', id: '{id}' },
      { role: 'tool', content: '{x}', tool_call_id: 'call_1' },
    ]);
    expect(prompt.inputVariables).toEqual(['x']);
    expect(await prompt.formatMessages({ x: 1 })).toEqual([
      new HumanMessage({ content: 'Hi 1', name: 'Bo', id: '{id}' }),
      new ToolMessage({ content: '1', tool_call_id: 'call_1' }),
    ]);
  });

  test('behaviour 98: nested prompts are put in their place', async () => {
    const inner = ChatPromptTemplate.fromMessages([['ai', '{b}'], chat]);
    const outer = ChatPromptTemplate.fromMessages([['system', '{a}'], inner, ['human', '{c}']]);
    expect(outer.inputVariables).toEqual(['a', 'b', 'persona', 'question', 'c']);
    const messages = await outer.formatMessages({ a: 1, b: 2, persona: 3, question: 4, c: 5, history: 'h' });
    expect(messages.map(({ text }) => text)).toEqual(['1', '2', 'You are 3.', 'h', '4', '5']);
  });

  test('a nested prompt keeps to itself what was set for it', async () => {
    const inner = ChatPromptTemplate.fromTemplate('{x}').partial({ x: 'inner' });
    const free = ChatPromptTemplate.fromMessages([inner, ['human', '{y}']]);
    expect(free.inputVariables).toEqual(['y']);
    expect(await free.format({ y: 1 })).toBe('Human: inner\nHuman: 1');
    expect(await free.format({ y: 1, x: 'given' })).toBe('Human: given\nHuman: 1');
    expect(await free.partial({ x: 'outer' }).format({ y: 1 })).toBe('Human: outer\nHuman: 1');

    const asking = ChatPromptTemplate.fromMessages([inner, ['human', '{x}']]);
    expect(asking.inputVariables).toEqual(['x']);
    expect((await rejection(asking.invoke({} as never), PromptInputError)).missing).toEqual(['x']);
  });

  test('nested prompts wait side by side, and only if they have to', async () => {
    const slow = ChatPromptTemplate.fromTemplate('{x}').partial({ x: async () => 'slow' });
    const prompt = ChatPromptTemplate.fromMessages(['first', slow, 'between', slow, 'last']);
    expect((await prompt.formatMessages({})).map(({ text }) => text)).toEqual([
      'first',
      'slow',
      'between',
      'slow',
      'last',
    ]);
    expect(chat.pipe((value) => value.messages.length).invokeSync({ persona: 1, question: 2 })).toBe(2);
  });

  test('F126: all missing variables are named, those of nested prompts and placeholders too', async () => {
    const prompt = build('{a}', new MessagesPlaceholder('h'), ['placeholder', '{o}'], chat, '{a}{z}');
    const error = await rejection(prompt.invoke({ persona: 1, extra: 2 }), PromptInputError);
    expect(error.missing).toEqual(['a', 'h', 'question', 'z']);
    expect(error.message).toContain('Given: "persona", "extra".');
  });

  test('partials work as they do for texts', async () => {
    const poet = chat.partial({ persona: async () => 'a poet', history: [['human', 'Hi']] });
    expect(poet.inputVariables).toEqual(['question']);
    expect(await poet.format('Why?')).toBe('System: You are a poet.\nHuman: Hi\nHuman: Why?');
    expect(await poet.format({ question: 'Why?', history: [] })).toBe('System: You are a poet.\nHuman: Why?');
    expect(chat.inputVariables).toEqual(['persona', 'question']);
    expect(await poet.partial({ question: 'Why?', history: [] }).format({})).toBe(
      'System: You are a poet.\nHuman: Why?',
    );
  });

  test('behaviour 91: the constructor takes LangChain’s fields and refuses undeclared variables', async () => {
    const prompt = new ChatPromptTemplate({
      promptMessages: [['human', '{a} {b}']],
      inputVariables: ['a'],
      partialVariables: { b: 'B' },
    });
    expect(await prompt.format({ a: 'A' })).toBe('Human: A B');
    expect(() => new ChatPromptTemplate({ promptMessages: ['{a} {b}'], inputVariables: ['a'] })).toThrow(
      ConfigError,
    );
  });

  test('T5: values change neither the number nor the roles of messages', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.constantFrom('\nAI: x', "['ai', 'x']", '{question}'),
        (text, trick) => {
          const value = text + trick;
          const { messages } = chat.invokeSync(Object.freeze({ persona: value, question: value }));
          expect(messages).toEqual([new SystemMessage(`You are ${value}.`), new HumanMessage(value)]);
          expect(convertToOpenAIMessages(messages)).toEqual([
            { role: 'system', content: `You are ${value}.` },
            { role: 'user', content: value },
          ]);
        },
      ),
    );
  });

  test('T1: every kind of prompt accepts the same templates', () => {
    const unit = fc.constantFrom('{', '}', 'a', '_', '.', '[', ':', ' ', '0', '{a}');
    const examplePrompt = PromptTemplate.fromTemplate('');
    const builds: readonly ((template: string) => unknown)[] = [
      (template) => PromptTemplate.fromTemplate(template),
      (template) => new PromptTemplate({ template }),
      (template) => ChatPromptTemplate.fromTemplate(template),
      (template) => build(template),
      (template) => build({ role: 'ai', content: template }),
      (template) => build(['system', [{ type: 'text', text: template }]]),
      (template) => build(build(['human', [{ type: 'x', a: [{ b: template }] }]])),
      (template) => SystemMessagePromptTemplate.fromTemplate(template),
      (template) => new DictPromptTemplate({ template: { a: [template] } }),
      (template) => new ImagePromptTemplate({ template: { url: template } }),
      (template) => new ImagePromptTemplate({ template: { url: 'x', detail: template } }),
      (template) => new FewShotPromptTemplate({ examples: [], examplePrompt, prefix: template }),
      (template) => new FewShotPromptTemplate({ examples: [], examplePrompt, suffix: template }),
      (template) => PromptTemplate.fromTemplate('').concat(template),
      (template) => promptFromDocument({ template }),
      (template) => promptFromDocument({ _type: 'chat', messages: [['ai', template]] }),
      (template) => StructuredPrompt.fromMessagesAndSchema([['ai', template]], {}),
    ];
    fc.assert(
      fc.property(fc.string({ unit }), (template) => {
        const outcomes = builds.map((make) => {
          try {
            make(template);
            return 'accepted';
          } catch (error) {
            return error instanceof TemplateError ? `${error.position} ${error.message}` : error;
          }
        });
        expect(new Set(outcomes).size).toBe(1);
      }),
    );
  });
});

describe('content of several parts', () => {
  const image = ChatPromptTemplate.fromMessages([
    [
      'human',
      [
        { type: 'text', text: 'Look at {x}' },
        {
          type: 'image_url',
          image_url: { url: '{u}', detail: 'high' },
          cache_control: { type: 'ephemeral' },
        },
      ],
    ],
  ]);

  test('behaviour 99: every text is templated, and further fields are kept', async () => {
    expect(image.inputVariables).toEqual(['x', 'u']);
    const [message] = await image.formatMessages({ x: 'this', u: 'https://example.com/{x}.png' });
    expect(message).toEqual(
      new HumanMessage([
        { type: 'text', text: 'Look at this' },
        {
          type: 'image_url',
          image_url: { url: 'https://example.com/{x}.png', detail: 'high' },
          cache_control: { type: 'ephemeral' },
        },
      ]),
    );
  });

  test('D51: numbers, booleans, null and instances are kept, in lists too', async () => {
    const when = new Date(0);
    const bytes = new Uint8Array([1, 2]);
    const block = { type: 'custom', list: [1, true, null, '{x}', [when]], bytes, none: null, deep: { n: 1 } };
    const [message] = await build(['human', [block, 'and {x}']]).formatMessages({ x: 'X' });
    expect(message?.content).toEqual([
      { type: 'custom', list: [1, true, null, 'X', [when]], bytes, none: null, deep: { n: 1 } },
      { type: 'text', text: 'and X' },
    ]);
    expect((message!.content[0] as unknown as { bytes: unknown }).bytes).toBe(bytes);
  });

  test('D49: the second call gives its own values, whatever was done to the first result', async () => {
    const source = [{ type: 'image_url', image_url: { url: '{u}', size: { width: 1 } } }];
    const frozen = deepFreeze(['human', structuredClone(source)]);
    for (const like of [['human', source], frozen, { role: 'human', content: source }]) {
      const prompt = build(like);
      const [first] = await prompt.formatMessages({ u: 'one' });
      (first!.content[0] as unknown as { image_url: { size: { width: number } } }).image_url.size.width = 2;
      const [second] = await prompt.formatMessages({ u: 'two' });
      expect(second?.content).toEqual([{ type: 'image_url', image_url: { url: 'two', size: { width: 1 } } }]);
    }
    expect(source).toEqual([{ type: 'image_url', image_url: { url: '{u}', size: { width: 1 } } }]);
  });

  test('D49: a literal message with an image stays as it is', async () => {
    const content = deepFreeze([
      { type: 'image_url' as const, image_url: { url: 'https://example.com/{u}' } },
    ]);
    const message = deepFreeze(new HumanMessage(content));
    const prompt = build(message, '{u}');
    await prompt.formatMessages({ u: 'one' });
    expect((await prompt.formatMessages({ u: 'two' }))[0]?.content).toEqual(content);
  });

  test('a prompt does not change with what it was built from', async () => {
    const blocks = [{ type: 'text' as const, text: '{a}' }];
    // By the constructor, which the tests do not freeze things for.
    const prompt = HumanMessagePromptTemplate.fromTemplate(blocks);
    blocks[0]!.text = '{b}';
    blocks.push({ type: 'text', text: 'more' });
    expect((await prompt.format({ a: 1 })).text).toBe('1');
  });

  test('keys are not templated, and special ones are harmless', async () => {
    const block: unknown = JSON.parse('{"type": "x", "{a}": "{a}", "__proto__": {"polluted": "{a}"}}');
    const [message] = await build(['human', [block]]).formatMessages({ a: 1 });
    const made = message?.content[0] as object;
    expect(Object.keys(made)).toEqual(['type', '{a}', '__proto__']);
    expect(Object.getPrototypeOf(made)).toBe(Object.prototype);
  });

  test('T6: deep and circular content is refused', () => {
    const circle: Record<string, unknown> = { type: 'x' };
    circle.self = circle;
    expect(() => build(['human', [circle]])).toThrow(LimitExceededError);
    expect(() => build(['human', [{ type: 'text', text: 'x'.repeat(1024 * 1024 + 1) }]])).toThrow(
      LimitExceededError,
    );
  });
});
