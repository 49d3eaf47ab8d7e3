import '../test/frozen-inputs.js';
import {
  AIMessage,
  ConfigError,
  HumanMessage,
  MessageCoercionError,
  PromptInputError,
  SystemMessage,
  TemplateError,
} from '@pipewright/core';
import { describe, expect, test } from 'vitest';
import { rejection, thrown } from '../test/failure.js';
import { ChatPromptTemplate, MessagesPlaceholder } from './index.js';

const required = ChatPromptTemplate.fromMessages([new MessagesPlaceholder('history'), 'end']);
const optional = ChatPromptTemplate.fromMessages([['placeholder', '{history}'], 'end']);

async function texts(prompt: ChatPromptTemplate<never>, history: unknown): Promise<string[]> {
  const { messages } = await prompt.invoke({ history } as never);
  return messages.map((message) => `${message.type}: ${message.text}`);
}

describe('a placeholder', () => {
  test('behaviour 96: is required, unless it says otherwise or is written as a tuple', async () => {
    expect((await rejection(required.invoke({} as never), PromptInputError)).missing).toEqual(['history']);
    expect(await texts(optional, undefined)).toEqual(['human: end']);
    const lenient = new MessagesPlaceholder({ variableName: 'history', optional: true });
    expect(await texts(ChatPromptTemplate.fromMessages([lenient, 'end']), undefined)).toEqual(['human: end']);
    expect(optional.inputVariables).toEqual([]);
  });

  test.each(['h', '', '{h} ', '{h}{i}', 'x{h}', '{{h}}', '{h.a}', 5])(
    "behaviour 96: ['placeholder', %j] is refused",
    (text) => {
      const make = () => ChatPromptTemplate.fromMessages([['placeholder', text as string]]);
      expect(thrown(make, TemplateError).message).toMatch(/placeholder|Unexpected/);
    },
  );

  test('behaviour 97: takes messages in any form, a single one, and a bare text', async () => {
    const message = new SystemMessage('{s}');
    const given = Object.freeze([
      Object.freeze(['human', '{a}']),
      Object.freeze({ role: 'ai', content: 'b' }),
      'c',
      message,
    ]);
    for (const prompt of [required, optional]) {
      expect(await texts(prompt, given)).toEqual([
        'human: {a}',
        'ai: b',
        'human: c',
        'system: {s}',
        'human: end',
      ]);
      expect(await texts(prompt, '{x}')).toEqual(['human: {x}', 'human: end']);
      expect(await texts(prompt, message)).toEqual(['system: {s}', 'human: end']);
      expect(await texts(prompt, { role: 'ai', content: 'b' })).toEqual(['ai: b', 'human: end']);
      expect(await texts(prompt, [])).toEqual(['human: end']);
    }
    expect((await required.invoke([message])).messages[0]).toBe(message);
  });

  test.each([null, 5, true, {}, () => 'x', ['ok', 5], [['ok', 'x', 'y']], [{ role: 'nobody', content: '' }]])(
    'behaviour 97, F126: %o is refused, naming the variable',
    async (history) => {
      for (const prompt of [required, optional]) {
        const error = await rejection(texts(prompt, history), MessageCoercionError);
        expect(error.message).toContain('The prompt variable "history"');
        expect(error.cause).toBeInstanceOf(Error);
      }
    },
  );

  test('says which item is no message, also among the last ones', async () => {
    const lastTwo = ChatPromptTemplate.fromMessages([
      new MessagesPlaceholder({ variableName: 'history', nMessages: 2 }),
    ]);
    const error = await rejection(texts(lastTwo, ['a', 'b', 5]), MessageCoercionError);
    expect(error.message).toContain('holds no message at index 2.');
  });

  test('gives on what a message itself throws', async () => {
    const boom = new Error('boom');
    const broken = {
      role: 'ai',
      get content(): string {
        throw boom;
      },
    };
    expect(await rejection(texts(required, [broken]), Error)).toBe(boom);
  });

  test('keeps the last messages only, if told how many', async () => {
    const lastTwo = new MessagesPlaceholder({ variableName: 'history', nMessages: 2 });
    const prompt = ChatPromptTemplate.fromMessages([lastTwo]);
    expect(await texts(prompt, ['a', 'b', 'c'])).toEqual(['human: b', 'human: c']);
    expect(await texts(prompt, ['a'])).toEqual(['human: a']);
    const lastFive = new MessagesPlaceholder({ variableName: 'history', nMessages: 5 });
    expect(await texts(ChatPromptTemplate.fromMessages([lastFive]), ['a', 'b', 'c'])).toHaveLength(3);
    expect(await texts(prompt, 'a')).toEqual(['human: a']);
  });

  test.each([0, -1, 1.5, Number.NaN, '2'])('refuses %o as the number of messages', (nMessages) => {
    const make = () => new MessagesPlaceholder({ variableName: 'h', nMessages: nMessages as number });
    expect(thrown(make, ConfigError).option).toBe('nMessages');
  });

  test.each(['{h}', '', 'a b', 'a.b', undefined, 5])(
    'refuses %o as the name of its variable',
    (variableName) => {
      const make = () => new MessagesPlaceholder({ variableName: variableName as string });
      expect(thrown(make, ConfigError).option).toBe('variableName');
    },
  );

  test('T4: what the messages say is not looked into', async () => {
    const prompt = ChatPromptTemplate.fromMessages([['placeholder', '{history}'], '{x}']);
    const messages = await prompt.formatMessages({
      history: [new AIMessage('{x} {{'), ['human', '{x']],
      x: 1,
    });
    expect(messages).toEqual([new AIMessage('{x} {{'), new HumanMessage('{x'), new HumanMessage('1')]);
  });

  test('a long conversation is no problem', async () => {
    const history = Array.from({ length: 300_000 }, () => 'x');
    expect((await required.invoke({ history })).messages).toHaveLength(300_001);
  });

  test('does not make optional what is required elsewhere', () => {
    const placeholder = ['placeholder', '{both}'] as const;
    for (const messages of [[placeholder, '{both}'] as const, ['{both}', placeholder] as const]) {
      expect(ChatPromptTemplate.fromMessages(messages).inputVariables).toEqual(['both']);
    }
  });

  test('T3: an inherited name is no value for an optional one', async () => {
    const prompt = ChatPromptTemplate.fromMessages([['placeholder', '{constructor}'], '{x}']);
    for (const each of [prompt, prompt.partial({ x: 1 })]) {
      expect(await each.format({ x: 1 } as never)).toBe('Human: 1');
    }
  });
});
