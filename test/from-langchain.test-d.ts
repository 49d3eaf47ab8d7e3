import {
  RouterRunnable,
  type BaseChatModel,
  type BaseRetriever,
  type BaseMessage,
  type Document,
  type InMemoryVectorStore,
  type AIMessageChunk,
  type AIMessage,
  RunnableLambda,
  RunnableMap,
  RunnablePassthrough,
  RunnableSequence,
  tool,
  type ToolCall,
  type ToolMessage,
  type RunStream,
  type Runnable,
} from '@pipewright/core';
import { StringOutputParser } from '@pipewright/parsers';
import { ChatPromptTemplate } from '@pipewright/prompts';
import { describe, expectTypeOf, test } from 'vitest';
import { z } from 'zod';

// Code as LangChain's documentation has it, which its own types accept.

declare const model: BaseChatModel;
declare const retriever: BaseRetriever;
const prompt = ChatPromptTemplate.fromMessages([
  ['ai', 'Answer from {context}'],
  ['human', '{question}'],
]);
const text = RunnableLambda.from((question: string) => question);

describe('a passthrough without a type', () => {
  test('leaves the input of a chain to the step beside it', () => {
    const chain = RunnableSequence.from([
      { context: retriever, question: new RunnablePassthrough() },
      prompt,
      model,
      new StringOutputParser(),
    ]);
    expectTypeOf(chain).toEqualTypeOf<RunnableSequence<string, string, string>>();
  });

  test('has the type of what the map takes', () => {
    const map = RunnableMap.from({ context: text, more: { question: new RunnablePassthrough() } });
    expectTypeOf(map.invoke).parameter(0).toEqualTypeOf<string>();
    expectTypeOf(map.invoke('').then(({ more }) => more.question)).resolves.toEqualTypeOf<string>();
    const any = RunnableMap.from({ same: new RunnablePassthrough() });
    expectTypeOf(any.invoke).parameter(0).toEqualTypeOf<unknown>();
  });

  test('has the type of the step before it', () => {
    const piped = text.pipe({ context: text, question: new RunnablePassthrough() });
    expectTypeOf(piped.invoke('')).resolves.toEqualTypeOf<{ context: string; question: string }>();
    expectTypeOf(piped.pipe(prompt).invoke).parameter(0).toEqualTypeOf<string>();
    const last = RunnableSequence.from([text, text, { question: new RunnablePassthrough() }]);
    expectTypeOf(last.invoke('')).resolves.toEqualTypeOf<{ question: string }>();
    const bare = RunnableSequence.from([text, (question: string) => [question], new RunnablePassthrough()]);
    expectTypeOf(bare.invoke('')).resolves.toEqualTypeOf<string[]>();
    const assigned = text.pipe((q) => ({ q })).assign({ all: new RunnablePassthrough() });
    expectTypeOf(assigned.invoke('').then(({ all }) => all)).resolves.toEqualTypeOf<{ q: string }>();
  });

  test('yields the chunks of the step before it', () => {
    const both = model.pipe({ message: new RunnablePassthrough(), text: new StringOutputParser() });
    expectTypeOf(both.stream('')).toEqualTypeOf<
      RunStream<{ message?: AIMessageChunk; text?: string }, { message: AIMessage; text: string }>
    >();
  });

  test('fits wherever its place says the type', () => {
    const same: Runnable<string, string> = new RunnablePassthrough();
    expectTypeOf(text.pipe(new RunnablePassthrough())).toEqualTypeOf<typeof same>();
    expectTypeOf(new RunnablePassthrough()).toEqualTypeOf<RunnablePassthrough<unknown>>();
  });
});

test('branches of a map may ask for different parts of the input', () => {
  const map = RunnableMap.from({ p: (x: { p: string }) => x.p, q: (x: { q: number }) => x.q });
  expectTypeOf(map.invoke).parameter(0).toEqualTypeOf<{ p: string } & { q: number }>();
  const clash = RunnableMap.from({ p: text, q: (x: number) => x });
  // @ts-expect-error: no input is a text and a number
  void clash.invoke('');
  // @ts-expect-error: a number is no step
  RunnableMap.from({ p: text, q: 5 });
});

