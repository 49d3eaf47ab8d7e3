import '../test/frozen-inputs.js';
import {
  AIMessage,
  coreRegistry,
  DeserializationError,
  dumps,
  HumanMessage,
  loads,
  RunnableParallel,
  type Runnable,
  type Schema,
} from '@pipewright/core';
import { ScriptedChatModel } from '@pipewright/core/testing';
import { expect, test } from 'vitest';
import { z } from 'zod';
import {
  ChatPromptTemplate,
  DictPromptTemplate,
  FewShotChatMessagePromptTemplate,
  FewShotPromptTemplate,
  HumanMessagePromptTemplate,
  ImagePromptTemplate,
  MessagesPlaceholder,
  PipelinePromptTemplate,
  PromptTemplate,
  promptsRegistry,
  StructuredPrompt,
  SystemMessagePromptTemplate,
} from './index.js';

const today = (): string => 'Monday';
const registry = [coreRegistry, promptsRegistry, { functions: { today } }];

const cases: Record<string, readonly [Runnable<never, unknown, unknown>, unknown]> = {
  'a text': [PromptTemplate.fromTemplate('Tell me about {topic}, {{really}}.'), { topic: '{x}' }],
  mustache: [
    PromptTemplate.fromTemplate('{{#items}}- {{.}}{{/items}}', { templateFormat: 'mustache' }),
    { items: ['a', 'b'] },
  ],
  'D50: with values set beforehand': [
    PromptTemplate.fromTemplate('{tone} {topic} {day}').partial({ tone: 'dry', day: today }),
    { topic: 'bears' },
  ],
  'messages by their classes': [
    ChatPromptTemplate.fromMessages([
      SystemMessagePromptTemplate.fromTemplate('You are {persona}.'),
      HumanMessagePromptTemplate.fromTemplate('{{question}}', { templateFormat: 'mustache' }),
      HumanMessagePromptTemplate.fromTemplate('{more}'),
    ]),
    { persona: 'a poet', question: '{x}', more: 'y' },
  ],
  messages: [
    ChatPromptTemplate.fromMessages([
      ['system', 'You are {persona}.'],
      { role: 'human', content: [{ type: 'text', text: '{question}' }], name: 'Ada' },
      new MessagesPlaceholder({ variableName: 'history', nMessages: 2 }),
      ['placeholder', '{more}'],
      new AIMessage({ content: 'As {is}.', tool_calls: [{ name: 'f', args: { lc: 1 } }] }),
      ChatPromptTemplate.fromMessages([['human', '{inner}']]).partial({ inner: 'inside' }),
    ]).partial({ persona: 'a poet' }),
    { question: '?', history: ['a', 'b', 'c'] },
  ],
  'few-shot, as text': [
    new FewShotPromptTemplate({
      prefix: '{a}',
      suffix: '{b}',
      exampleSeparator: '|',
      examples: [{ q: '{a}', n: [1] }],
      examplePrompt: PromptTemplate.fromTemplate('{q} {n}'),
    }).partial({ a: 'A' }),
    { b: 'B' },
  ],
  'few-shot, as messages, in a chat prompt': [
    ChatPromptTemplate.fromMessages([
      new FewShotChatMessagePromptTemplate({
        examples: [{ q: '1', a: '2' }],
        examplePrompt: ChatPromptTemplate.fromMessages([
          ['human', '{q}'],
          ['ai', '{a}'],
        ]),
      }),
      ['human', ['{q}', new ImagePromptTemplate({ template: { url: '{u}' }, partialVariables: { u: 'x' } })]],
      ['human', [new DictPromptTemplate({ template: { type: 'x', list: [1, null, '{q}'] } })]],
    ]),
    { q: '{u}' },
  ],
  'a pipeline': [
    new PipelinePromptTemplate({
      pipelinePrompts: [{ name: 'intro', prompt: PromptTemplate.fromTemplate('{who}') }],
      finalPrompt: PromptTemplate.fromTemplate('{intro} {x}'),
    }).partial({ who: 'W' }),
    { x: 1 },
  ],
};

test.each(Object.entries(cases))('%s comes back the same', async (_name, [prompt, input]) => {
  const text = dumps(prompt);
  const loaded = loads(text, { registry });
  expect(dumps(loaded as never)).toBe(text);
  expect(await loaded.invoke(input)).toEqual(await prompt.invoke(input as never));
});

test('messages set beforehand come back as messages', async () => {
  const prompt = ChatPromptTemplate.fromMessages([['placeholder', '{history}']]).partial({
    history: [new HumanMessage('hi'), ['ai', 'hello']],
  });
  const loaded = loads(dumps(prompt), { registry });
  expect(await loaded.invoke({})).toEqual(await prompt.invoke({}));
});

/** A prompt of each kind that is given more than plain data wherever that may be. */
const mixed = (): Readonly<Record<string, Runnable<never, unknown, unknown>>> => {
  const said = [new HumanMessage('{hi}')];
  const text = PromptTemplate.fromTemplate('{said} {day}').partial({ day: today });
  const chat = ChatPromptTemplate.fromMessages([['placeholder', '{said}'], ...said]);
  const preset = { partialVariables: { said, day: today } };
  return {
    PromptTemplate: text.partial({ said: said as never }),
    ChatPromptTemplate: chat.partial({ said }),
    FewShotPromptTemplate: new FewShotPromptTemplate({
      ...preset,
      examples: [{ said }],
      examplePrompt: text,
    }),
    FewShotChatMessagePromptTemplate: new FewShotChatMessagePromptTemplate({
      ...preset,
      examples: [{ said }],
      examplePrompt: chat,
    }),
    PipelinePromptTemplate: new PipelinePromptTemplate({
      ...preset,
      pipelinePrompts: [{ name: 'intro', prompt: text as never }],
      finalPrompt: text,
    }),
    ImagePromptTemplate: new ImagePromptTemplate({ ...preset, template: { url: 'x', said } as never }),
    DictPromptTemplate: new DictPromptTemplate({ template: { type: 'x', said } }),
    StructuredPrompt: new StructuredPrompt({ ...preset, promptMessages: said, schema: { type: 'object' } }),
  };
};

