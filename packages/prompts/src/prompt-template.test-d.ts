import {
  RunnableLambda,
  type InputOf,
  type PromptValue,
  type Runnable,
  type StringPromptValue,
} from '@pipewright/core';
import { describe, expectTypeOf, test } from 'vitest';
import { PromptTemplate, type OpenVariables, type TemplateValue, type TemplateVariables } from './index.js';

declare const someText: string;

describe('the variables of a template', () => {
  test('are read off its literal type, braces of the text left out', () => {
    expectTypeOf<TemplateVariables<'{a} and {b}, {a} again'>>().toEqualTypeOf<{
      a: TemplateValue;
      b: TemplateValue;
    }>();
    expectTypeOf<TemplateVariables<'{{a}} {b}'>>().toEqualTypeOf<{ b: TemplateValue }>();
    expectTypeOf<TemplateVariables<'{{pre{foo}post}} }}{{'>>().toEqualTypeOf<{ foo: TemplateValue }>();
    expectTypeOf<TemplateVariables<'{{{a}}}'>>().toEqualTypeOf<{ a: TemplateValue }>();
    expectTypeOf<TemplateVariables<'none'>>().toEqualTypeOf<{}>();
    expectTypeOf<TemplateVariables<''>>().toEqualTypeOf<{}>();
  });

  test('are open where the text is not known', () => {
    expectTypeOf<TemplateVariables<string>>().toEqualTypeOf<OpenVariables>();
    expectTypeOf<TemplateVariables<`{a} ${string}`>>().toEqualTypeOf<OpenVariables>();
    expectTypeOf<TemplateVariables<'{a}' | `x ${string}`>>().toEqualTypeOf<OpenVariables>();
  });

  test('are those of all, where the text is one of several', () => {
    expectTypeOf<TemplateVariables<'{a}' | '{b}'>>().toEqualTypeOf<{ a: TemplateValue; b: TemplateValue }>();
  });

  test('are read off long templates, and open for those with very many braces', () => {
    type Long = Repeat<Repeat<Repeat<'nearly two thousand characters of text '>>>;
    expectTypeOf<TemplateVariables<`${Long}{a}${Long}{{${Long}{b}`>>().toEqualTypeOf<{
      a: TemplateValue;
      b: TemplateValue;
    }>();
    expectTypeOf<TemplateVariables<Repeat<Repeat<'{a}{{'>>>>().toEqualTypeOf<{ a: TemplateValue }>();
    expectTypeOf<TemplateVariables<Repeat<Repeat<Repeat<Repeat<'{a}'>>>>>>().toEqualTypeOf<OpenVariables>();
  });
});

type Repeat<Text extends string> = `${Text}${Text}${Text}${Text}${Text}${Text}${Text}`;

describe('PromptTemplate', () => {
  const joke = PromptTemplate.fromTemplate('A {tone} joke about {topic}');

  test('takes its variables, all of them', () => {
    expectTypeOf<InputOf<typeof joke>>().toEqualTypeOf<{ tone: TemplateValue; topic: TemplateValue }>();
    expectTypeOf(
      joke.invoke({ tone: 'dry', topic: ['bears', 1, null] }),
    ).resolves.toEqualTypeOf<StringPromptValue>();
    // @ts-expect-error topic is missing
    void joke.invoke({ tone: 'dry' });
    // @ts-expect-error topic is misspelt
    void joke.invoke({ tone: 'dry', topci: 'bears' });
    // @ts-expect-error undefined is no value
    void joke.invoke({ tone: 'dry', topic: undefined });
    // @ts-expect-error a bare value belongs to one of two
    void joke.invoke('bears');
    // @ts-expect-error topic is missing
    void joke.format({ tone: 'dry' });
  });

  test('takes a bare value where there is one variable', () => {
    const about = PromptTemplate.fromTemplate('About {topic}');
    void about.invoke('bears');
    void about.invoke(5);
    void about.batch(['bears', { topic: 'cats' }]);
    // @ts-expect-error an object is read as a record of variables
    void about.invoke({ topci: 'bears' });
    // @ts-expect-error null is no value by itself
    void about.invoke(null);
  });

  test('refuses malformed templates with the reason', () => {
    // @ts-expect-error "{a.b}" is no variable
    PromptTemplate.fromTemplate('Hi {a.b}');
    // @ts-expect-error "{ a }" is no variable
    PromptTemplate.fromTemplate('Hi { a }');
    // @ts-expect-error A "{" is never closed
    PromptTemplate.fromTemplate('Hi {a');
    // @ts-expect-error "{"json": 1}" is no variable
    void new PromptTemplate({ template: '{"json": 1}' });
    PromptTemplate.fromTemplate(someText);
  });

  test('takes anything where the template is not known', () => {
    expectTypeOf<InputOf<ReturnType<typeof open>>>().toEqualTypeOf<OpenVariables>();
    const open = () => PromptTemplate.fromTemplate(someText);
    void open().invoke({ anything: 1 });
  });

  test('its constructor reads variables off the template too, or is told', () => {
    const read = new PromptTemplate({
      template: 'A {tone} joke about {topic}',
      partialVariables: { tone: 'dry' },
    });
    void read.invoke({ topic: 'bears' });
    void read.invoke('bears');
    // @ts-expect-error topic is missing
    void read.invoke({ tone: 'dry' });
    const told = new PromptTemplate<{ topic: string }>({ template: someText });
    void told.invoke({ topic: 'bears' });
    // @ts-expect-error topic is a string
    void told.invoke({ topic: 5 });
    expectTypeOf(told).toExtend<Runnable<{ topic: string }, PromptValue>>();
    // Prompts of the same variables are of the same type, whatever their texts.
    expectTypeOf(new PromptTemplate({ template: '{tone} {topic}' })).toExtend<typeof joke>();
  });

  test('partial makes variables optional', () => {
    const dry = joke.partial({ tone: async () => 'dry' });
    expectTypeOf<InputOf<typeof dry>>().toEqualTypeOf<
      { topic: TemplateValue; tone?: TemplateValue } | string | number | boolean | bigint
    >();
    void dry.invoke({ topic: 'bears' });
    void dry.invoke('bears');
    void dry.invoke({ topic: 'bears', tone: 'warm' });
    void dry.partial({ topic: 'bears' }).invoke({});
    void dry.partial({ tone: 'warm' }).invoke('bears');
    // @ts-expect-error topci is none of its variables
    joke.partial({ topci: 'bears' });
    // @ts-expect-error the function has to return a string
    new PromptTemplate<{ topic: string }>({ template: someText }).partial({ topic: () => 5 });
  });

  test('can be piped from and to', () => {
    const chain = RunnableLambda.from((topic: string) => ({ topic, tone: 'dry' }))
      .pipe(joke)
      .pipe((value) => value.value.length);
    expectTypeOf(chain).toExtend<Runnable<string, number>>();
    expectTypeOf(joke.pipe((value) => value)).toExtend<
      Runnable<{ tone: string; topic: string }, StringPromptValue>
    >();
    // @ts-expect-error tone is missing
    RunnableLambda.from((topic: string) => ({ topic })).pipe(joke);
  });
});
