import {
  ChatMessage,
  HumanMessage,
  RunnableLambda,
  type BaseMessage,
  type ChatPromptValue,
  type InputOf,
  type Runnable,
} from '@pipewright/core';
import { describe, expectTypeOf, test } from 'vitest';
import {
  ChatPromptTemplate,
  MessagesPlaceholder,
  type MessagesValue,
  type MessageTemplateLike,
  type OpenVariables,
  type TemplateValue,
} from './index.js';

declare const someText: string;
declare const someMessages: MessageTemplateLike[];

const inner = ChatPromptTemplate.fromMessages([['ai', '{inner} {preset}']]).partial({ preset: 'x' });

describe('ChatPromptTemplate', () => {
  test('reads its variables off every kind of message', () => {
    const prompt = ChatPromptTemplate.fromMessages([
      ['system', 'You are {persona}, {{not}} {tone}'],
      'a text of {user}',
      new HumanMessage('{literal}'),
      new ChatMessage('{literal}', 'critic'),
      { role: 'ai', content: '{record}', name: '{literal}' },
      [
        'human',
        [
          { type: 'text', text: 'Look at {x}' },
          { type: 'image_url', image_url: { url: '{u}', detail: 'high' } },
        ],
      ],
      new MessagesPlaceholder('history'),
      new MessagesPlaceholder({ variableName: 'scratchpad', optional: true }),
      ['placeholder', '{examples}'],
      inner,
    ]);
    expectTypeOf<InputOf<typeof prompt>>().toEqualTypeOf<{
      persona: TemplateValue;
      tone: TemplateValue;
      user: TemplateValue;
      record: TemplateValue;
      x: TemplateValue;
      u: TemplateValue;
      history: MessagesValue;
      scratchpad?: MessagesValue;
      examples?: MessagesValue;
      inner: TemplateValue;
      preset?: TemplateValue;
    }>();
  });

  test('takes its variables, and messages where messages belong', () => {
    const prompt = ChatPromptTemplate.fromMessages([
      ['placeholder', '{history}'],
      ['human', '{question} {tone}'],
    ]);
    expectTypeOf(prompt.invoke({ question: 'Why?', tone: 1 })).resolves.toEqualTypeOf<ChatPromptValue>();
    const messages = prompt.formatMessages({
      question: 'Why?',
      tone: 1,
      history: [['human', 'Hi'], { role: 'ai', content: '' }],
    });
    expectTypeOf(messages).resolves.toEqualTypeOf<readonly BaseMessage[]>();
    // @ts-expect-error question is missing
    void prompt.invoke({ tone: 1 });
    // @ts-expect-error question is misspelt
    void prompt.invoke({ qestion: 'Why?', tone: 1 });
    // @ts-expect-error a number is no message
    void prompt.invoke({ question: 'Why?', tone: 1, history: 5 });
    // @ts-expect-error question is missing
    void prompt.formatMessages({ tone: 1 });
  });

  test('takes a bare value where one variable is required', () => {
    void ChatPromptTemplate.fromTemplate('Hi {name}').invoke('Bo');
    void ChatPromptTemplate.fromMessages([['placeholder', '{history}'], '{question}']).invoke('Why?');
    const only = ChatPromptTemplate.fromMessages([new MessagesPlaceholder('history')]);
    void only.invoke([['human', 'Hi'], new HumanMessage('Ho')]);
    void only.invoke('Hi');
    // @ts-expect-error a number is no message
    void only.invoke(5);
  });

  test('requires what one message requires, though another does without', () => {
    const prompt = ChatPromptTemplate.fromMessages([inner, '{preset}']);
    // @ts-expect-error preset is missing
    void prompt.invoke({ inner: 1 });
  });

  test('knows the literal names where another text is not known', () => {
    const prompt = ChatPromptTemplate.fromMessages([
      ['system', someText],
      ['human', [{ type: 'image', url: someText, alt: 'of {x}' }, 'and {y}', someText]],
    ]);
    void prompt.invoke({ x: 1, y: 2, more: 3 });
    // @ts-expect-error x is missing
    void prompt.invoke({ y: 1 });
    // @ts-expect-error y is missing
    void prompt.invoke({ x: 1 });
  });

  test('is open where the list is not known', () => {
    const prompt = ChatPromptTemplate.fromMessages(someMessages);
    expectTypeOf<InputOf<typeof prompt>>().toExtend<OpenVariables>();
    void prompt.invoke({ anything: 1 });
    expectTypeOf(ChatPromptTemplate.fromMessages([]).invoke({})).resolves.toEqualTypeOf<ChatPromptValue>();
  });

  test('refuses unknown roles and malformed templates', () => {
    // @ts-expect-error no such role
    ChatPromptTemplate.fromMessages([['humn', 'Hi']]);
    // @ts-expect-error a number is no message
    ChatPromptTemplate.fromMessages([5]);
    // @ts-expect-error "{a.b}" is no variable
    ChatPromptTemplate.fromMessages([['human', 'Hi {a.b}']]);
    // @ts-expect-error "{a.b}" is no variable
    ChatPromptTemplate.fromMessages([['human', [{ type: 'text', text: '{a.b}' }]]]);
    // @ts-expect-error A "{" is never closed
    ChatPromptTemplate.fromTemplate('Hi {');
  });

  test('its constructor reads the variables off its messages too, or is told', () => {
    const read = new ChatPromptTemplate({
      promptMessages: [['human', '{a} {b}'], inner],
      partialVariables: { b: 1 },
    });
    void read.invoke({ a: 1, inner: 2 });
    // @ts-expect-error inner is missing
    void read.invoke({ a: 1 });
    const told = new ChatPromptTemplate<{ topic: string }>({ promptMessages: someMessages });
    // @ts-expect-error topic is a string
    void told.invoke({ topic: 5 });
  });

  test('partial makes variables optional', () => {
    const prompt = ChatPromptTemplate.fromMessages([
      ['system', '{persona}'],
      new MessagesPlaceholder('history'),
      '{question}',
    ]);
    const poet = prompt.partial({ persona: () => 'a poet', history: async () => [new HumanMessage('Hi')] });
    void poet.invoke('Why?');
    void poet.invoke({ question: 'Why?', persona: 'a critic' });
    // @ts-expect-error question is missing
    void poet.invoke({ persona: 'a critic' });
    // @ts-expect-error a number is no message
    prompt.partial({ history: 5 });
  });

  test('can be piped from and to', () => {
    const prompt = ChatPromptTemplate.fromMessages([
      ['human', '{a}'],
      ['placeholder', '{history}'],
    ]);
    const chain = RunnableLambda.from((a: string) => ({ a }))
      .pipe(prompt)
      .pipe(({ messages }) => messages.length);
    expectTypeOf(chain).toExtend<Runnable<string, number>>();
    // @ts-expect-error a is missing
    RunnableLambda.from((b: string) => ({ b })).pipe(prompt);
    const anyPrompt: ChatPromptTemplate<never> = prompt;
    expectTypeOf(anyPrompt.promptMessages.length).toEqualTypeOf<number>();
  });
});
