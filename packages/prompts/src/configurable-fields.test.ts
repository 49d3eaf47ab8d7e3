import { ConfigError, type RunnableConfig } from '@pipewright/core';
import { expect, test } from 'vitest';
import { z } from 'zod';
import {
  ChatPromptTemplate,
  DictPromptTemplate,
  FewShotChatMessagePromptTemplate,
  FewShotPromptTemplate,
  ImagePromptTemplate,
  PipelinePromptTemplate,
  PromptTemplate,
  StructuredPrompt,
} from './index.js';

const setTo = (value: unknown): RunnableConfig => ({ configurable: { value } });

test('a call sets the template of a prompt, which is compiled and checked as every other', async () => {
  const prompt = PromptTemplate.fromTemplate('Say {word}.').partial({ word: 'hi' });
  const chain = prompt.configurableFields({ template: 'value' });
  expect(String(await chain.invoke({}, setTo('Shout {word}!')))).toBe('Shout hi!');
  expect(String(await chain.invoke({}))).toBe('Say hi.');
  await expect(chain.invoke({}, setTo('{'))).rejects.toThrow('{');
  await expect(chain.invoke({}, setTo('{other}'))).rejects.toThrow('"other"');
});

test('a call sets what a prompt of each kind is made of', async () => {
  const example = PromptTemplate.fromTemplate('{a}');
  const examples = [{ a: 'one' }];
  const chat = ChatPromptTemplate.fromMessages([['human', '{a}']]);

  const messages = chat.configurableFields({ promptMessages: 'value' });
  expect((await messages.invoke({ a: 'x' }, setTo([['system', 'b{a}']]))).messages[0]).toMatchObject({
    type: 'system',
    text: 'bx',
  });

  const structured = StructuredPrompt.fromMessagesAndSchema([['human', '{a}']], z.object({}));
  const form = structured.configurableFields({ promptMessages: 'value' });
  expect(String(await form.invoke({ a: 'x' }, setTo([['human', '{a}!']])))).toContain('x!');

  const image = new ImagePromptTemplate({ template: { url: 'https://a.example/{a}' } });
  const photo = image.configurableFields({ template: 'value' });
  expect(String(await photo.invoke({ a: 'x' }, setTo({ url: 'https://b.example/{a}' })))).toBe(
    'https://b.example/x',
  );

  const dict = new DictPromptTemplate({ template: { k: '{a}' } });
  const data = dict.configurableFields({ template: 'value' });
  expect(await data.invoke({ a: 'x' }, setTo({ l: '{a}' }))).toEqual({ l: 'x' });

  const few = new FewShotPromptTemplate({ examples, examplePrompt: example, suffix: '{b}' });
  const fewer = few.configurableFields({ fields: 'value' });
  expect(String(await fewer.invoke({ b: 'x' }, setTo({ ...few.fields, prefix: 'Look:' })))).toBe(
    'Look:\n\none\n\nx',
  );

  const fewChat = new FewShotChatMessagePromptTemplate({ examples, examplePrompt: chat });
  const shown = fewChat.configurableFields({ fields: 'value' });
  const two = { examples: [{ a: 'two' }], examplePrompt: chat };
  expect((await shown.invoke({}, setTo(two))).messages.map(({ text }) => text)).toEqual(['two']);

  const pipeline = new PipelinePromptTemplate({
    pipelinePrompts: [{ name: 'made', prompt: example }],
    finalPrompt: PromptTemplate.fromTemplate('{made}'),
  });
  const final = pipeline.configurableFields({ finalPrompt: 'value' });
  expect(String(await final.invoke({ a: 'x' }, setTo(PromptTemplate.fromTemplate('<{made}>'))))).toBe('<x>');
});

test('what a prompt reads off its template is refused when the chain is built', () => {
  const prompt = PromptTemplate.fromTemplate('{a}');
  for (const field of ['name', 'inputVariables', '~template'] as const) {
    expect(() => prompt.configurableFields({ [field]: 'x' })).toThrow(ConfigError);
  }
});
