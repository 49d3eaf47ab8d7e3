import '../test/frozen-inputs.js';
import {
  AIMessage,
  ConfigError,
  coreRegistry,
  dumps,
  HumanMessage,
  loads,
  PromptInputError,
  RunnableLambda,
  SystemMessage,
  TemplateError,
} from '@pipewright/core';
import { runnableLaws, ScriptedChatModel } from '@pipewright/core/testing';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { rejection, thrown } from '../test/failure.js';
import {
  ChatPromptTemplate,
  PipelinePromptTemplate,
  PromptTemplate,
  promptsRegistry,
  StructuredPrompt,
} from './index.js';

describe('a pipeline', () => {
  const pipeline = new PipelinePromptTemplate({
    pipelinePrompts: [
      { name: 'intro', prompt: PromptTemplate.fromTemplate('You are {person}.') },
      { name: 'start', prompt: PromptTemplate.fromTemplate('{intro} Go, {person}: {input}') },
    ],
    finalPrompt: PromptTemplate.fromTemplate('{intro}|{start}|{extra}'),
  });
  for (const law of runnableLaws(
    () => pipeline,
    [Object.freeze({ person: 'Bo', input: '{intro}', extra: 1 })],
  )) {
    test(law.name, () => law.check());
  }

  test('behaviour 103: named parts feed those after them, also set beforehand', async () => {
    expect(pipeline.inputVariables).toEqual(['person', 'input', 'extra']);
    const text = 'You are Bo.|You are Bo. Go, Bo: {intro}|E';
    expect(await pipeline.format({ person: 'Bo', input: '{intro}', extra: 'E' })).toBe(text);
    const set = pipeline.partial({ person: async () => 'Bo' }).partial({ extra: 'E' });
    expect(await set.format('{intro}')).toBe(text);
    expect((await rejection(pipeline.invoke({ input: 1 } as never), PromptInputError)).missing).toEqual([
      'person',
      'extra',
    ]);
  });

  test('messages of a chat prompt go to a placeholder, its text to nobody', async () => {
    const chat = new PipelinePromptTemplate({
      pipelinePrompts: [
        { name: 'shots', prompt: ChatPromptTemplate.fromMessages(['{a}', ['ai', '{b}']]) },
        { name: 'rules', prompt: PromptTemplate.fromTemplate('Say {b}') },
      ],
      finalPrompt: ChatPromptTemplate.fromMessages([
        ['system', '{rules}'],
        ['placeholder', '{shots}'],
        '{a}',
      ]),
    });
    const { messages } = await chat.invoke({ a: 'A', b: 'B' });
    expect(messages).toEqual([
      new SystemMessage('Say B'),
      new HumanMessage('A'),
      new AIMessage('B'),
      new HumanMessage('A'),
    ]);
  });

  test('a part that is read before it is made, or made twice, is refused', () => {
    const text = PromptTemplate.fromTemplate('{b}');
    const steps = [
      { name: 'a', prompt: text },
      { name: 'b', prompt: text },
    ];
    const late = thrown(
      () => new PipelinePromptTemplate({ pipelinePrompts: steps, finalPrompt: text }),
      ConfigError,
    );
    expect(late.message).toContain('"a" reads "b" before it is made');
    const twice = [
      { name: 'x', prompt: text },
      { name: 'x', prompt: text },
    ];
    expect(() => new PipelinePromptTemplate({ pipelinePrompts: twice, finalPrompt: text })).toThrow(
      'Two prompts are named "x"',
    );
    expect(
      () => new PipelinePromptTemplate({ pipelinePrompts: [{ name: 'x' }] as never, finalPrompt: text }),
    ).toThrow(ConfigError);
  });
});

