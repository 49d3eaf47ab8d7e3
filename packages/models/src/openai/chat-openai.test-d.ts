import type { AIMessage, AIMessageChunk, ChatModelInput, Runnable, RunStream } from '@pipewright/core';
import { expectTypeOf, test } from 'vitest';
import { ChatOpenAI } from '../openai.js';

const model = new ChatOpenAI({ model: 'm' });

test('a ChatOpenAI is a runnable from messages to a message', () => {
  expectTypeOf(model).toExtend<Runnable<ChatModelInput, AIMessage, AIMessageChunk>>();
  expectTypeOf(model.invoke('hi')).resolves.toEqualTypeOf<AIMessage>();
  expectTypeOf(model.stream('hi')).toEqualTypeOf<RunStream<AIMessageChunk, AIMessage>>();
  const text = model.pipe((answer: AIMessage) => answer.text);
  expectTypeOf(text.invoke('hi')).resolves.toEqualTypeOf<string>();
});

test('its type is its shape, so that two copies of the package get along', () => {
  expectTypeOf<{ [Key in keyof ChatOpenAI]: ChatOpenAI[Key] }>().toExtend<ChatOpenAI>();
});

test('fields that are wrong are refused', () => {
  // @ts-expect-error a model's name is needed
  new ChatOpenAI({});
  // @ts-expect-error a key is a text or a function
  new ChatOpenAI({ model: 'm', apiKey: 7 });
  // @ts-expect-error headers are texts
  new ChatOpenAI({ model: 'm', configuration: { defaultHeaders: { a: 1 } } });
  new ChatOpenAI({ model: 'm', apiKey: async () => 'key', stop: ['a'], cache: false });
});
