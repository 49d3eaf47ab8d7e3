import '../test/frozen-inputs.js';
import {
  ConfigError,
  HumanMessage,
  PromptInputError,
  RunnableLambda,
  StringPromptValue,
  SyncInvocationError,
} from '@pipewright/core';
import { runnableLaws } from '@pipewright/core/testing';
import { describe, expect, test, vi } from 'vitest';
import { rejection, thrown } from '../test/failure.js';
import { ChatPromptTemplate, PromptTemplate } from './index.js';

const joke = PromptTemplate.fromTemplate('Tell me a {tone} joke about {topic}.');

describe('a prompt template', () => {
  for (const law of runnableLaws(
    () => joke,
    [Object.freeze({ tone: 'dry', topic: 'bears' }), { tone: 1, topic: null }],
  )) {
    test(law.name, () => law.check());
  }

  test('fills its template in', async () => {
    expect(await joke.format({ tone: 'dry', topic: 'bears' })).toBe('Tell me a dry joke about bears.');
    expect(joke.template).toBe('Tell me a {tone} joke about {topic}.');
  });

  test('behaviour 88: extra variables are ignored', async () => {
    const more = { tone: 'dry', topic: 'bears', more: 1, constructor: 2 };
    expect(await joke.format(more)).toBe('Tell me a dry joke about bears.');
  });

  test('behaviour 90: lists its variables once, in the order of first use', () => {
    expect(PromptTemplate.fromTemplate('{b}{a}{b}').inputVariables).toEqual(['b', 'a']);
  });

  test('behaviour 91: a variable that is not declared is refused', () => {
    const error = thrown(
      () => new PromptTemplate({ template: '{a}{b}{c}', inputVariables: ['b'] }),
      ConfigError,
    );
    expect(error.option).toBe('inputVariables');
    expect(error.message).toContain('"a", "c"');
    const declared = new PromptTemplate({
      template: '{a}{b}',
      inputVariables: ['b'],
      partialVariables: { a: 1 },
    });
    expect(declared.inputVariables).toEqual(['b']);
  });

  test('behaviour 93: its value is a text, or one message of the user', async () => {
    const value = await joke.invoke({ tone: 'dry', topic: 'bears' });
    expect(value).toBeInstanceOf(StringPromptValue);
    expect(value.toString()).toBe('Tell me a dry joke about bears.');
    expect(value.toMessages()).toEqual([new HumanMessage('Tell me a dry joke about bears.')]);
  });

  test('behaviour 104: a variable cannot be named stop', () => {
    expect(() => PromptTemplate.fromTemplate('{stop}')).toThrow(ConfigError);
    expect(() => ChatPromptTemplate.fromMessages([['placeholder', '{stop}']])).toThrow(
      'cannot be named "stop"',
    );
    expect(PromptTemplate.fromTemplate('{{stop}}').inputVariables).toEqual([]);
  });

  test('runs synchronously, in chains too', () => {
    const loud = joke.pipe((value) => value.toString().toUpperCase());
    expect(loud.invokeSync({ tone: 'dry', topic: 'bears' })).toBe('TELL ME A DRY JOKE ABOUT BEARS.');
    expect(loud.batchSync([{ tone: 1, topic: 2 }])).toEqual(['TELL ME A 1 JOKE ABOUT 2.']);
  });
});

describe('a bare value', () => {
  const about = PromptTemplate.fromTemplate('About {topic}');

  test('is that of the only variable', async () => {
    expect((await about.invoke('bears')).value).toBe('About bears');
    expect((await about.invoke(5)).value).toBe('About 5');
    expect((await about.invoke('')).value).toBe('About ');
    expect((await about.invoke(['a', 'b'] as never)).value).toBe('About ["a","b"]');
    expect((await joke.partial({ tone: 'dry' }).invoke('bears')).value).toBe(
      'Tell me a dry joke about bears.',
    );
    expect(await about.batch(['a', 'b'])).toEqual([
      new StringPromptValue('About a'),
      new StringPromptValue('About b'),
    ]);
  });

  test('can be piped in', async () => {
    const chain = RunnableLambda.from((name: string) => name.trim()).pipe(about);
    expect((await chain.invoke(' bears ')).value).toBe('About bears');
  });

  test('is also that of a variable with a special name', async () => {
    expect(PromptTemplate.fromTemplate('<{__proto__}>').invokeSync('x' as never).value).toBe('<x>');
  });

  test.each([undefined, null])('is not %s', async (input) => {
    const error = await rejection(about.invoke(input as never), PromptInputError);
    expect(error.missing).toEqual(['topic']);
    expect(error.message).toContain(`The input is ${input}.`);
  });

  test('cannot be told to whom it belongs where there are several variables', async () => {
    const error = await rejection(joke.invoke('bears' as never), PromptInputError);
    expect(error.missing).toEqual(['tone', 'topic']);
    expect(error.message).toContain('The input is a string.');
    expect(error.message).toContain('Pass an object with all of them');
  });

  test('does not matter where there is no variable', async () => {
    expect((await PromptTemplate.fromTemplate('static').invoke('x')).value).toBe('static');
  });
});