test.each(Object.keys(promptsRegistry.kinds ?? {}))('a %s that is written is read', async (kind) => {
  const prompt = mixed()[kind] as Runnable<object, unknown>;
  const text = dumps(prompt);
  expect(dumps(loads(text, { registry }) as never)).toBe(text);
});

test('messages in examples come back as messages', async () => {
  const prompt = new FewShotChatMessagePromptTemplate({
    examples: [{ said: [new HumanMessage('hi'), new AIMessage('hello')] }],
    examplePrompt: ChatPromptTemplate.fromMessages([['placeholder', '{said}']]),
  });
  const loaded = loads(dumps(prompt), { registry });
  expect(await loaded.invoke({})).toEqual(await prompt.invoke({}));
});

test('S1: values set beforehand stay values', async () => {
  const value = { lc: 1, type: 'secret', id: ['KEY'], runnable: { kind: 'PromptTemplate' }, message: 0 };
  const prompt = PromptTemplate.fromTemplate('{data}').partial({ data: value as never });
  const loaded = loads<object, { value: string }>(dumps(prompt), { registry, secrets: { KEY: 'sesame' } });
  expect((await loaded.invoke({})).value).toBe(JSON.stringify(value));
});

test('functions set beforehand load only if the registry has them', () => {
  const text = dumps(PromptTemplate.fromTemplate('{day}').partial({ day: today }));
  expect(() => loads(text, { registry: [coreRegistry, promptsRegistry] })).toThrow(
    'root.options.partialVariables.day: The registry has no "today" among its functions.',
  );
});

test('what is no prompt is refused', () => {
  const text = (root: string, values: string) =>
    `{"format":"pipewright","version":1,"root":${root},"values":${values}}`;
  for (const [root, values] of [
    ['{"kind":"PromptTemplate"}', '[]'],
    ['{"kind":"PromptTemplate","options":{"template":0}}', '["{"]'],
    ['{"kind":"ChatPromptTemplate"}', '[]'],
    ['{"kind":"ChatPromptTemplate","options":{"promptMessages":0}}', '[{"length":3}]'],
    [
      '{"kind":"ChatPromptTemplate","options":{"promptMessages":0}}',
      '[[{"message":{"type":"human","content":"x"}}]]',
    ],
    [
      '{"kind":"ChatPromptTemplate","options":{"promptMessages":0}}',
      '[[{"template":{"role":"nobody","content":"x"}}]]',
    ],
    ['{"kind":"ChatPromptTemplate","options":{"promptMessages":0}}', '[[null]]'],
    ['{"kind":"DictPromptTemplate"}', '[]'],
    ['{"kind":"DictPromptTemplate","options":{"template":0}}', '[[]]'],
    ['{"kind":"ImagePromptTemplate","options":{"template":0}}', '[{}]'],
    ['{"kind":"ImagePromptTemplate"}', '[]'],
    ['{"kind":"PipelinePromptTemplate"}', '[]'],
    ['{"kind":"PipelinePromptTemplate","options":{"pipelinePrompts":0}}', '[[{"name":"x"}]]'],
    ['{"kind":"FewShotPromptTemplate"}', '[]'],
    ['{"kind":"FewShotPromptTemplate","options":{"examples":0}}', '[[1]]'],
    ['{"kind":"FewShotChatMessagePromptTemplate","options":{"examples":0}}', '["x"]'],
  ] as const) {
    expect(() => loads(text(root, values), { registry }), root + values).toThrow(DeserializationError);
  }
});

test('D41: a prompt of a class of its own goes by its name', () => {
  class Own extends ChatPromptTemplate<readonly [['human', '{x}']]> {
    override readonly name = 'Own';
  }
  const prompt = new Own({ promptMessages: [['human', '{x}']] });
  expect(JSON.parse(dumps(prompt)).root).toEqual({ name: 'Own' });
});

test('a structured prompt keeps its form: JSON Schema as it is, a schema that validates by its name', async () => {
  const answer = z.object({ city: z.string() });
  const ask = (schema: Schema) =>
    StructuredPrompt.fromMessagesAndSchema([['human', '{{country}}?']], schema, 'jsonMode', {
      templateFormat: 'mustache',
    });
  const plain = ask({ type: 'object', properties: { city: { type: 'string' } } });
  const chain = RunnableParallel.from({ plain, validating: ask(answer) });
  const stored = dumps(chain);
  expect(() => loads(stored, { registry })).toThrow('StructuredPrompt');
  const loaded = loads(stored, { registry: [...registry, { schemas: { StructuredPrompt: answer } }] });
  expect(await loaded.invoke({ country: 'Norway' })).toEqual(await chain.invoke({ country: 'Norway' }));
  expect(dumps(loaded)).toBe(stored);
  const again = loads(dumps(plain), { registry }) as typeof plain;
  const cities = again.pipe(new ScriptedChatModel({ replies: ['{"city": "Oslo"}'] }));
  expect(await cities.invoke({ country: 'Norway' })).toEqual({ city: 'Oslo' });
});
