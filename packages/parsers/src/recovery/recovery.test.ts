import {
  AIMessageChunk,
  ConfigError,
  LimitExceededError,
  OutputParserException,
  RunnableLambda,
  RunnablePassthrough,
  StringPromptValue,
} from '@pipewright/core';
import {
  FakeListChatModel,
  FakeStreamingChatModel,
  runnableLaws,
  ScriptedChatModel,
} from '@pipewright/core/testing';
import { describe, expect, test } from 'vitest';
import {
  BooleanOutputParser,
  JsonOutputParser,
  OutputFixingParser,
  type ParserInput,
  RetryOutputParser,
} from '../index.js';
import { parserLaws } from '../testing/index.js';

const scripted = (
  ...replies: ConstructorParameters<typeof ScriptedChatModel>[0]['replies']
): ScriptedChatModel => new ScriptedChatModel({ replies });
const asked = (model: ScriptedChatModel): (string | undefined)[] =>
  model.calls.map(({ messages }) => messages[0]?.text);

describe('laws of a parser that is given the prompt as well', () => {
  // The laws cut texts, so the prompt is put beside the text on the way.
  const retrying = () =>
    new RunnablePassthrough<ParserInput>()
      .pipe((completion) => ({ completion, prompt: 'Which city?' }))
      .pipe(
        RetryOutputParser.fromLLM(
          new FakeListChatModel({ responses: ['{"asked": "again"}'] }),
          new JsonOutputParser(),
        ),
      );

  for (const law of parserLaws(retrying, ['{"a": [1, 2]}', 'no JSON', '[see', '{x}']))
    test(law.name, () => law.check());
});

describe('laws', () => {
  const fixing = () =>
    OutputFixingParser.fromLLM(
      new FakeListChatModel({ responses: ['{"fixed": true}'] }),
      new JsonOutputParser(),
    );
  for (const law of parserLaws(fixing, ['{"a": [1, 2]}', 'no JSON', '[see', '{x}']))
    test(law.name, () => law.check());
  for (const law of runnableLaws(fixing, ['{"a": 1}', 'no JSON'])) test(law.name, () => law.check());
});

test('the model gets the text, the error and the instructions, and its answer is parsed', async () => {
  const model = scripted('Sorry: {"a": 1}');
  const parser = OutputFixingParser.fromLLM(model, new JsonOutputParser());
  expect(await parser.invoke('{a: 1}')).toEqual({ a: 1 });
  expect(asked(model)).toEqual([expect.stringContaining('{a: 1}')]);
  expect(asked(model)[0]).toContain('Expected a key in double quotes');
  expect(asked(model)[0]).toContain('Answer with JSON');
});

test('attempts are bounded, each is shown the answer before it, and the last error is thrown', async () => {
  const model = scripted('first', 'second', 'third');
  const parser = OutputFixingParser.fromLLM(model, new JsonOutputParser(), { maxRetries: 2 });
  const error: unknown = await parser.invoke('zero').catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(OutputParserException);
  expect(error).toMatchObject({ llmOutput: 'second' });
  expect(
    asked(model).map((text) => ['zero', 'first', 'second'].filter((word) => text?.includes(word))),
  ).toEqual([['zero'], ['first']]);
  await expect(
    OutputFixingParser.fromLLM(scripted(), new JsonOutputParser(), { maxRetries: 0 }).invoke('x'),
  ).rejects.toThrow(OutputParserException);
  expect(() => OutputFixingParser.fromLLM(scripted(), new JsonOutputParser(), { maxRetries: -1 })).toThrow(
    ConfigError,
  );
});

test('streaming: mended before the first chunk, from all of the text; not afterwards', async () => {
  const model = scripted('{"a": 1}');
  const parser = OutputFixingParser.fromLLM(model, new JsonOutputParser());
  expect(await parser.transform(['{"a" oops', ' the', ' rest']).final).toEqual({ a: 1 });
  expect(asked(model)[0]).toContain('{"a" oops the rest');

  const unused = scripted();
  const chunks: unknown[] = [];
  const stream = OutputFixingParser.fromLLM(unused, new JsonOutputParser()).transform(['{"a": "x', '" oops']);
  await expect(async () => {
    for await (const chunk of stream) chunks.push(chunk);
  }).rejects.toThrow(OutputParserException);
  expect(chunks).toEqual([{ a: 'x' }]);
  expect(unused.calls).toEqual([]);
});

test('what failed before the parser, and what is over a limit, is not handed to the model', async () => {
  const model = scripted();
  const parser = OutputFixingParser.fromLLM(model, new JsonOutputParser());
  const broken = scripted(['{"a"', new Error('connection lost')]);
  await expect(broken.pipe(parser).invoke('')).rejects.toThrow('connection lost');
  await expect(broken.pipe(parser).stream('').final).rejects.toThrow();
  await expect(parser.invoke('['.repeat(1_000))).rejects.toThrow(LimitExceededError);
  expect(model.calls).toEqual([]);
});

test('works in a chain over a stream of a model', async () => {
  const source = new FakeStreamingChatModel({ chunks: ['not', new AIMessageChunk(' JSON')] });
  const parser = new OutputFixingParser({
    model: RunnableLambda.from((question: string) => `{"asked": ${JSON.stringify(question)}}`),
    parser: new JsonOutputParser(),
    prompt: ({ completion }) => completion,
  });
  expect(await source.pipe(parser).stream('').final).toEqual({ asked: 'not JSON' });
  expect(parser.getFormatInstructions()).toContain('JSON');
});

test('retrying asks with the prompt', async () => {
  const model = scripted('Hm.', 'YES');
  const parser = RetryOutputParser.fromLLM(model, new BooleanOutputParser(), { maxRetries: 2 });
  expect(await parser.parseWithPrompt('Perhaps.', new StringPromptValue('Is it so?'))).toBe(true);
  expect(asked(model)).toEqual([expect.stringContaining('Is it so?'), expect.stringContaining('Hm.')]);
  expect(asked(model)[0]).toContain('Perhaps.');
  expect(await parser.parseWithPrompt('No.', 'Is it so?')).toBe(false);
  await expect(parser.invoke({ completion: 'x' } as never)).rejects.toThrow(ConfigError);
  expect(model.calls).toHaveLength(2);
});