describe('concatenation', () => {
  test('of texts joins templates and what has been set for them', async () => {
    const left = PromptTemplate.fromTemplate('{a} {{x}} ').partial({ a: 'A' });
    const joined = left
      .concat('{b}')
      .concat(PromptTemplate.fromTemplate('{c}').partial({ c: async () => 'C' }));
    expect(joined.inputVariables).toEqual(['b']);
    expect(await joined.format({ b: '{c}' })).toBe('A {x} {c}C');
    expect(left.template).toBe('{a} {{x}} ');
  });

  test('of texts in two formats, or of braces that would meet, is refused', () => {
    const mustache = PromptTemplate.fromTemplate('{{a}} {', { templateFormat: 'mustache' });
    expect(() => PromptTemplate.fromTemplate('{a}').concat(mustache as never)).toThrow(ConfigError);
    expect(() => mustache.concat('{ x' as never)).toThrow(TemplateError);
    expect(() => PromptTemplate.fromTemplate('{a}').concat('{' as string)).toThrow(TemplateError);
  });

  test('of chat prompts puts their messages together; partials stay where they were set', async () => {
    const left = ChatPromptTemplate.fromMessages([['system', '{x}']]).partial({ x: 'left' });
    const joined = left
      .concat([['human', '{x}']])
      .concat(ChatPromptTemplate.fromTemplate('{y}').partial({ y: 'Y' }))
      .concat([new AIMessage('{literal}')]);
    expect(joined.inputVariables).toEqual(['x']);
    expect(await joined.format({ x: 'right' })).toBe('System: right\nHuman: right\nHuman: Y\nAI: {literal}');
    expect(left.promptMessages).toHaveLength(1);
  });

  test('of chat prompts reads what is added as the prompt itself is written', async () => {
    const options = { templateFormat: 'mustache' } as const;
    const chat = ChatPromptTemplate.fromMessages([['system', '{{a}}']], options);
    const structured = StructuredPrompt.fromMessagesAndSchema(
      [['system', '{{a}}']],
      { type: 'object' },
      undefined,
      options,
    );
    const registry = [coreRegistry, promptsRegistry];
    const loaded = loads(dumps(chat), { registry }) as unknown as typeof chat;
    for (const prompt of [chat, chat.partial({ a: '{b}' }), structured, loaded]) {
      const joined = (prompt as typeof chat).concat([['human', '{{a}} and {{b}}, {c}']]).concat(['{{b}}']);
      expect(await joined.format({ a: '{b}', b: 'B' })).toBe('System: {b}\nHuman: {b} and B, {c}\nHuman: B');
    }
  });
});

describe('a structured prompt', () => {
  const schema = z.object({ city: z.string() });
  const prompt = StructuredPrompt.fromMessagesAndSchema([['human', 'The capital of {country}?']], schema);
  const answering = (...replies: string[]) => new ScriptedChatModel({ replies });
  const laws = runnableLaws(
    () => prompt.pipe(answering('{"city": "Oslo"}', '{"city": "Oslo"}')),
    [Object.freeze({ country: 'Norway' })],
  );
  for (const law of laws) test(law.name, () => law.check());

  test('has the model answer in its form', async () => {
    const model = answering('{"city": "Oslo"}');
    expect(await prompt.pipe(model).invoke('Norway')).toEqual({ city: 'Oslo' });
    expect(model.calls[0]?.options).toMatchObject({ response_format: { type: 'json_schema' } });
    expect((await prompt.invoke('Norway')).toString()).toBe('Human: The capital of Norway?');
  });

  test('passes the method on, and keeps the schema through partial and concat', async () => {
    const tools = StructuredPrompt.fromMessagesAndSchema([['human', '{a} {b}']], schema, 'functionCalling');
    const call = { type: 'tool_call' as const, id: '1', name: 'extract', args: { city: 'Rome' } };
    const model = new ScriptedChatModel({
      replies: [
        new AIMessage({ content: '', tool_calls: [call] }),
        new AIMessage({ content: '', tool_calls: [call] }),
      ],
    });
    expect(await tools.partial({ a: 'A' }).pipe(model).invoke('B')).toEqual({ city: 'Rome' });
    const longer = tools.concat([['human', '{c}']]) as unknown as typeof tools;
    expect(await longer.pipe(model).invoke({ a: 1, b: 2, c: 3 } as never)).toEqual({ city: 'Rome' });
    expect(model.calls.map(({ options }) => options.tools?.length)).toEqual([1, 1]);
    expect(model.calls[1]?.messages).toHaveLength(2);
  });

  test('sees the model under what was put around it, fallbacks too', async () => {
    const down = new ScriptedChatModel({ replies: [new Error('down'), new Error('down')] });
    const spare = answering('{"city": "Oslo"}');
    const wrapped = down
      .withConfig({ tags: ['a'] })
      .withRetry({ stopAfterAttempt: 2, initialDelayMs: 0 })
      .withFallbacks([spare]);
    expect(await prompt.pipe(wrapped).invoke('Norway')).toEqual({ city: 'Oslo' });
    for (const { options } of [...down.calls, ...spare.calls]) {
      expect(options).toMatchObject({ response_format: { type: 'json_schema' } });
    }
    expect([down.calls.length, spare.calls.length]).toEqual([2, 1]);
  });

  test('around the whole, retries cover an answer that is not in its form', async () => {
    const chain = prompt.pipe(answering('no JSON', '{"city": "Oslo"}'));
    expect(
      await chain.withRetry({ stopAfterAttempt: 2, initialDelayMs: 0, retryIf: () => true }).invoke('Norway'),
    ).toEqual({ city: 'Oslo' });
  });

  test('refuses what is no chat model, and to be made without a schema', () => {
    expect(() => prompt.pipe(RunnableLambda.from(() => 1))).toThrow(ConfigError);
    expect(() => prompt.pipe(() => 1)).toThrow('is piped into a chat model');
    expect(() => new StructuredPrompt({ promptMessages: [], schema: undefined as never })).toThrow(
      ConfigError,
    );
  });
});
