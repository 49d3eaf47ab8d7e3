import '../test/frozen-inputs.js';
import {
  AIMessage,
  ChatMessage,
  ConfigError,
  HumanMessage,
  MessageCoercionError,
  PromptInputError,
  SystemMessage,
  TemplateError,
} from '@pipewright/core';
import { runnableLaws, ScriptedChatModel } from '@pipewright/core/testing';
import { describe, expect, test } from 'vitest';
import { deepFreeze } from '../test/deep-freeze.js';
import { rejection, thrown } from '../test/failure.js';
import {
  AIMessagePromptTemplate,
  ChatMessagePromptTemplate,
  ChatPromptTemplate,
  DictPromptTemplate,
  HumanMessagePromptTemplate,
  ImagePromptTemplate,
  PromptTemplate,
  SystemMessagePromptTemplate,
} from './index.js';

describe('templates of one message', () => {
  const human = HumanMessagePromptTemplate.fromTemplate('Hi {name}');
  for (const law of runnableLaws(() => human, [Object.freeze({ name: 'Bo' }), 'Bo'])) {
    test(law.name, () => law.check());
  }

  test('make a message of their role, by themselves and in a chat prompt', async () => {
    const parts = [
      SystemMessagePromptTemplate.fromTemplate('{x}'),
      human,
      AIMessagePromptTemplate.fromTemplate('{x}'),
      ChatMessagePromptTemplate.fromTemplate('{x}', 'critic'),
    ] as const;
    const values = deepFreeze({ x: 1, name: 'Bo' });
    const expected = [
      new SystemMessage('1'),
      new HumanMessage('Hi Bo'),
      new AIMessage('1'),
      new ChatMessage('1', 'critic'),
    ];
    expect(await ChatPromptTemplate.fromMessages(parts).formatMessages(values)).toEqual(expected);
    expect(await parts[0].format(values)).toEqual(expected[0]);
    expect(await parts[3].formatMessages(values)).toEqual([expected[3]]);
    expect(await human.invoke('Bo')).toEqual([expected[1]]);
    expect(human.inputVariables).toEqual(['name']);
  });

  test('pipe into a model', async () => {
    const model = new ScriptedChatModel({ replies: ['Hello'] });
    expect((await human.pipe(model).invoke({ name: 'Bo' })).text).toBe('Hello');
    expect(model.calls[0]?.messages).toEqual([new HumanMessage('Hi Bo')]);
  });

  test('are made of prompts as in LangChain, in both of its forms, whose partials they keep', async () => {
    const prompt = PromptTemplate.fromTemplate('{a} {b}').partial({ b: async () => 'B' });
    const image = new ImagePromptTemplate({ template: { url: '{u}' } });
    const one = new HumanMessagePromptTemplate(prompt);
    const other = new HumanMessagePromptTemplate({ prompt });
    expect(await one.format({ a: 1 })).toEqual(new HumanMessage('1 B'));
    expect(await other.format({ a: 1, b: 2 })).toEqual(new HumanMessage('1 2'));
    const both = new SystemMessagePromptTemplate([prompt, image]);
    expect(both.inputVariables).toEqual(['a', 'u']);
    expect((await both.format({ a: 1, u: 'https://example.com/{a}' })).content).toEqual([
      { type: 'text', text: '1 B' },
      { type: 'image_url', image_url: { url: 'https://example.com/{a}' } },
    ]);
    expect(await new ChatMessagePromptTemplate({ prompt }, 'critic').format({ a: 1 })).toEqual(
      new ChatMessage('1 B', 'critic'),
    );
  });

  test('give names on, and take mustache', async () => {
    const named = AIMessagePromptTemplate.fromTemplate('{{a.b}} {a}', {
      name: '{bot}',
      templateFormat: 'mustache',
    });
    expect(await named.format({ a: { b: 1 } })).toEqual(new AIMessage({ content: '1 {a}', name: '{bot}' }));
  });

  test('refuse what is no prompt', () => {
    expect(
      thrown(() => new HumanMessagePromptTemplate('text' as never), MessageCoercionError).message,
    ).toContain('fromTemplate');
    expect(() => HumanMessagePromptTemplate.fromTemplate('{' as string)).toThrow(TemplateError);
  });
});

