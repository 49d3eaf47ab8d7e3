import { describe, expect, test } from 'vitest';
import {
  AIMessage,
  AIMessageChunk,
  BaseChatModel,
  ChatPromptValue,
  ConfigError,
  HumanMessage,
  MessageCoercionError,
  SystemMessage,
  type BaseMessage,
  type ModelCallOptions,
  type RunContext,
} from '../index.js';
import { FakeListChatModel, FakeStreamingChatModel, ScriptedChatModel } from '../testing/index.js';

/** Answers with what it was told, and says by which of its two ways. */
class Echo extends BaseChatModel {
  readonly name = 'Echo';
  override generate(messages: readonly BaseMessage[], options: ModelCallOptions) {
    return new AIMessage({ content: 'whole', additional_kwargs: { messages, options } });
  }
  override *streamChunks() {
    yield new AIMessageChunk('in ');
    yield new AIMessageChunk('pieces');
  }
}

test('input is a text, a prompt value, or messages of every form', async () => {
  const told = async (input: Parameters<Echo['invoke']>[0]) =>
    (await new Echo().invoke(input)).additional_kwargs.messages;
  expect(await told('hi')).toEqual([new HumanMessage('hi')]);
  expect(await told(new ChatPromptValue([new SystemMessage('s')]))).toEqual([new SystemMessage('s')]);
  expect(await told([['system', 's'], { role: 'user', content: 'u' }, 'x'])).toEqual([
    new SystemMessage('s'),
    new HumanMessage('u'),
    new HumanMessage('x'),
  ]);
  await expect(new Echo().invoke(5 as never)).rejects.toThrow(MessageCoercionError);
});

test("options of the call reach the model; what is the engine's does not", async () => {
  const message = await new Echo().invoke('hi', {
    stop: ['.'],
    temperature: 0,
    tags: ['t'],
    maxConcurrency: 2,
  });
  expect(message.additional_kwargs.options).toEqual({ stop: ['.'], temperature: 0 });
});

describe('which of the two ways is taken', () => {
  test('a whole answer where nobody would see pieces, pieces where somebody does', async () => {
    expect((await new Echo().invoke('hi')).text).toBe('whole');
    expect((await new Echo().stream('hi').final).text).toBe('in pieces');
    const gathered = new Echo().pipe((message) => message.text);
    expect(await gathered.stream('hi').final).toBe('whole');
  });

  test('one of them is enough for every verb', async () => {
    for (const missing of ['generate', 'streamChunks'] as const) {
      const model = new Echo();
      Object.defineProperty(model, missing, { value: undefined });
      const text = missing === 'generate' ? 'in pieces' : 'whole';
      expect((await model.invoke('hi')).text).toBe(text);
      const streamed = model.stream('hi');
      for await (const chunk of streamed) expect(chunk).toBeInstanceOf(AIMessageChunk);
      expect((await streamed.final).text).toBe(text);
    }
  });

  test('neither is a clear error', async () => {
    // @ts-expect-error -- which JavaScript does not say
    class Nothing extends BaseChatModel {}
    await expect(new Nothing().invoke('hi')).rejects.toThrow(ConfigError);
    await expect(new Nothing().invoke('hi')).rejects.toThrow('class Nothing');
  });
});

test("a stream that is left early closes the model's", async () => {
  let closed = false;
  class Endless extends BaseChatModel {
    readonly name = 'Endless';
    override async *streamChunks(_m: readonly BaseMessage[], _o: ModelCallOptions, context: RunContext) {
      try {
        for (;;) yield new AIMessageChunk('.');
      } finally {
        closed = context.signal.aborted;
      }
    }
  }
  for await (const _chunk of new Endless().stream('hi')) break;
  expect(closed).toBe(true);
});

describe('the fakes', () => {
  test('a list is answered from in turn, streamed by the character', async () => {
    const model = new FakeListChatModel({ responses: ['ab', 'c'] });
    expect((await model.batch(['1', '2', '3'])).map(({ text }) => text)).toEqual(['ab', 'c', 'ab']);
    const streamed: string[] = [];
    for await (const chunk of new FakeListChatModel({ responses: ['ab'] }).stream(''))
      streamed.push(chunk.text);
    expect(streamed).toEqual(['a', 'b']);
    expect(model.invokeSync('').text).toBe('c');
  });

  test('chunks are streamed as given', async () => {
    const model = new FakeStreamingChatModel({ chunks: ['a', new AIMessageChunk('b')] });
    expect((await model.invoke('')).text).toBe('ab');
  });

  test('a script is followed, fails where it says, and remembers the calls', async () => {
    const model = new ScriptedChatModel({
      replies: [
        'one',
        new Error('down'),
        ['tw', new Error('cut')],
        async (messages) => `you said ${messages[0]?.text}`,
      ],
    });
    expect((await model.invoke('a')).text).toBe('one');
    await expect(model.invoke('b')).rejects.toThrow('down');
    await expect(model.invoke('c')).rejects.toThrow('cut');
    expect((await model.invoke('d', { stop: ['x'] })).text).toBe('you said d');
    await expect(model.invoke('e')).rejects.toThrow('The script has 4 replies; this is call 5.');
    expect(model.calls.map(({ messages }) => messages[0]?.text)).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(model.calls[3]?.options).toEqual({ stop: ['x'] });
  });
});