test('what a retriever finds fits a function of an array of documents', () => {
  const formatDocs = (documents: Document[]) => documents.map(({ pageContent }) => pageContent).join();
  expectTypeOf(retriever.pipe(formatDocs).invoke('')).resolves.toEqualTypeOf<string>();
  const chain = RunnableSequence.from([
    { context: retriever.pipe(formatDocs), question: new RunnablePassthrough() },
    prompt,
  ]);
  expectTypeOf(chain.invoke).parameter(0).toEqualTypeOf<string>();
  expectTypeOf<InMemoryVectorStore['similaritySearch']>().returns.resolves.toEqualTypeOf<Document[]>();
});

describe('what `new` makes', () => {
  test('has the types of the function', () => {
    const length = new RunnableLambda({ func: (input: string) => input.length });
    expectTypeOf(length).toEqualTypeOf<RunnableLambda<string, number>>();
    expectTypeOf(new RunnableLambda({ func: async (_: number) => length, name: 'later' })).toEqualTypeOf<
      RunnableLambda<number, number>
    >();
    expectTypeOf(new RunnableLambda<string, number>({ func: async (input) => input.length })).toEqualTypeOf(
      length,
    );
    class Length extends RunnableLambda<string, number> {}
    expectTypeOf<Length['invoke']>().returns.resolves.toEqualTypeOf<number>();
  });

  test('has the types of the steps', () => {
    const map = new RunnableMap({ steps: { found: retriever, question: new RunnablePassthrough() } });
    expectTypeOf(map).toEqualTypeOf<
      RunnableMap<string, { found: Document[]; question: string }, { found?: Document[]; question?: string }>
    >();
    const answered = map.assign({ answer: ({ found }) => found.length });
    expectTypeOf(answered.pick('answer').invoke('')).resolves.toEqualTypeOf<number>();
    const router = new RouterRunnable({ runnables: { text, twice: (n: number) => n * 2 } });
    expectTypeOf(router.invoke({ key: 'twice', input: 1 })).resolves.toEqualTypeOf<string | number>();
    // @ts-expect-error: this one takes a number
    void router.invoke({ key: 'twice', input: 'x' });
  });

  test('may be a sequence of a first, some in the middle and a last', () => {
    const last = new StringOutputParser();
    expectTypeOf(
      new RunnableSequence({ first: prompt, middle: [model], last }).invoke(null as never),
    ).resolves.toEqualTypeOf<string>();
    expectTypeOf(new RunnableSequence({ first: text, last: model }).invoke)
      .parameter(0)
      .toEqualTypeOf<string>();
  });
});

test('a tool called with what a message asks for gives a message', async () => {
  const schema = z.object({ a: z.number(), b: z.number() });
  const add = tool(({ a, b }) => a + b, { name: 'add', schema });
  const toolsByName = { add, mul: tool(({ a, b }) => `${a * b}`, { name: 'mul', schema }) };
  const messages: BaseMessage[] = [];
  const answer = await model.invoke(messages);
  for (const call of answer.tool_calls) {
    messages.push(await toolsByName[call.name as 'add' | 'mul'].invoke(call));
  }
  expectTypeOf(add.invoke({ a: 1, b: 2 })).resolves.toEqualTypeOf<number>();
  expectTypeOf(
    add.invoke({ type: 'tool_call', id: '1', name: 'add', args: {} }),
  ).resolves.toEqualTypeOf<ToolMessage>();
  const untyped: ToolCall = { id: '1', name: 'add', args: {} };
  // @ts-expect-error: without a type it could be arguments
  void add.invoke(untyped);
});

test('the kind of an event tells what it holds', async () => {
  for await (const event of model.pipe(new StringOutputParser()).streamEvents('', { version: 'v2' })) {
    if (event.event === 'on_chat_model_stream')
      expectTypeOf(event.data.chunk).toEqualTypeOf<AIMessageChunk>();
    if (event.event === 'on_chat_model_end') expectTypeOf(event.data.output).toEqualTypeOf<AIMessage>();
    if (event.event === 'on_chain_start') expectTypeOf(event.data.input).toEqualTypeOf<unknown>();
    if (event.event === 'on_parser_end') expectTypeOf(event.data.output).toEqualTypeOf<unknown>();
    if (event.event === 'on_tool_error') expectTypeOf(event.data.error).toEqualTypeOf<unknown>();
    if (event.event === 'on_custom_event') expectTypeOf(event.data).toEqualTypeOf<unknown>();
    // @ts-expect-error: there is no such event
    if (event.event === 'on_chat_model_chunk') event.data.toString();
  }
});
