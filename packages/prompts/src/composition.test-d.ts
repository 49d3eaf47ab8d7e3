import {
  InMemoryVectorStore,
  type BaseMessage,
  type Embeddings,
  type InputOf,
  type OutputOf,
  type Runnable,
  type StringPromptValue,
} from '@pipewright/core';
import { ScriptedChatModel } from '@pipewright/core/testing';
import { describe, expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import {
  AIMessagePromptTemplate,
  ChatMessagePromptTemplate,
  ChatPromptTemplate,
  DictPromptTemplate,
  FewShotChatMessagePromptTemplate,
  FewShotPromptTemplate,
  HumanMessagePromptTemplate,
  ImagePromptTemplate,
  LengthBasedExampleSelector,
  MessagesPlaceholder,
  PipelinePromptTemplate,
  PromptTemplate,
  SemanticSimilarityExampleSelector,
  StructuredPrompt,
  SystemMessagePromptTemplate,
  type Example,
  type OpenVariables,
  type TemplateValue,
} from './index.js';

declare const someText: string;
declare const embeddings: Embeddings;
const examplePrompt = PromptTemplate.fromTemplate('{q} {a}');

describe('templates of messages', () => {
  test('read their variables off their content', () => {
    const system = SystemMessagePromptTemplate.fromTemplate('You are {persona}');
    expectTypeOf<InputOf<typeof system>>().toEqualTypeOf<
      { persona: TemplateValue } | string | number | boolean | bigint
    >();
    expectTypeOf(system.invoke({ persona: 'x' })).resolves.toEqualTypeOf<readonly BaseMessage[]>();
    expectTypeOf(system.format({ persona: 'x' })).resolves.toEqualTypeOf<BaseMessage>();
    const image = new ImagePromptTemplate({ template: { url: '{u}' } });
    const dict = new DictPromptTemplate({ template: { type: 'x', list: [1, '{d}'] } });
    const human = HumanMessagePromptTemplate.fromTemplate([
      { type: 'text', text: 'See {x}' },
      'and {y}',
      image,
      dict,
    ]);
    expectTypeOf<InputOf<typeof human>>().toEqualTypeOf<{
      x: TemplateValue;
      y: TemplateValue;
      u: TemplateValue;
      d: TemplateValue;
    }>();
    // @ts-expect-error "{ x }" is no variable
    AIMessagePromptTemplate.fromTemplate('{ x }');
    // @ts-expect-error claim is missing
    void ChatMessagePromptTemplate.fromTemplate('{claim} {other}', 'critic').invoke({ other: 1 });
    const known = new HumanMessagePromptTemplate(PromptTemplate.fromTemplate('{a} {b}').partial({ b: 1 }));
    void known.invoke({ a: 1 });
    // @ts-expect-error a is missing
    void known.invoke({ b: 1 });
    expectTypeOf<InputOf<typeof open>>().toEqualTypeOf<OpenVariables>();
    const open = new HumanMessagePromptTemplate([image, dict]);
  });

  test('give them to the chat prompt around them', () => {
    const prompt = ChatPromptTemplate.fromMessages([
      SystemMessagePromptTemplate.fromTemplate('{persona}'),
      ['human', ['{q}', new ImagePromptTemplate({ template: { url: '{u}' } }).partial({ u: 'x' })]],
      new FewShotChatMessagePromptTemplate({
        examples: [],
        examplePrompt: ChatPromptTemplate.fromTemplate('{x}'),
        inputVariables: ['topic'],
      }),
    ]);
    expectTypeOf<InputOf<typeof prompt>>().toEqualTypeOf<{
      persona: TemplateValue;
      q: TemplateValue;
      u?: TemplateValue;
      topic: unknown;
    }>();
  });
});

describe('mustache', () => {
  test('what is added to a chat prompt is read as the prompt is written', () => {
    const chat = ChatPromptTemplate.fromMessages([['human', '{{a}}']], { templateFormat: 'mustache' });
    const joined = chat.concat([['human', '{{b}} {c}']]);
    void joined.invoke({ a: 1, b: 2 });
    // @ts-expect-error it needs b
    void joined.invoke({ a: 1 });
  });

  test('requires plain names, takes objects for dotted ones, and leaves out what sections are about', () => {
    const prompt = PromptTemplate.fromTemplate(
      '{{a}} {{{ b }}} {{&c}} {{user.name}} {single} {{! remark}} {{#list}}{{.}}{{inner}}{{x.y}}{{/list}} {{^none}}{{/none}} {{a}} {{#b}}{{/b}}',
      { templateFormat: 'mustache' },
    );
    expectTypeOf<InputOf<typeof prompt>>().toEqualTypeOf<{
      a: TemplateValue;
      b: TemplateValue;
      c: TemplateValue;
      user: object;
      list?: unknown;
      inner?: unknown;
      x?: unknown;
      none?: unknown;
    }>();
    void PromptTemplate.fromTemplate('{{#a}}x{{/a}}', { templateFormat: 'mustache' }).invoke({});
    const open = PromptTemplate.fromTemplate(someText, { templateFormat: 'mustache' });
    expectTypeOf<InputOf<typeof open>>().toEqualTypeOf<OpenVariables>();
    const told = new PromptTemplate({
      template: '{{a}} {{b}}',
      templateFormat: 'mustache',
      partialVariables: { b: 1 },
    });
    void told.invoke({ a: 1 });
    // @ts-expect-error a is missing
    void told.invoke({ b: 1 });
  });

  test('refuses malformed templates with the reason', () => {
    // @ts-expect-error The section "{{#a}}" is never closed
    PromptTemplate.fromTemplate('{{#a}}x', { templateFormat: 'mustache' });
    // @ts-expect-error "{{/b}}" closes no open section
    PromptTemplate.fromTemplate('{{#a}}x{{/b}}', { templateFormat: 'mustache' });
    // @ts-expect-error "{{a b}}" is no variable
    PromptTemplate.fromTemplate('{{a b}}', { templateFormat: 'mustache' });
    // @ts-expect-error A "{{" is never closed
    PromptTemplate.fromTemplate('{{a', { templateFormat: 'mustache' });
    // @ts-expect-error "{{> a}}" is not supported
    PromptTemplate.fromTemplate('{{> a}}', { templateFormat: 'mustache' });
    // @ts-expect-error "{{a-b}}" is no variable
    ChatPromptTemplate.fromMessages([['human', '{{a-b}}']], { templateFormat: 'mustache' });
  });

  test('in chat prompts', () => {
    const prompt = ChatPromptTemplate.fromMessages(
      [
        ['system', '{{a}} {b}'],
        ['placeholder', '{{history}}'],
        new MessagesPlaceholder('more'),
        '{{#c}}{{/c}}',
      ],
      { templateFormat: 'mustache' },
    );
    expectTypeOf<keyof InputOf<typeof prompt>>().toEqualTypeOf<'a' | 'history' | 'more' | 'c'>();
    // @ts-expect-error more is missing
    void prompt.invoke({ a: 1 });
  });
});

describe('few-shot prompts', () => {
  const prompt = new FewShotPromptTemplate({
    examples: [],
    examplePrompt,
    prefix: 'As {tone}',
    suffix: '{input}',
  });

  test('read their variables off prefix and suffix', () => {
    expectTypeOf<InputOf<typeof prompt>>().toEqualTypeOf<{ tone: TemplateValue; input: TemplateValue }>();
    // @ts-expect-error input is missing
    void prompt.invoke({ tone: 1 });
    void prompt.partial({ tone: async () => 'x' }).invoke('Hi');
    // @ts-expect-error tne is none of its variables
    prompt.partial({ tne: 1 });
    const chosen = new FewShotPromptTemplate({
      exampleSelector: new LengthBasedExampleSelector({ examplePrompt }),
      examplePrompt,
      suffix: '{{input}}',
      inputVariables: ['topic'],
      partialVariables: { input: 1 },
      templateFormat: 'mustache',
    });
    void chosen.invoke({ topic: 1 });
    // @ts-expect-error topic is missing
    void chosen.invoke({ input: 1 });
    // @ts-expect-error "{ x }" is no variable
    new FewShotPromptTemplate({ examples: [], examplePrompt, suffix: '{ x }' });
    expectTypeOf(prompt.invoke({ tone: 1, input: 2 })).resolves.toEqualTypeOf<StringPromptValue>();
  });

  test('selectors are runnables', async () => {
    const selector = await SemanticSimilarityExampleSelector.fromExamples(
      [],
      embeddings,
      InMemoryVectorStore,
    );
    expectTypeOf(selector.invoke({ a: 1 })).resolves.toEqualTypeOf<readonly Example[]>();
    expectTypeOf(selector.pipe((examples) => examples.length)).toExtend<Runnable<{ a: string }, number>>();
  });
});

describe('pipelines, joined and structured prompts', () => {
  test('a pipeline takes what no part of it makes, and gives what the last one gives', () => {
    const pipeline = new PipelinePromptTemplate({
      pipelinePrompts: [
        { name: 'intro', prompt: PromptTemplate.fromTemplate('{person}') },
        { name: 'shots', prompt: ChatPromptTemplate.fromMessages(['{intro} {input}']) },
      ],
      finalPrompt: ChatPromptTemplate.fromMessages([
        ['system', '{intro}'],
        new MessagesPlaceholder('shots'),
        '{last}',
      ]),
    });
    expectTypeOf<keyof InputOf<typeof pipeline>>().toEqualTypeOf<'person' | 'input' | 'last'>();
    expectTypeOf<OutputOf<typeof pipeline>['messages']>().toEqualTypeOf<readonly BaseMessage[]>();
    // @ts-expect-error last is missing
    void pipeline.invoke({ person: 1, input: 2 });
    void pipeline.partial({ person: () => 1, input: 2 }).invoke('x');
  });

  test('joined prompts take the variables of both', () => {
    const text = PromptTemplate.fromTemplate('{a}').concat('{b}').concat(PromptTemplate.fromTemplate('{c}'));
    expectTypeOf<InputOf<typeof text>>().toEqualTypeOf<{
      a: TemplateValue;
      b: TemplateValue;
      c: TemplateValue;
    }>();
    // @ts-expect-error "{ b }" is no variable
    PromptTemplate.fromTemplate('{a}').concat('{ b }');
    const chat = ChatPromptTemplate.fromTemplate('{a}')
      .partial({ a: 1 })
      .concat([['human', '{b}'], new MessagesPlaceholder('c')])
      .concat(SystemMessagePromptTemplate.fromTemplate('{d}'));
    expectTypeOf<keyof InputOf<typeof chat>>().toEqualTypeOf<'a' | 'b' | 'c' | 'd'>();
    void chat.invoke({ b: 1, c: [], d: 2 });
    // @ts-expect-error d is missing
    void chat.invoke({ b: 1, c: [] });
  });

  test('a structured prompt gives what its schema says', () => {
    const prompt = StructuredPrompt.fromMessagesAndSchema(
      [['human', '{q} {w}']],
      z.object({ city: z.string() }),
    );
    const chain = prompt.pipe(new ScriptedChatModel({ replies: [] }));
    expectTypeOf(chain.invoke({ q: 1, w: 2 })).resolves.toEqualTypeOf<{ city: string }>();
    // @ts-expect-error w is missing
    void chain.invoke({ q: 1 });
    const set = prompt.partial({ w: 1 }).pipe(new ScriptedChatModel({ replies: [] }));
    expectTypeOf(set.invoke('Why?')).resolves.toEqualTypeOf<{ city: string }>();
  });
});