describe('a missing variable', () => {
  test('behaviour 88, F126: is an error that names all of them and what was given', async () => {
    const error = await rejection(joke.invoke({ topci: 'bears' } as never), PromptInputError);
    expect(error.code).toBe('INVALID_PROMPT_INPUT');
    expect(error.missing).toEqual(['tone', 'topic']);
    expect(error.message).toBe(
      'Missing prompt variables: "tone", "topic". Given: "topci". ' +
        'Pass an object with all of them, or set them beforehand with partial().',
    );
  });

  test('F126: undefined counts as missing, null does not', async () => {
    const error = await rejection(joke.invoke({ tone: undefined, topic: null } as never), PromptInputError);
    expect(error.missing).toEqual(['tone']);
    expect(error.message).toContain('Undefined counts as missing: "tone".');
  });

  test('is reported with at most 20 names of what was given', async () => {
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`v${index}`, index]));
    const error = await rejection(joke.invoke(many as never), PromptInputError);
    expect(error.message).toContain('"v19" and 480 more.');
  });

  test.each(['constructor', 'toString', '__proto__', 'hasOwnProperty', 'valueOf'])(
    'T1, T3, F126: %s is no value of an empty input',
    async (name) => {
      const prompts = [
        PromptTemplate.fromTemplate(`{${name}}`),
        ChatPromptTemplate.fromTemplate(`{${name}}`),
      ];
      for (const prompt of prompts) {
        for (const input of [{}, Object.create({ [name]: 'inherited' }), new (class Given {})()]) {
          expect((await rejection(prompt.invoke(input as never), PromptInputError)).missing).toEqual([name]);
        }
        expect(await prompt.format(JSON.parse(`{"${name}": "own"}`) as never)).toContain('own');
        const preset = prompt.partial({ [name]: () => 'preset' } as never);
        expect(await preset.format(Object.freeze({}))).toContain('preset');
        expect(await preset.format(JSON.parse(`{"${name}": "own"}`) as never)).toContain('own');
      }
    },
  );
});

describe('partial', () => {
  test.each([
    ['a value', 'dry'],
    ['a function', () => 'dry'],
    ['an async function', async () => 'dry'],
  ])('behaviour 92: sets a variable by %s', async (_, tone) => {
    const dry = joke.partial({ tone });
    expect(await dry.format({ topic: 'bears' })).toBe('Tell me a dry joke about bears.');
    expect(dry.inputVariables).toEqual(['topic']);
    expect(dry.partialVariables).toEqual({ tone });
  });

  test('behaviour 92: the value of a call counts more, and the function is then not called', async () => {
    const tone = vi.fn(() => 'dry');
    const dry = joke.partial({ tone });
    expect(await dry.format({ topic: 'bears', tone: 'warm' })).toBe('Tell me a warm joke about bears.');
    expect(tone).not.toHaveBeenCalled();
    expect(await dry.format({ topic: 'bears', tone: undefined as never })).toBe(
      'Tell me a dry joke about bears.',
    );
  });

  test('behaviour 92: leaves the prompt it was called on as it was', async () => {
    joke.partial({ tone: 'dry' });
    expect(joke.inputVariables).toEqual(['tone', 'topic']);
    expect(joke.partialVariables).toEqual({});
  });

  test('adds up, the later value counting more', async () => {
    const prompt = joke.partial({ tone: 'dry' }).partial({ topic: 'bears' });
    expect(await prompt.format({})).toBe('Tell me a dry joke about bears.');
    expect(await prompt.partial({ tone: 'warm' }).format({})).toBe('Tell me a warm joke about bears.');
  });

  test('copies what it is given, and does not call functions for names the prompt does not use', async () => {
    const unused = vi.fn();
    const values = { tone: 'dry', unused };
    const dry = joke.partial(values as { tone: string });
    values.tone = 'changed';
    expect(await dry.format({ topic: 'bears' })).toBe('Tell me a dry joke about bears.');
    expect(unused).not.toHaveBeenCalled();
    expect(Object.isFrozen(dry.partialVariables)).toBe(true);
  });

  test('calls the functions anew each time, side by side', async () => {
    let calls = 0;
    const log: string[] = [];
    const slow = (name: string) => async () => {
      log.push(`start ${name}`);
      await Promise.resolve();
      log.push(`end ${name}`);
      return `${name}${++calls}`;
    };
    const prompt = joke.partial({ tone: slow('a'), topic: slow('b') });
    expect(await prompt.format({})).toBe('Tell me a a1 joke about b2.');
    expect(log).toEqual(['start a', 'start b', 'end a', 'end b']);
    expect(await prompt.format({})).toBe('Tell me a a3 joke about b4.');
  });

  test('makes a prompt asynchronous only by a function that is', () => {
    expect(joke.partial({ tone: () => 'dry' }).invokeSync('bears').value).toBe(
      'Tell me a dry joke about bears.',
    );
    const slow = joke.partial({ tone: async () => 'dry' });
    expect(thrown(() => slow.invokeSync('bears'), SyncInvocationError).step).toBe('PromptTemplate');
  });

  test('gives on what a function throws, and loses no rejection', async () => {
    const boom = new Error('boom');
    const fails = () => {
      throw boom;
    };
    expect(await rejection(joke.partial({ tone: fails }).invoke('x'), Error)).toBe(boom);
    expect(await rejection(joke.partial({ tone: () => Promise.reject(boom) }).invoke('x'), Error)).toBe(boom);
    const both = joke.partial({ tone: () => Promise.reject(new Error('unheard')), topic: fails });
    expect(await rejection(both.invoke({}), Error)).toBe(boom);
  });

  test('names a function that gives undefined', async () => {
    const empty = joke.partial({ tone: () => undefined as never, topic: async () => undefined as never });
    const error = await rejection(empty.invoke({}), PromptInputError);
    expect(error.missing).toEqual(['tone', 'topic']);
    expect(error.message).toContain('partial()');
  });

  test('undefined sets nothing', () => {
    expect(joke.partial({ tone: undefined as never }).inputVariables).toEqual(['tone', 'topic']);
  });
});