describe('an image', () => {
  const photo = new ImagePromptTemplate({
    template: { url: 'https://example.com/{file}', detail: '{detail}' },
  });
  for (const law of runnableLaws(() => photo, [Object.freeze({ file: 'a.png', detail: 'low' })])) {
    test(law.name, () => law.check());
  }

  test('is a message of the user, a block, or its address', async () => {
    const value = await photo.invoke({ file: '{x}.png', detail: 'low' });
    const block = { type: 'image_url', image_url: { url: 'https://example.com/{x}.png', detail: 'low' } };
    expect(value.toMessages()).toEqual([new HumanMessage({ content: [block] })]);
    expect(value.toString()).toBe('https://example.com/{x}.png');
    const prompt = ChatPromptTemplate.fromMessages([
      ['human', ['See {file}', photo.partial({ detail: () => 'low' })]],
    ]);
    expect(prompt.inputVariables).toEqual(['file']);
    const [message] = await prompt.formatMessages({ file: '{x}.png' });
    expect(message?.content).toEqual([{ type: 'text', text: 'See {x}.png' }, block]);
  });

  test('D49: each call gives its own address, from a frozen template too', async () => {
    const template = deepFreeze({ url: '{u}' });
    const prompt = ChatPromptTemplate.fromMessages([['human', [new ImagePromptTemplate({ template })]]]);
    const urls = await prompt.batch(deepFreeze([{ u: 'one' }, { u: 'two' }]));
    expect(urls.map(({ messages }) => messages[0]?.content)).toEqual([
      [{ type: 'image_url', image_url: { url: 'one' } }],
      [{ type: 'image_url', image_url: { url: 'two' } }],
    ]);
    expect(template).toEqual({ url: '{u}' });
  });

  test('needs an address', async () => {
    expect(() => new ImagePromptTemplate({ template: {} as never })).toThrow(ConfigError);
    await rejection(
      new ImagePromptTemplate({ template: { url: '{u}' } }).invoke({ u: '' }),
      PromptInputError,
    );
  });
});

describe('a dict', () => {
  const template = deepFreeze({
    type: 'citation',
    list: [1, true, null, '{x}', ['{y}', { z: 2 }]],
    none: null,
    count: 5,
    deep: { text: '{x}{x}' },
  });
  const dict = new DictPromptTemplate({ template });
  for (const law of runnableLaws(() => dict, [Object.freeze({ x: 1, y: 2 })]))
    test(law.name, () => law.check());

  test('D51: keeps numbers, truths and nulls, in lists too', async () => {
    const filled = {
      type: 'citation',
      list: [1, true, null, '{y}', ['Y', { z: 2 }]],
      none: null,
      count: 5,
      deep: { text: '{y}{y}' },
    };
    expect(await dict.format({ x: '{y}', y: 'Y' })).toEqual(filled);
    expect(dict.inputVariables).toEqual(['x', 'y']);
    const [message] = await ChatPromptTemplate.fromMessages([['human', ['Hi {w}', dict]]]).formatMessages({
      w: 'W',
      x: '{y}',
      y: 'Y',
    });
    expect(message?.content).toEqual([{ type: 'text', text: 'Hi W' }, filled]);
  });

  test('names all that is missing, and refuses what is no object', async () => {
    expect((await rejection(dict.invoke({} as never), PromptInputError)).missing).toEqual(['x', 'y']);
    expect(() => new DictPromptTemplate({ template: [] as never })).toThrow(ConfigError);
    const mustache = new DictPromptTemplate({ template: { a: '{{b.c}} {d}' }, templateFormat: 'mustache' });
    expect(await mustache.invoke({ b: { c: 1 } })).toEqual({ a: '1 {d}' });
  });
});
